"""Warnings that stand when a plan is published: the reason given for them is kept with their list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from typing_extensions import TypedDict

from gisgrid.errors import Conflict, Sentence, say, some_of
from gisgrid.redraw.rules.checks import stopping
from gisgrid.redraw.rules.rules import FindingRow, Weight


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A rule somebody publishes in spite of, on one grid or on all."""

    rule: str
    grid: str | None = None


class KeptWarning(TypedDict):
    """A warning as it is kept with a publishing: the parts of its sentence."""

    rule: str
    grid: str | None
    name: str
    template: str
    values: dict[str, Any]


class AcceptedWarning(TypedDict):
    """A warning that a plan was published in spite of."""

    rule: str
    grid: str | None
    name: str
    message: str


def accepted_warnings(rows: Iterable[FindingRow], accepts: Sequence[Accepted] | None) -> list[KeptWarning]:
    """The warnings of a plan's own grids that its reason is given for, as they are kept.

    Without a list the reason stands for all that are there.

    Raises
    ------
    Conflict
        A finding stops the plan, or the list leaves a warning out.
    """
    rows = list(rows)
    blocking = stopping(rows)
    if blocking:
        raise Conflict(blocking[0]["message"])
    warnings = [row for row in rows if row["touched"] and row["level"] == Weight.WARN]
    if accepts is not None:
        missing = [row for row in warnings if not _is_in(row, accepts)]
        if missing:
            rules = some_of({f"{row['rule']} ({row['grid']})" for row in missing})
            raise Conflict(say("give a reason for these findings too: {rules}", rules=rules))
    return [_kept(row) for row in warnings]


def _is_in(row: FindingRow, accepts: Sequence[Accepted]) -> bool:
    return any(accepted.rule == row["rule"] and accepted.grid in {None, row["grid"]} for accepted in accepts)


def _kept(row: FindingRow) -> KeptWarning:
    message = row["message"]
    return {
        "rule": row["rule"],
        "grid": row["grid"],
        "name": row["name"],
        "template": message.template if isinstance(message, Sentence) else message,
        "values": dict(message.values) if isinstance(message, Sentence) else {},
    }


def warning_sentences(warnings: Iterable[KeptWarning]) -> list[AcceptedWarning]:
    """Kept warnings as sentences again, which a page can put in its reader's language."""
    return [
        {
            "rule": warning["rule"],
            "grid": warning["grid"],
            "name": warning["name"],
            "message": say(warning["template"], **warning["values"]),
        }
        for warning in warnings
    ]
