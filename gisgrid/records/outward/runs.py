"""Filling a template: what stands in it, and the note that it was filled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from gisgrid.access.audit import record
from gisgrid.areas.tree import TreeArea
from gisgrid.areas.view import View
from gisgrid.errors import Conflict
from gisgrid.records.core.outward_models import OutwardForm, OutwardRun
from gisgrid.records.outward.approvals import areas_of, check_approved, open_fill
from gisgrid.records.outward.content import OutwardContent, read_content
from gisgrid.records.outward.fields import OutwardFields, read_fields
from gisgrid.records.outward.scope import OutwardRequest, OutwardScope
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.outward.templates import template_bytes, template_of
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardFill:
    """A template with all that goes into it, for who writes the workbook."""

    form: OutwardForm
    template: bytes
    sheets: Sequence[OutwardSheet]
    fields: OutwardFields
    scope: OutwardScope
    areas: Sequence[TreeArea]
    content: OutwardContent
    as_of: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """What a filled workbook has: rows, cells that somebody would have to type, and how they came to be."""

    rows: int
    cells: int
    prefilled: int
    empty: int
    no_consent: int
    sha256: str


def read_fill(view: View, code: str, wanted: OutwardRequest, *, now: datetime) -> OutwardFill:
    """What a template holds for a grid or the community, by what people agreed to.

    Raises
    ------
    NotAllowed, NotFound, InvalidInput
        As :func:`open_fill` and :func:`read_content`.
    Conflict
        The template is closed, or lists persons and nobody has approved it.
    """
    kept, scope = open_fill(view, code, wanted)
    areas = areas_of(view, scope)
    check_approved(view, kept.form, areas, now=now)
    fields = read_fields(view)
    content = read_content(view, scope, fields, kept.sheets)
    return OutwardFill(
        form=kept.form,
        template=template_bytes(view, kept.form),
        sheets=kept.sheets,
        fields=fields,
        scope=scope,
        areas=areas,
        content=content,
        as_of=view.when.day,
    )


def note_run(view: View, fill: OutwardFill, counts: RunCounts, *, now: datetime) -> OutwardRun:
    """Keep that a template was filled, before anybody gets the file: one line, one entry in the trail.

    The entry names the fields, the reason and the legal basis of the template, and no values.

    Raises
    ------
    Conflict
        The template was closed, or its approval ended, while the workbook was written.
    """
    if template_of(view, fill.form.code).form.closed_at is not None:
        raise Conflict("this template is closed")
    check_approved(view, fill.form, fill.areas, now=now)
    run = OutwardRun(
        id=new_id(),
        outward_form_id=fill.form.id,
        community_id=view.community.id,
        area_id=fill.scope.area.id,
        month=fill.scope.first,
        as_of=fill.as_of,
        made_at=now,
        made_by=view.actor.account_id,
        row_count=counts.rows,
        cell_count=counts.cells,
        prefilled=counts.prefilled,
        empty=counts.empty,
        no_consent=counts.no_consent,
        sha256=counts.sha256,
    )
    view.session.add(run)
    record(
        view.session,
        view.actor,
        "outward:fill",
        "outward_form",
        now=now,
        object_id=fill.form.id,
        count=counts.rows,
        fields=_codes(fill.sheets),
        reason=_reason(fill),
    )
    view.session.flush()
    return run


def _codes(sheets: Sequence[OutwardSheet]) -> list[str]:
    return sorted({code for sheet in sheets for code in (*sheet.columns.values(), *sheet.cells.values())})


def _reason(fill: OutwardFill) -> str:
    given, basis = fill.scope.reason, fill.form.legal_basis
    return f"{given} · {basis}" if given else basis
