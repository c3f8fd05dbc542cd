"""The monthly report of property companies and social organisations: JSON, CSV, workbook and PDF."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from flask import Response, render_template
from pydantic import Field
from typing_extensions import TypedDict

from data.exporters.frame import sheet_of
from data.exporters.layer import Column, ColumnKind, Layer
from data.exporters.origin import Origin
from data.exporters.tables import write_xlsx
from gisgrid.access.actions import Action
from gisgrid.access.audit import record
from gisgrid.access.tokens import ApiPart
from gisgrid.analysis.withheld import Withheld, reason_of
from gisgrid.areas.view import View
from gisgrid.figures.tables import FigureTable
from gisgrid.indicators.formulas import Indicator
from gisgrid.indicators.organisation_words import COUNTS, SHARES, Count
from gisgrid.indicators.organisations import OrganisationMonth, organisation_in, organisations_in
from gisgrid.labels.figures import WITHHELD
from web.answer_models import TABLE, file_response
from web.answers import audited_view, csv_answer, json_answer
from web.appraisals.api import MonthQuery, chosen_month
from web.blueprints import Api
from web.context import is_program, now
from web.i18n import current_language, label
from web.i18n import gettext as _
from web.pdf import pdf_of
from web.request_models import Identified
from web.words.left_out import errands_note

organisations_api = Api("organisations", __name__, part=ApiPart.CASES)
_BOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OrganisationRow(TypedDict):
    """A month of one organisation; shares are between 0 and 1, null of nothing."""

    account: str
    name: str
    role: str
    counts: dict[str, int | None]
    shares: dict[str, float | None]
    suppressed: Annotated[list[str], Field(description="numbers that are not shown to this account")]
    reason: str | None


class WordsOfNumber(TypedDict):
    """What a number or share is called and how it comes about."""

    code: str
    name: str
    definition: str


class OrganisationRows(TypedDict):
    """The month of all organisations the account may see, with what the numbers mean."""

    rows: list[OrganisationRow]
    month: str
    definitions: list[WordsOfNumber]


class OrganisationView(OrganisationRow):
    """A month of one organisation with the list behind each number."""

    month: str
    behind: Annotated[
        dict[str, list[dict[str, Any]]], Field(description="an organisation learns no ids of cases")
    ]


@organisations_api.get("/organisations", right=Action.ORGANISATIONS_VIEW, responses={"200": OrganisationRows})
def listing(query: MonthQuery) -> Response:
    """A month of all organisations: for those who entrust errands and leaders; an organisation its own."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        month = chosen_month(view, query.month)
        rows = [_row(organisation) for organisation in organisations_in(view, month, now=now())]
    return json_answer({"rows": rows, "month": f"{month:%Y-%m}", "definitions": words_of_numbers()})


@organisations_api.get(
    "/organisations/<id>", right=Action.ORGANISATIONS_VIEW, responses={"200": OrganisationView}
)
def one(path: Identified, query: MonthQuery) -> Response:
    """A month of one organisation, with the errands and cases behind each number."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        month = chosen_month(view, query.month)
        organisation = organisation_in(view, path.id, month, now=now())
    behind = {code: [_plain(row) for row in rows] for code, rows in organisation.behind.items()}
    return json_answer({**_row(organisation), "month": f"{month:%Y-%m}", "behind": behind})


@organisations_api.get("/organisations.csv", right=Action.ORGANISATIONS_VIEW, responses=TABLE)
def listing_csv(query: MonthQuery) -> Response:
    """The same as CSV; shares in per cent."""

    def make(view: View) -> FigureTable:
        month = chosen_month(view, query.month)
        rows = [flat_row(row, f"{month:%Y-%m}") for row in organisations_in(view, month, now=now())]
        heads = {} if is_program() else _heads()
        worded = [{heads.get(key, key): value for key, value in row.items()} for row in rows]
        return FigureTable(rows=worded, meta={"confidential_left_out": True})

    columns = list(_heads() if is_program() else _heads().values())
    return csv_answer(
        "organisations", replace(query.view_request, as_of=None, revision=None), make, columns=columns
    )


@organisations_api.get(
    "/organisations.xlsx", right=Action.ORGANISATIONS_VIEW, responses=file_response(_BOOK, "A workbook")
)
def listing_xlsx(query: MonthQuery) -> Response:
    """The same as a workbook; shares in per cent, as numbers."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        month = chosen_month(view, query.month)
        rows = [flat_row(row, f"{month:%Y-%m}") for row in organisations_in(view, month, now=now())]
        record(view.session, view.actor, "export:organisations", "table", now=now(), count=len(rows))
    in_chinese = current_language() == "zh" and not is_program()
    origin = Origin(
        by=view.actor.name,
        at=now().astimezone(view.tz),
        as_of=view.when.day,
        community=view.community.name or view.community.code,
        in_chinese=in_chinese,
        leaves_out_confidential=True,
    )
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        out = Path(folder) / "organisations.xlsx"
        write_xlsx(out, sheet_of(_layer(), [(None, row) for row in rows], crs=None), origin)
        body = out.read_bytes()
    response = Response(body, content_type=_BOOK)
    file = f"organisations-{month:%Y-%m}-{view.actor.name}.xlsx"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response


@organisations_api.get(
    "/organisations.pdf", right=Action.ORGANISATIONS_VIEW, responses=file_response("application/pdf", "A4")
)
def listing_pdf(query: MonthQuery) -> Response:
    """The same as PDF for A4: all in one table, then a sheet of each with what its numbers mean."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        month = chosen_month(view, query.month)
        months = organisations_in(view, month, now=now())
        record(view.session, view.actor, "export:organisations", "table", now=now(), count=len(months))
    html = render_template(
        "organisations/list_pdf.html",
        months=months,
        month=f"{month:%Y-%m}",
        counts=words_of_numbers()[: len(COUNTS)],
        shares=words_of_numbers()[len(COUNTS) :],
        community=view.community,
        unlisted=errands_note(),
        printed_by=view.actor.name,
        printed_at=now().astimezone(view.tz).strftime("%Y-%m-%d %H:%M"),
    )
    response = Response(pdf_of(html), content_type="application/pdf")
    file = f"organisations-{month:%Y-%m}-{view.actor.name}.pdf"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response


def words_of_numbers() -> list[WordsOfNumber]:
    """Numbers, then shares, in the reader's language."""
    in_chinese = current_language() == "zh"
    numbers: list[Count | Indicator] = [*COUNTS, *SHARES]
    return [
        {
            "code": number.code,
            "name": number.name if in_chinese else number.name_en,
            "definition": number.definition if in_chinese else number.definition_en,
        }
        for number in numbers
    ]


def flat_row(organisation: OrganisationMonth, month: str) -> dict[str, float | str | None]:
    """A row of a table: shares in per cent with two digits, nothing of nothing."""
    shares = {
        code: None if share.value is None else round(100 * share.value, 2)
        for code, share in organisation.shares.items()
    }
    hidden = dict.fromkeys(organisation.hidden, label(WITHHELD, Withheld.NOT_SHOWN))
    return {"month": month, "name": organisation.name, **organisation.counts, **hidden, **shares}


def _row(organisation: OrganisationMonth) -> OrganisationRow:
    shares = {code: share.value for code, share in organisation.shares.items()}
    return {
        "account": organisation.account,
        "name": organisation.name,
        "role": organisation.role.value,
        "counts": organisation.counts,
        "shares": shares,
        "suppressed": sorted(organisation.hidden),
        "reason": reason_of(sorted(organisation.hidden)),
    }


def _plain(row: Any) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}


def _heads() -> dict[str, str]:
    """What the columns of the table are called."""
    shares = {share.code for share in SHARES}
    words = {
        entry["code"]: f"{entry['name']}(%)" if entry["code"] in shares else entry["name"]
        for entry in words_of_numbers()
    }
    return {"month": _("月份"), "name": _("单位名称"), **words}


def _layer() -> Layer:
    texts = [Column("month", "月份"), Column("name", "单位名称")]
    counts = [Column(count.code, count.name, ColumnKind.WHOLE) for count in COUNTS]
    shares = [Column(share.code, f"{share.name}(%)", ColumnKind.NUMBER) for share in SHARES]
    return Layer(
        name="organisations",
        title="单位月报",
        title_en="Monthly report",
        action=Action.ORGANISATIONS_VIEW,
        columns=(*texts, *counts, *shares),
        read=lambda _view, _wish: (),
    )
