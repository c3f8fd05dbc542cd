"""Duty edits of a plan: who is to serve a grid, and in which capacity, from the publishing on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gisgrid.access.models import DutyKind
from gisgrid.errors import InvalidInput
from gisgrid.redraw.edits.tools import text_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """Somebody (a worker's id) serving an area, as one of those who do or as the primary one."""

    worker: str
    kind: str
    is_primary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyChange:
    """One duty edit. ``replaces``: whoever was primary in the same capacity is so no longer."""

    area: str
    served: Served
    is_end: bool = False
    replaces: bool = False


def duty_change(op: Mapping[str, Any]) -> DutyChange:
    """A duty edit as it was sent.

    Raises
    ------
    InvalidInput
        It names no area, no worker, or no capacity there is.
    """
    kind = text_of(op, "kind") if "kind" in op else DutyKind.GRID_MEMBER.value
    if kind not in set(DutyKind) or kind == DutyKind.BUILDING_STEWARD:
        raise InvalidInput("there is no such duty", field="kind")
    primary = _flag(op, "primary") and kind == DutyKind.GRID_MEMBER
    served = Served(worker=text_of(op, "worker"), kind=kind, is_primary=primary)
    return DutyChange(
        area=text_of(op, "area"), served=served, is_end=_flag(op, "end"), replaces=_flag(op, "replace")
    )


def _flag(op: Mapping[str, Any], name: str) -> bool:
    value = op.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput("is true or false", field=name)
    return value


def changed(known: frozenset[Served], change: DutyChange) -> frozenset[Served]:
    """Who serves an area after a duty edit; somebody has one duty of a kind, primary or not."""
    served = change.served
    others = {one for one in known if (one.worker, one.kind) != (served.worker, served.kind)}
    if change.is_end:
        return frozenset(others)
    if change.replaces and served.is_primary:
        others = {one for one in others if not (one.is_primary and one.kind == served.kind)}
    return frozenset(others | {served})
