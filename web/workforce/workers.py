"""People on duty for administrators: the list, and the card of one with what was changed."""

from __future__ import annotations

import re

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.access.trail import history_of
from gisgrid.access.workers import PAGE, WorkerFields, add_worker, change_worker, find_worker, list_workers
from gisgrid.cases.core.skills import known_skills, set_skills, skills_of
from gisgrid.errors import InvalidInput
from gisgrid.labels.table import N_
from web.access.trail import audit_row
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, write_session
from web.frame import show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault, placed

workers = Pages("workers", __name__)
_FIELDS = ("name", "code", "office_phone", "birth_year", "education")


@workers.get(
    "/workers",
    right=Action.WORKERS_MANAGE,
    entries=(Entry(Group.ADMINISTRATION, 2, "workers", N_("工作人员"), symbol="people"),),
)
def listing() -> str:
    """People on duty by name or number, and the form for a new one."""
    return _show_list([], {})


def _show_list(faults: list[ProblemFault], typed: dict[str, str]) -> str:
    text, page = request.args.get("q", "").strip()[:80], page_number()
    rows, total = list_workers(read_session(), current_actor(), now=now(), text=text, page=page)
    pager = Pager(page=page, total=total, size=PAGE)
    return show(
        "workforce/workers.html", None, rows=rows, pager=pager, asked={"q": text}, faults=faults, typed=typed
    )


@workers.post("/workers", right=Action.WORKERS_MANAGE)
def create() -> tuple[str, int] | Response:
    """A new person on duty; what was typed stays where something is wrong with it."""
    typed = _typed()
    close_reading()
    try:
        with write_session() as session:
            worker_id = add_worker(session, current_actor(), _given(typed), now=now())
    except InvalidInput as error:
        return _show_list([placed(fault) for fault in error.faults], typed), 422
    flash(_("已保存。"), "good")
    return redirect(f"/workers/{worker_id}", 303)


@workers.get("/workers/<worker_id>", right=Action.WORKERS_MANAGE)
def worker(worker_id: str) -> str:
    """One person on duty."""
    return _show_worker(worker_id, [], {})


def _show_worker(worker_id: str, faults: list[ProblemFault], typed: dict[str, str]) -> str:
    session, actor = read_session(), current_actor()
    person = find_worker(session, actor, worker_id)
    return show(
        "workforce/worker.html",
        None,
        worker_id=worker_id,
        name=person.name,
        fields=typed if "name" in typed else {name: getattr(person, name) or "" for name in _FIELDS},
        skills=skills_of(session, actor, worker_id),
        known=known_skills(session, actor),
        typed_skills=typed.get("skills"),
        history=[audit_row(row) for row in history_of(session, actor, "worker", worker_id)],
        faults=faults,
    )


@workers.post("/workers/<worker_id>", right=Action.WORKERS_MANAGE)
def change(worker_id: str) -> tuple[str, int] | Response:
    """Other fields for somebody."""
    typed = _typed()
    close_reading()
    try:
        with write_session() as session:
            change_worker(session, current_actor(), worker_id, _given(typed), now=now())
    except InvalidInput as error:
        return _show_worker(worker_id, [placed(fault) for fault in error.faults], typed), 422
    flash(_("已保存。"), "good")
    return redirect(f"/workers/{worker_id}", 303)


@workers.post("/workers/<worker_id>/skills", right=Action.WORKERS_MANAGE)
def keep_skills(worker_id: str) -> tuple[str, int] | Response:
    """What somebody is able to do: those that were ticked, and new ones with commas between."""
    more = request.form.get("more", "").strip()
    close_reading()
    try:
        with write_session() as session:
            skills = [*request.form.getlist("skill"), *re.split("[,,、;;]", more)]
            set_skills(session, current_actor(), worker_id, skills, now=now())
    except InvalidInput as error:
        return _show_worker(worker_id, [placed(fault) for fault in error.faults], {"skills": more}), 422
    flash(_("已保存。"), "good")
    return redirect(f"/workers/{worker_id}#skills", 303)


def _typed() -> dict[str, str]:
    return {name: request.form.get(name, "").strip() for name in _FIELDS}


def _given(typed: dict[str, str]) -> WorkerFields:
    year = typed["birth_year"]
    if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
        raise InvalidInput("this is no year of birth", field="birth_year")
    return WorkerFields(
        name=typed["name"],
        code=typed["code"] or None,
        office_phone=typed["office_phone"] or None,
        birth_year=int(year) if year else None,
        education=typed["education"] or None,
    )
