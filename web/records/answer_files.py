"""Files of what was answered in records: by the interface, and the page that asks for one."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Final, Literal

from flask import Response, request
from pydantic import BaseModel, Field

from data.exporters.answers import FORMATS, AnswersRequest, export_answers
from data.exporters.files import FORMS
from data.exporters.layer import ExportRequest
from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import ViewRequest
from gisgrid.errors import InvalidInput
from gisgrid.records.lists.answer_tables import answer_table
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import RecordFilter
from gisgrid.records.publication.queries import list_forms
from web.answer_models import Responses
from web.answers import audited_view
from web.blueprints import Api, Pages
from web.context import current_actor, is_program, now
from web.frame import grid_choices, open_page, page_request, show
from web.i18n import current_language
from web.problems import ProblemFault, listed, placed
from web.request_models import PlaceQuery

answer_files_api = Api("answer_files", __name__, part=ApiPart.PEOPLE)
answer_pages = Pages("answer_pages", __name__)
_MAKE: Final = Action.EXPORTS_MAKE
_WRONG: Final = 422
_FILE: Final[Responses] = {
    "200": {
        "description": "The file, by the form its path names",
        "content": {
            FORMS[f".{name}"].media.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
            for name in FORMATS
        },
    }
}


class AnswersPath(BaseModel):
    """A form by its code, and a form of file."""

    code: str = Field(max_length=40)
    format: Literal["xlsx", "csv", "gpkg"]


class SentAnswersWish(BaseModel):
    """Which records of the form, which table of it, and why; without days those of the last month."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")
    grid: str | None = Field(default=None, max_length=60)
    repeat: str | None = Field(default=None, max_length=120, description="a repeat of the form: its rows")
    sensitive: bool = Field(default=False, description="sensitive questions too")
    reason: str | None = Field(default=None, max_length=400, description="needed where people are told of")
    crs: str | None = Field(default=None, max_length=40)

    def wanted(self, form: str) -> AnswersRequest:
        """In the exporters' form."""
        return AnswersRequest(
            form=form,
            repeat=self.repeat or None,
            records=RecordFilter(form=form, grid=self.grid or None, first=self.first, last=self.last),
            with_sensitive=self.sensitive,
            reason=self.reason,
        )


@answer_files_api.post("/forms/<code>/answers.<format>", right=_MAKE, reads=True, responses=_FILE)
def file(path: AnswersPath, query: PlaceQuery, body: SentAnswersWish) -> Response:
    """What was answered in the records of a form within one's scope: a column for each question.

    A question of several choices has a column for each. `repeat` gives the rows of a repeat, joined by the
    record's id (`_id`). Leaves an audit entry with the reason.
    """
    return _answer(query.view_request, path.code, path.format, body)


@answer_pages.get("/records/export", right=_MAKE)
def choice() -> str:
    """What of the answers is taken out: of which form, days and grid, with which columns."""
    return _show([])


@answer_pages.post("/records/export", right=_MAKE)
def taken() -> Response | tuple[str, int]:
    """The file, or the page with what is wrong."""
    require_reading(current_actor())
    names = ("from", "to", "grid", "repeat", "reason")
    sent = {name: request.form.get(name, "").strip()[:400] or None for name in names}
    try:
        body = SentAnswersWish.model_validate({**sent, "sensitive": bool(request.form.get("sensitive"))})
        kind = request.form.get("format", "xlsx")
        return _answer(
            page_request(), request.form.get("form", "")[:40], kind if kind in FORMATS else "xlsx", body
        )
    except InvalidInput as error:
        return _show(
            [ProblemFault(message=listed([placed(fault)]), field=fault.field) for fault in error.faults]
        ), _WRONG


def _answer(asked: ViewRequest, code: str, ending: str, body: SentAnswersWish) -> Response:
    in_chinese = current_language() == "zh" and not is_program()
    with tempfile.TemporaryDirectory(prefix="gisgrid-") as folder:
        out = Path(folder) / f"answers.{ending}"
        with audited_view(asked) as view:
            wanted = body.wanted(code)
            export_answers(view, wanted, ExportRequest(now=now()), out, crs=body.crs, in_chinese=in_chinese)
            day = view.when.day.isoformat()
        response = Response(out.read_bytes(), content_type=FORMS[f".{ending}"].media)
    response.headers["Cache-Control"] = "no-store"
    name = "-".join(part for part in (code, body.repeat, day) if part)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.{ending}")
    return response


def _show(faults: list[ProblemFault]) -> str:
    require_reading(current_actor())
    view = open_page()
    forms = [form for form in list_forms(view) if form["version"]] if view else []
    code = request.values.get("form", "")
    chosen = next((form for form in forms if form["code"] == code), None)
    table = answer_table(view, code, with_sensitive=True) if view and chosen else None
    plain = answer_table(view, code) if view and chosen else None
    return show(
        "records/export.html",
        view,
        forms=forms,
        table=table,
        plain={column.name for column in plain.columns} if plain else set(),
        grids=grid_choices(view),
        formats=FORMATS,
        faults=faults,
        typed={name: request.form.get(name, "") for name in ("from", "to", "grid", "repeat", "reason")},
    )
