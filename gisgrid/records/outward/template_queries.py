"""Which templates a community has, one with its places, its approvals and how often it was filled."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import and_, func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.view import View
from gisgrid.days import local_text, local_text_or_none
from gisgrid.records.core.outward_models import OutwardForm
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.approval_queries import AreaApproval, area_approvals
from gisgrid.records.outward.approvals import needs_approval
from gisgrid.records.outward.fields import read_fields
from gisgrid.records.outward.run_queries import RunListed, last_runs, runs_of
from gisgrid.records.outward.templates import KeptTemplate, template_of


class TemplateListed(TypedDict):
    """A template in the list; `planned` of its `places` have a field."""

    code: str
    number: int
    title: str
    department: str
    rows: str
    legal_basis: str
    needs_approval: bool
    planned: int
    places: int
    is_closed: bool
    made_at: str
    last_run: str | None


class TemplatePlace(TypedDict):
    """A column or a single cell of a sheet, and the field that stands there."""

    place: str
    title: str
    field: str | None


class TemplateSheetRow(TypedDict):
    """A sheet: what its rows are about, which persons, its columns and single cells."""

    sheet: str
    rows: str
    people: str
    head_row: int
    columns: list[TemplatePlace]
    cells: list[TemplatePlace]


class TemplateOpened(TemplateListed):
    """A template with its places, the fields to choose from, its approvals and its last runs."""

    sheets: list[TemplateSheetRow]
    row_fields: Annotated[
        Mapping[str, Mapping[str, str]], Field(description="the word by field, by kind of rows")
    ]
    cell_fields: Mapping[str, str]
    approvals: list[AreaApproval]
    runs: list[RunListed]


def list_templates(view: View) -> list[TemplateListed]:
    """The templates of a community: open ones by code, closed ones behind them.

    Raises
    ------
    NotAllowed
        The role fills no tables.
    """
    require(view.actor, Action.OUTWARD_FILL)
    here = OutwardForm.owner_area_id == view.community.id
    newest = (
        select(OutwardForm.code, func.max(OutwardForm.number).label("number"))
        .where(here)
        .group_by(OutwardForm.code)
        .subquery()
    )
    same = and_(newest.c.code == OutwardForm.code, newest.c.number == OutwardForm.number)
    statement = (
        select(OutwardForm)
        .join(newest, same)
        .where(here)
        .order_by(OutwardForm.closed_at.is_not(None), OutwardForm.code)
    )
    runs = last_runs(view)
    return [_listed(view, form, runs.get(form.code)) for form in view.session.scalars(statement)]


def _listed(view: View, form: OutwardForm, last_run: datetime | None) -> TemplateListed:
    sheets, shapes = form.cells["sheets"], form.cells["shapes"]
    return {
        "code": form.code,
        "number": form.number,
        "title": form.title,
        "department": form.department,
        "rows": form.rows,
        "legal_basis": form.legal_basis,
        "needs_approval": needs_approval(form),
        "planned": sum(len(sheet["columns"]) + len(sheet["cells"]) for sheet in sheets),
        "places": sum(len(shape["heads"]) + len(shape["leads"]) for shape in shapes),
        "is_closed": form.closed_at is not None,
        "made_at": local_text(form.made_at, view.tz),
        "last_run": local_text_or_none(last_run, view.tz),
    }


def open_template(view: View, code: str, *, now: datetime) -> TemplateOpened:
    """The newest version of a template with all that its page tells.

    Raises
    ------
    NotAllowed
        The role fills no tables.
    NotFound
        No such template in the community.
    """
    require(view.actor, Action.OUTWARD_FILL)
    kept, fields = template_of(view, code), read_fields(view)
    return {
        **_listed(view, kept.form, last_runs(view).get(code)),
        "sheets": _sheets(kept),
        "row_fields": {rows.value: fields.words(rows) for rows in OutwardRows},
        "cell_fields": fields.cell_words(),
        "approvals": area_approvals(view, kept.form, now=now) if needs_approval(kept.form) else [],
        "runs": runs_of(view, code),
    }


def _sheets(kept: KeptTemplate) -> list[TemplateSheetRow]:
    planned = {sheet.sheet: sheet for sheet in kept.sheets}
    rows: list[TemplateSheetRow] = []
    for shape in kept.shapes:
        sheet = planned.get(shape.title)
        columns, cells = (sheet.columns, sheet.cells) if sheet else ({}, {})
        rows.append(
            {
                "sheet": shape.title,
                "rows": sheet.rows if sheet else OutwardRows.PERSON,
                "people": sheet.people if sheet else "everyone",
                "head_row": shape.head_row,
                "columns": [_place(head.column, head.title, columns) for head in shape.heads],
                "cells": [_place(lead.cell, lead.label, cells) for lead in shape.leads],
            }
        )
    return rows


def _place(place: str, title: str, planned: Mapping[str, str]) -> TemplatePlace:
    return {"place": place, "title": title, "field": planned.get(place)}
