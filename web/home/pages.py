"""The start page, by role."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.intake.receipts import OwnReport, reported_by
from gisgrid.figures.answers import ServingRow
from gisgrid.figures.whereabouts import PlaceRequest, own_grid
from gisgrid.labels.cases import CASE_STATES
from gisgrid.labels.figures import UNITS
from gisgrid.labels.table import N_
from gisgrid.labels.workforce import DUTIES
from gisgrid.notices.inbox import list_notices
from layers.cases import CasePoints
from layers.style import Legend
from layers.territories import AreaOutlines
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services
from web.frame import open_page, own_bounds, shell_for, show
from web.i18n import gettext as _
from web.i18n import label
from web.navigation import Entry, Group
from web.notices.view import ShownNotice, shown_notice
from web.security.gate import Open

home = Pages("home", __name__)

_TEMPLATES: Final = {
    Role.ADMIN: "home/admin.html",
    Role.HEAD: "home/staff.html",
    Role.STAFF: "home/staff.html",
    Role.LEADER: "home/leader.html",
    Role.MEMBER: "home/member.html",
    Role.GRID_LEADER: "home/member.html",
    Role.STEWARD: "home/member.html",
}
_OTHERS: Final = "home/resident.html"


@home.get("/", right=Open.SIGNED_IN, entries=(Entry(Group.MAPS, 1, "home", N_("首页")),))
def index() -> str:
    """What is to be done today, as far as the role goes."""
    actor = current_actor()
    view = open_page()
    template = _TEMPLATES.get(actor.role, _OTHERS) if actor.role else _OTHERS
    shell = None
    if template == "home/member.html" and view and may(actor, Action.AREAS_VIEW):
        cases = CasePoints(Legend(title=_("我的待办案件"), unit=label(UNITS, "cases")), url="/api/v1/cases")
        shell = shell_for(view, [AreaOutlines(url="/api/v1/areas"), cases], bounds=own_bounds(view))
    if template != _OTHERS:
        return show(template, view, shell=shell, notices=_notices())
    return show(template, view, reports=own_reports(view) if view else [], grid=_my_grid())


def _notices() -> list[ShownNotice[datetime]]:
    """What the account has been told and hasn't read, in its language."""
    if not may(current_actor(), Action.NOTICES_VIEW):
        return []
    tz = services().settings.tz
    rows = list_notices(read_session(), current_actor(), now=now(), tz=tz, unread=True)
    return [shown_notice(row) for row in rows]


class NamedServing(ServingRow):
    """Who serves an area, with the duty in the reader's language."""

    duty_name: str


class NamedGrid(TypedDict):
    """The grid of a household, with who serves it."""

    name: str | None
    code: str | None
    members: list[NamedServing]


class NamedReport(OwnReport):
    """What somebody has reported, with its state in the reader's language."""

    state_name: str


def _my_grid() -> NamedGrid | None:
    """The grid of the resident's household with who serves it; nothing where no household is linked."""
    site = services()
    asking = PlaceRequest(
        session=read_session(), actor=current_actor(), caches=site.cache, now=now(), tz=site.settings.tz
    )
    grid = own_grid(asking)
    if grid is None:
        return None
    members: list[NamedServing] = [
        {**member, "duty_name": label(DUTIES, member["duty"])} for member in grid["members"]
    ]
    return {"name": grid["name"], "code": grid["code"], "members": members}


def own_reports(view: View) -> list[NamedReport]:
    """What the account itself has reported, the newest first."""
    return [{**row, "state_name": label(CASE_STATES, row["state"])} for row in reported_by(view)]
