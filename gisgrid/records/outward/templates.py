"""Templates of a community: kept with what each place is, a new version for each change, then closed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import undefer

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.outward_models import OutwardForm
from gisgrid.records.outward.fields import OutwardFields, read_fields
from gisgrid.records.outward.guesses import RememberedTitles, guess_sheet, remember_titles
from gisgrid.records.outward.sheet_faults import sheet_faults
from gisgrid.records.outward.sheets import OutwardSheet, rows_of, sheets_from_json, sheets_to_json
from gisgrid.records.outward.template_shapes import (
    TemplateFile,
    TemplateSheet,
    shapes_from_json,
    shapes_to_json,
)
from gisgrid.storage.base import new_id

MOST_TEMPLATES: Final = 100
_LONGEST: Final = 120
_REMEMBERED: Final = 200
"""So many of the newest versions are looked at for what was answered before."""
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
_MOST_TELLING: Final = (
    Purpose.SENSITIVE_NEEDS,
    Purpose.ELDER_VISITS,
    Purpose.VISIT_NOTES,
    Purpose.CONTRACTED_SERVICES,
    Purpose.CONTACT,
    Purpose.REGISTRATION,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateInput:
    """What is said of a template: who wants it, its title, by which law; the code of one that is kept."""

    department: str
    title: str
    legal_basis: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTemplate:
    """A version of a template with what each place is and the shape of its sheets."""

    form: OutwardForm
    sheets: Sequence[OutwardSheet]
    shapes: Sequence[TemplateSheet]


def keep_template(view: View, file: TemplateFile, sent: TemplateInput, *, now: datetime) -> OutwardForm:
    """Keep a workbook as a template; what its heads are is guessed, and said by people afterwards.

    With the code of a template that is kept the workbook becomes its next version.

    Raises
    ------
    NotAllowed
        The role keeps no templates.
    InvalidInput
        A word is missing or too long, or the code is none; all faults at once.
    Conflict
        There are as many templates as there may be, or the one of this code is closed.
    """
    require(view.actor, Action.OUTWARD_KEEP)
    if faults := list(_input_faults(sent)):
        raise InvalidInput(faults)
    wait_for_others(view.session, view.community.id)
    last = _last_version(view, sent.code) if sent.code else None
    if last is not None:
        _check_open(last)
    else:
        _check_count(view)
    fields, title = read_fields(view), sent.title.strip()
    before = _remembered(view)
    sheets = [guess_sheet(shape, fields, before, title=title) for shape in file.sheets]
    sheets = _carried_over(last, sheets)
    form = OutwardForm(
        id=new_id(),
        owner_area_id=view.community.id,
        code=sent.code or _next_code(view),
        number=last.number + 1 if last else 1,
        department=sent.department.strip(),
        title=title,
        legal_basis=sent.legal_basis.strip(),
        template=file.content,
        made_at=now,
        made_by=view.actor.account_id,
    )
    _describe(form, fields, sheets, file.sheets)
    return _kept(view, form, now=now)


def _carried_over(last: OutwardForm | None, sheets: Sequence[OutwardSheet]) -> list[OutwardSheet]:
    """What the version before said of which rows there are is kept for sheets of the same name."""
    before = {sheet.sheet: sheet for sheet in sheets_from_json(last.cells)} if last else {}
    return [
        replace(sheet, people=before[sheet.sheet].people)
        if sheet.sheet in before and before[sheet.sheet].rows == sheet.rows
        else sheet
        for sheet in sheets
    ]


def _input_faults(sent: TemplateInput) -> Iterator[Fault]:
    for name in ("department", "title", "legal_basis"):
        text = getattr(sent, name).strip()
        if not text:
            yield Fault(message=say("this is missing"), field=name)
        elif len(text) > _LONGEST:
            yield Fault(message=say("at most {most} characters", most=_LONGEST), field=name)
    if sent.code is not None and not _CODE.fullmatch(sent.code):
        yield Fault(message=say("a code has letters, figures, - and _, at most 40"), field="code")


def change_sheets(view: View, code: str, sheets: Sequence[OutwardSheet], *, now: datetime) -> OutwardForm:
    """Say anew which place is which field: a new version of the template, by the same workbook.

    Raises
    ------
    NotAllowed
        The role keeps no templates.
    NotFound
        No such template in the community.
    InvalidInput
        A sheet, place or field that doesn't exist; all faults at once.
    Conflict
        The template is closed.
    """
    require(view.actor, Action.OUTWARD_KEEP)
    wait_for_others(view.session, view.community.id)
    kept, fields = template_of(view, code), read_fields(view)
    _check_open(kept.form)
    if faults := sheet_faults(sheets, kept.shapes, fields):
        raise InvalidInput(faults)
    if tuple(sheets) == tuple(kept.sheets):
        return kept.form
    form = OutwardForm(
        **{name: getattr(kept.form, name) for name in ("owner_area_id", "code", "department", "title")},
        id=new_id(),
        number=kept.form.number + 1,
        legal_basis=kept.form.legal_basis,
        template=template_bytes(view, kept.form),
        made_at=now,
        made_by=view.actor.account_id,
    )
    _describe(form, fields, sheets, kept.shapes)
    return _kept(view, form, now=now)


def close_template(view: View, code: str, *, now: datetime) -> None:
    """Close a template: nobody fills or changes it any more; what was filled stays on record.

    Raises
    ------
    NotAllowed
        The role keeps no templates.
    NotFound
        No such template in the community.
    Conflict
        It is closed already.
    """
    require(view.actor, Action.OUTWARD_KEEP)
    wait_for_others(view.session, view.community.id)
    form = template_of(view, code).form
    _check_open(form)
    versions = (OutwardForm.owner_area_id == view.community.id) & (OutwardForm.code == code)
    view.session.execute(update(OutwardForm).where(versions).values(closed_at=now))
    record(view.session, view.actor, "outward:close", "outward_form", now=now, object_id=form.id)
    view.session.flush()


def template_of(view: View, code: str) -> KeptTemplate:
    """The newest version of a template.

    Raises
    ------
    NotFound
        No such template in the community.
    """
    form = _last_version(view, code)
    if form is None:
        raise NotFound("no such template")
    return kept_template(form)


def kept_template(form: OutwardForm) -> KeptTemplate:
    """A version with what it keeps read."""
    return KeptTemplate(
        form=form, sheets=sheets_from_json(form.cells), shapes=shapes_from_json(form.cells["shapes"])
    )


def template_bytes(view: View, form: OutwardForm) -> bytes:
    """The workbook of a version."""
    statement = select(OutwardForm).where(OutwardForm.id == form.id).options(undefer(OutwardForm.template))
    return view.session.scalars(statement.execution_options(populate_existing=True)).one().template


def _last_version(view: View, code: str) -> OutwardForm | None:
    of_code = (OutwardForm.owner_area_id == view.community.id) & (OutwardForm.code == code)
    statement = select(OutwardForm).where(of_code).order_by(OutwardForm.number.desc()).limit(1)
    return view.session.scalar(statement.execution_options(populate_existing=True))


def _check_open(form: OutwardForm) -> None:
    if form.closed_at is not None:
        raise Conflict("this template is closed")


def _check_count(view: View) -> None:
    open_here = (OutwardForm.owner_area_id == view.community.id) & OutwardForm.closed_at.is_(None)
    count = view.session.scalar(select(func.count(OutwardForm.code.distinct())).where(open_here)) or 0
    if count >= MOST_TEMPLATES:
        raise Conflict(say("a community has at most {most} templates", most=MOST_TEMPLATES))


def _next_code(view: View) -> str:
    here = OutwardForm.owner_area_id == view.community.id
    taken = set(view.session.scalars(select(OutwardForm.code).where(here).distinct()))
    return next(code for number in range(1, len(taken) + 2) if (code := f"B{number:03}") not in taken)


def _remembered(view: View) -> RememberedTitles:
    here = OutwardForm.owner_area_id == view.community.id
    newest = select(OutwardForm).where(here).order_by(OutwardForm.made_at.desc(), OutwardForm.id.desc())
    kept = [kept_template(form) for form in view.session.scalars(newest.limit(_REMEMBERED))]
    return remember_titles([(template.shapes, template.sheets) for template in reversed(kept)])


def _describe(
    form: OutwardForm, fields: OutwardFields, sheets: Sequence[OutwardSheet], shapes: Sequence[TemplateSheet]
) -> None:
    """Write what a version keeps beside its workbook."""
    form.cells = {**sheets_to_json(sheets), "shapes": shapes_to_json(shapes)}
    form.rows = rows_of(sheets)
    purposes = fields.purposes(sheets)
    form.purpose = next((purpose for purpose in _MOST_TELLING if purpose in purposes), None)


def _kept(view: View, form: OutwardForm, *, now: datetime) -> OutwardForm:
    view.session.add(form)
    record(view.session, view.actor, "outward:keep", "outward_form", now=now, object_id=form.id)
    view.session.flush()
    return form
