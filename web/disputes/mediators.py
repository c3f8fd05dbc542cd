"""The directory of mediators, and the grades and follow-up days of disputes."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import View
from gisgrid.cases.disputes.grades import (
    GradeRule,
    Grades,
    change_grades,
    grade_versions,
    grades_of,
    read_days,
)
from gisgrid.cases.disputes.pipeline import Grade
from gisgrid.cases.mediation.clues import clue_buildings, dispute_categories
from gisgrid.cases.mediation.mediators import (
    MediatorFields,
    drop_mediator,
    keep_mediator,
    list_mediators,
    possible_mediators,
)
from gisgrid.errors import Fault, InvalidInput
from gisgrid.places.models import Facility
from web.answers import writing_view
from web.blueprints import Pages
from web.context import close_reading, now, view_of
from web.frame import page_request, show
from web.i18n import gettext as _
from web.problems import ProblemFault, placed
from web.words.categories import category_word

mediators = Pages("mediators", __name__)


@mediators.get("/mediators", right=Action.MEDIATORS_KEEP)
def listing() -> str:
    """Everybody in the directory, and the form to take somebody in."""
    return _show_directory([], {}, ())


def _show_directory(faults: list[ProblemFault], typed: dict[str, str], chosen: tuple[str, ...]) -> str:
    view = view_of(page_request())
    rows = list_mediators(view, now=now())
    categories = dispute_categories(view)
    return show(
        "disputes/mediators.html",
        view,
        rows=rows,
        people=[*rows, *possible_mediators(view)],
        categories=categories,
        names={category["code"]: category_word(category["name"]) for category in categories},
        buildings=clue_buildings(view),
        stations=_stations(view),
        faults=faults,
        typed=typed,
        chosen=chosen,
    )


def _stations(view: View) -> list[dict[str, str]]:
    statement = select(Facility.id, Facility.name).where(Facility.community_id == view.community.id)
    rows = view.session.execute(statement.order_by(Facility.name))
    return [{"id": row.id, "name": row.name} for row in rows]


@mediators.post("/mediators", right=Action.MEDIATORS_KEEP)
def keep() -> tuple[str, int] | Response:
    """Take somebody in, or change what is kept of them."""
    asked = page_request()
    typed = {name: request.form.get(name, "")[:200] for name in ("worker", "building", "facility", "resting")}
    chosen = tuple(request.form.getlist("specialties")[:50])
    close_reading()
    try:
        with writing_view(asked) as view:
            keep_mediator(view, typed["worker"], _fields(view, typed, chosen), now=now())
    except InvalidInput as error:
        return _show_directory([placed(fault) for fault in error.faults], typed, chosen), 422
    flash(_("已保存。"), "good")
    return redirect("/mediators", 303)


def _fields(view: View, typed: dict[str, str], chosen: tuple[str, ...]) -> MediatorFields:
    """What was sent; a building that is named by no address of the list is told as missing by the core."""
    by_address = {clue_building["address"]: clue_building["id"] for clue_building in clue_buildings(view)}
    building = typed["building"].strip()
    return MediatorFields(
        specialties=chosen,
        building=(by_address.get(building, building) or None) if building else None,
        facility=typed["facility"] or None,
        is_resting=typed["resting"] == "1",
    )


@mediators.post("/mediators/<worker_id>/drop", right=Action.MEDIATORS_KEEP)
def drop(worker_id: str) -> Response:
    """Take somebody out of the directory."""
    asked = page_request()
    close_reading()
    with writing_view(asked) as view:
        drop_mediator(view, worker_id, now=now())
    flash(_("已移出名册。"), "good")
    return redirect("/mediators", 303)


@mediators.get("/settings/disputes", right=Action.DISPUTE_GRADES_CHANGE)
def settings() -> str:
    """Grades and follow-up days, and all versions there have been."""
    return _show_settings([], {})


def _show_settings(faults: list[ProblemFault], typed: dict[str, str]) -> str:
    view = view_of(page_request())
    versions = grade_versions(view)
    filled = {**_filled(grades_of(view.session, view.community.id)), **typed}
    return show(
        "disputes/settings.html", view, grades=list(Grade), form=filled, versions=versions, faults=faults
    )


def _filled(grades: Grades) -> dict[str, Any]:
    fields = {f"{key}.name": rule.name for key, rule in grades.items()}
    return fields | {f"{key}.days": ", ".join(map(str, rule.days)) for key, rule in grades.items()}


@mediators.post("/settings/disputes", right=Action.DISPUTE_GRADES_CHANGE)
def change() -> tuple[str, int] | Response:
    """New grades from now on; what is settled keeps its days."""
    asked = page_request()
    names = [f"{key}.{part}" for key in Grade for part in ("name", "days")]
    typed = {name: request.form.get(name, "").strip()[:80] for name in names}
    close_reading()
    try:
        grades = _sent(typed)
        with writing_view(asked) as view:
            change_grades(view, grades, now=now())
    except InvalidInput as error:
        return _show_settings([placed(fault) for fault in error.faults], typed), 422
    flash(_("已保存。"), "good")
    return redirect("/settings/disputes", 303)


def _sent(typed: dict[str, str]) -> Grades:
    grades, faults = {}, []
    for key in Grade:
        try:
            grades[key] = GradeRule(name=typed[f"{key}.name"], days=read_days(typed[f"{key}.days"]))
        except InvalidInput as error:
            faults += [Fault(message=fault.message, field=f"{key}.days") for fault in error.faults]
    if faults:
        raise InvalidInput(faults)
    return grades
