"""The page of needs that nobody serves and of people without aid; heads see it after a reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from flask import request

from gisgrid.access.actions import Action
from gisgrid.areas.view import View
from gisgrid.care.need_lists import (
    AID_DAYS,
    PAGE,
    NeedFilter,
    NeedList,
    UnaidedRow,
    UnservedRow,
    unaided_people,
    unserved_needs,
)
from gisgrid.labels.care import NEED_KINDS
from gisgrid.labels.table import N_
from layers.needs import UnservedNeeds
from layers.style import Legend
from web.answers import audited_view
from web.blueprints import Pages
from web.care.reasons import reason_of_form
from web.context import now
from web.frame import grid_choices, open_page, page_request, shell_for, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault

needs_pages = Pages("needs", __name__)
_UNAIDED: Final = "unaided"


@dataclass(frozen=True, slots=True, kw_only=True)
class _ChosenNeeds:
    """What of the lists is shown: which one, needs of which kind and of which grid."""

    show: str
    filter: NeedFilter

    @property
    def is_unaided(self) -> bool:
        """Whether it is the list of people without aid."""
        return self.show == _UNAIDED


@needs_pages.get(
    "/needs",
    right=Action.PERSONS_LIST,
    entries=(Entry(Group.VISITS, 3, "needs", N_("需要与帮扶")),),
)
def listing() -> str:
    """Needs without service in one's own grids; heads learn how many there are."""
    return _show(None, [])


@needs_pages.post("/needs", right=Action.PERSONS_LIST)
def opened() -> str | tuple[str, int]:
    """The same with a reason: heads see the list."""
    reason, faults = reason_of_form()
    return (_show(None, faults), 422) if faults else _show(reason, [])


@needs_pages.get(
    "/maps/needs",
    right=Action.FIGURES_VIEW,
    entries=(Entry(Group.VISITS, 4, "needs-map", N_("需要分布")),),
)
def map_of_needs() -> str:
    """How many people of each grid need something, and how many of them nobody serves."""
    view = open_page()
    legend = Legend(title=_("没人服务的需要"), unit=_("占有需要的人的百分比"))
    layers = [UnservedNeeds(legend, areas_url="/api/v1/areas", rows_url="/api/v1/needs/figures")]
    return show("care/needs_map.html", view, shell=shell_for(view, layers))


def _chosen() -> _ChosenNeeds:
    kind = request.args.get("kind", "")
    return _ChosenNeeds(
        show=_UNAIDED if request.args.get("show") == _UNAIDED else "",
        filter=NeedFilter(
            kind=kind if kind in NEED_KINDS else None, grid=request.args.get("grid", "")[:60] or None
        ),
    )


def _show(reason: str | None, faults: list[ProblemFault]) -> str:
    chosen, page = _chosen(), page_number()
    with audited_view(page_request()) as view:
        answer = _list(view, chosen, page, reason)
        grids = grid_choices(view)
    return show(
        "care/needs.html",
        view,
        answer=answer,
        chosen=chosen,
        pager=Pager(page=page, total=answer.total, size=PAGE),
        grids=grids,
        aid_days=AID_DAYS,
        faults=faults,
        query=request.query_string.decode("ascii", "ignore"),
    )


def _list(
    view: View, chosen: _ChosenNeeds, page: int, reason: str | None
) -> NeedList[UnservedRow] | NeedList[UnaidedRow]:
    if chosen.is_unaided:
        return unaided_people(view, chosen.filter, page=page, reason=reason, now=now())
    return unserved_needs(view, chosen.filter, page=page, reason=reason, now=now())
