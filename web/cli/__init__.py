"""The ``gisgrid`` command: every subcommand is imported only when it is called."""

from __future__ import annotations

from web.cli.root import main

__all__ = ["main"]
