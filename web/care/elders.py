"""The page of the elders to visit; with a reason heads see names, and anybody gets a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from flask import request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View, ViewRequest
from gisgrid.care.worklist import (
    LONGEST_UNSEEN,
    PAGE,
    WALK_M,
    ElderFilter,
    ElderWorkRow,
    list_elders,
)
from gisgrid.figures.elder_visits import ElderState
from gisgrid.figures.tables import FigureTable
from gisgrid.labels.care import ELDER_STATES, NEED_KINDS
from gisgrid.labels.files import YES_NO
from gisgrid.labels.people import VISITORS
from gisgrid.labels.table import N_
from gisgrid.labels.tasks import SHIPPED_RULES
from web.answers import audited_view, csv_answer
from web.blueprints import Pages
from web.care.reasons import reason_of_form
from web.context import now
from web.frame import grid_choices, page_request, show
from web.i18n import label
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault

elder_pages = Pages("elders", __name__)
_UNSEEN: Final = 30
_COLUMNS: Final = (
    *("address", "name", "age", "living", "state", "rule", "met", "due", "overdue_days"),
    *("visitor", "reached", "station_m", "grid"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Chosen:
    """What of the list is shown: a word of the address, and for how many days somebody was not met."""

    show: str
    unseen: int
    grid: str | None

    @property
    def filter(self) -> ElderFilter:
        """In the core's form."""
        return ElderFilter(
            without_visitor=self.show == "no_visitor",
            unseen_days=self.unseen if self.show == "unseen" else None,
            state=ElderState.OVERDUE if self.show == "overdue" else None,
            grid=self.grid,
        )


@elder_pages.get(
    "/elders",
    right=Action.PERSONS_LIST,
    entries=(Entry(Group.VISITS, 2, "elders", N_("老人走访")),),
)
def listing() -> str:
    """The elders in one's own grids; heads see the community with masked names."""
    return _show(None, [])


@elder_pages.post("/elders", right=Action.PERSONS_LIST)
def opened() -> str | tuple[str, int]:
    """The same with a reason: heads see whole names."""
    reason, faults = reason_of_form()
    return (_show(None, faults), 422) if faults else _show(reason, [])


@elder_pages.post("/elders/file", right=Action.PERSONS_LIST)
def file() -> Response | tuple[str, int]:
    """The list as CSV, after a reason, which is kept with who took it."""
    reason, faults = reason_of_form()
    if faults:
        return _show(None, faults), 422
    chosen = _chosen()

    def table(view: View) -> FigureTable[Any]:
        require(view.actor, Action.EXPORTS_MAKE)
        answer = list_elders(view, chosen.filter, page=None, reason=reason, now=now())
        return FigureTable(rows=[_line(row) for row in answer.rows])

    asked = ViewRequest(community=page_request().community)
    return csv_answer("elders", asked, table, columns=_COLUMNS)


def _rule(code: str) -> str:
    """What a rule is called; one of the community's own by its code."""
    return label(SHIPPED_RULES, code) if code in SHIPPED_RULES else code


def _line(row: ElderWorkRow) -> dict[str, Any]:
    words = {
        "living": label(NEED_KINDS, row["living"]) if row["living"] else "",
        "state": label(ELDER_STATES, row["state"]),
        "rule": _rule(row["rule"] or ""),
        "reached": label(YES_NO, "yes" if row["reached"] else "no"),
        "visitor": row["visitor"] or (label(VISITORS, row["visitor_kind"]) if row["visitor_kind"] else ""),
    }
    return {name: words.get(name, row.get(name)) for name in _COLUMNS}


def _chosen() -> _Chosen:
    text = request.args.get("unseen", "")
    days = int(text[:6]) if text.isascii() and text.isdigit() else _UNSEEN
    return _Chosen(
        show=request.args.get("show", ""),
        unseen=min(max(days, 1), LONGEST_UNSEEN),
        grid=request.args.get("grid") or None,
    )


def _show(reason: str | None, faults: list[ProblemFault]) -> str:
    chosen, page = _chosen(), page_number()
    with audited_view(page_request()) as view:
        answer = list_elders(view, chosen.filter, page=page, reason=reason, now=now())
        grids = grid_choices(view)
    return show(
        "care/elders.html",
        view,
        answer=answer,
        chosen=chosen,
        pager=Pager(page=page, total=answer.total, size=PAGE),
        grids=grids,
        walk_m=round(WALK_M),
        faults=faults,
        query=request.query_string.decode("ascii", "ignore"),
    )
