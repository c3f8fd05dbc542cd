"""Rules about visitors: of what kind they are, and what becomes of them when a grid changes hands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gisgrid.errors import Fault, InvalidInput

NAME_LIMIT: Final = 80


class VisitorKind(StrEnum):
    """What kind of visitor somebody has."""

    WORKER = "worker"
    VOLUNTEER = "volunteer"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorInput:
    """Who is to visit: a person on duty by the worker's id, or a volunteer or an organisation by name.

    Raises
    ------
    InvalidInput
        The one that is needed is missing, the other one is given too, or the name is too long.
    """

    kind: VisitorKind
    worker: str | None = None
    name: str | None = None

    def __post_init__(self) -> None:
        """Refuse what names nobody, or two."""
        is_worker = self.kind == VisitorKind.WORKER
        faults = []
        if is_worker != bool(self.worker):
            message = "a person on duty is needed" if is_worker else "only a visitor on duty has one"
            faults.append(Fault(message=message, field="worker"))
        if is_worker == bool((self.name or "").strip()):
            message = "a person on duty is named by the duty" if is_worker else "a name is needed"
            faults.append(Fault(message=message, field="name"))
        if len(self.name or "") > NAME_LIMIT:
            faults.append(Fault(message="the name is too long", field="name"))
        if faults:
            raise InvalidInput(faults)


def to_agree_with(
    visitor: str | None, agreeing: str | None, *, giver: str | None, taker: str | None
) -> str | None:
    """With whom it is to be agreed who visits, once a household has gone from one member to another.

    Where the one who gives it up was the visitor, or was still to agree: with the one who takes it. The
    visitor stays until then. All are ids of workers; nobody to agree with is nothing.
    """
    if taker is None or giver == taker:
        return agreeing
    if visitor == taker:
        return None
    if giver is not None and giver in {visitor, agreeing}:
        return taker
    return agreeing
