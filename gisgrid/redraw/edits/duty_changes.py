"""Changes of duty in a plan: who is to serve a grid, and in which capacity, from the publishing on."""

from __future__ import annotations

from dataclasses import dataclass


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


def changed(known: frozenset[Served], change: DutyChange) -> frozenset[Served]:
    """Who serves an area after a duty edit; somebody has one duty of a kind, primary or not."""
    served = change.served
    others = {duty for duty in known if (duty.worker, duty.kind) != (served.worker, served.kind)}
    if change.is_end:
        return frozenset(others)
    if change.replaces and served.is_primary:
        others = {duty for duty in others if not (duty.is_primary and duty.kind == served.kind)}
    return frozenset(others | {served})
