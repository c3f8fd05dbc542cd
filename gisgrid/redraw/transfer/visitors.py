"""Who visits the elders that change hands, and with whom that is to be agreed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gisgrid.people.core.models import Resident
from gisgrid.redraw.transfer.answers import NamedVisitor, VisitToAgree
from gisgrid.welfare.queries import VisitorRow
from gisgrid.welfare.rules import to_agree_with


@dataclass(frozen=True, kw_only=True)
class Visits:
    """Who visits the elders that pass, by their ids, and with whom that is to be agreed, by households.

    Until it is in force a plan has agreed nothing: then it goes by who gives and takes.
    """

    rows: Mapping[str, VisitorRow]
    hands: Mapping[str, tuple[str | None, str | None]]
    workers: Mapping[str, str]
    is_to_come: bool

    def of(self, elder: Resident) -> VisitToAgree:
        """The visitor of an elder, and the name of the member it is to be agreed with."""
        visit = self.rows.get(elder.id)
        if visit is None:
            return {"visitor": None, "agree_with": None}
        visitor: NamedVisitor = {"kind": visit.kind, "name": visit.name}
        if not self.is_to_come:
            return {"visitor": visitor, "agree_with": visit.agree_with}
        giver, taker = self.hands[elder.household_id]
        agreeing = to_agree_with(visit.worker, visit.agreeing, giver=giver, taker=taker)
        return {"visitor": visitor, "agree_with": self.workers.get(agreeing or "")}
