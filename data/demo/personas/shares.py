"""Shares of people, by names that `shares.csv` explains."""

from __future__ import annotations

from data.demo.tables import read_shares


def share_of(name: str) -> float:
    """A share by its name."""
    return read_shares("demo/personas/shares")[name]
