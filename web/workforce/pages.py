"""Duties on the map: who serves which grid, begun, replaced and ended from a day on."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.models import Level
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput
from gisgrid.labels.access import ROLES
from gisgrid.labels.table import N_
from gisgrid.labels.workforce import DUTIES
from gisgrid.workforce.duties import (
    GIVEN,
    DutyEvent,
    NewDuty,
    ServingDuty,
    begin_duty,
    duty_history,
    end_duty,
    serving_now,
    workers_here,
)
from layers.duties import DutyGrids
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, now, view_of
from web.frame import open_page, page_request, shell_for, show
from web.i18n import gettext as _
from web.i18n import label
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

duties = Pages("duties", __name__)


@duties.get(
    "/duties",
    right=Action.DUTIES_CHANGE,
    entries=(
        Entry(Group.SETTINGS, 1, "admin", N_("管理"), unless=Action.ACCOUNTS_MANAGE),
        Entry(Group.ADMINISTRATION, 3, "duties", N_("职责分工"), symbol="map"),
    ),
)
def on_map() -> str:
    """The grids with their primary members; a click opens who serves there."""
    return _show([])


class ShownDuty(ServingDuty):
    """A duty in the reader's language; ``later``: it begins on a day to come."""

    kind_name: str
    later: bool


def _show(faults: list[ProblemFault], code: str | None = None) -> str:
    view = open_page()
    code = code or request.args.get("area")
    shell = shell_for(view, [DutyGrids(url="/api/v1/duties")])
    if view is None:
        return show("workforce/duties.html", view, shell=shell, rows=[], area=None, faults=faults)
    view = view_of(page_request())  # who serves is changed from today on, whatever day is looked at
    rows = [_describe(row) for row in serving_now(view)]
    area = view.present.tree.by_code(code) if code else None
    return show(
        "workforce/duties.html",
        view,
        shell=shell,
        rows=rows,
        area=area,
        own=[row for row in rows if area and row["area"] == area.code],
        below=_below(view, area, rows),
        grids=view.present.tree.at_level(Level.GRID),
        holders={row["area"]: row["name"] for row in rows if row["primary"] and not row["later"]},
        kinds=[(kind, label(DUTIES, kind)) for kind in GIVEN] if area else [],
        workers=workers_here(view) if area else [],
        history=[_change_row(row) for row in duty_history(view, area.code)] if area else [],
        faults=faults,
        page_data={"area": area.code if area else None},
    )


def _below(view: View, area: TreeArea | None, rows: list[ShownDuty]) -> list[ShownDuty]:
    """Who serves the areas inside the one that is open."""
    inside = {child.code for child in view.present.tree.below(area.id)} - {area.code} if area else set()
    return [row for row in rows if row["area"] in inside]


def _describe(row: ServingDuty) -> ShownDuty:
    later = row["from"] > now().astimezone().date().isoformat()
    return {**row, "kind_name": label(DUTIES, row["kind"]), "later": later}


def _change_row(row: DutyEvent) -> dict[str, object]:
    kind = label(DUTIES, row["kind"]) if row["kind"] else ""
    role = label(ROLES, row["role"]) if row["role"] else "–"
    return {**row, "kind_name": kind, "role_name": role}


@duties.post("/duties", right=Action.DUTIES_CHANGE)
def begin() -> tuple[str, int] | Response:
    """Let somebody serve an area from a day on."""
    form, asked = request.form, page_request()
    code = form.get("area", "")
    close_reading()
    try:
        with writing_view(asked) as view:
            given = NewDuty(
                worker=form.get("worker", ""),
                area=code,
                kind=form.get("kind", ""),
                first=_day("first"),
                is_primary=form.get("primary") == "1",
                replaces=form.get("replaces") == "1",
            )
            begin_duty(view, given, now=now())
    except (InvalidInput, Conflict) as error:
        return _refused(error, code)
    flash(_("已保存。"), "good")
    return redirect(f"/duties?area={code}", 303)


@duties.post("/duties/<duty_id>/end", right=Action.DUTIES_CHANGE)
def end(duty_id: str) -> tuple[str, int] | Response:
    """End a duty after a day."""
    asked, code = page_request(), request.form.get("area", "")
    close_reading()
    try:
        with writing_view(asked) as view:
            end_duty(view, duty_id, _day("last"), now=now())
    except (InvalidInput, Conflict) as error:
        return _refused(error, code)
    flash(_("已保存。"), "good")
    return redirect(f"/duties?area={code}", 303)


def _refused(error: InvalidInput | Conflict, code: str) -> tuple[str, int]:
    if isinstance(error, InvalidInput):
        return _show([placed(fault) for fault in error.faults], code), 422
    return _show([placed(Fault(message=error.args[0]))], code), 409


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise BadRequest from None
