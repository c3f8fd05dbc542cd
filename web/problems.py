"""What an error says in the API: problem details (RFC 9457) with every fault of the request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from flask import Response, has_request_context, request
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gisgrid.errors import Fault
from gisgrid.labels.table import N_
from gisgrid.redraw.edits.repair import Mend
from web.i18n import field_label, tell
from web.i18n import gettext as _

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:gisgrid:problem:"
_SHEET: Final = re.compile(r"\[([^\]]+)\]$")
"""How a fault names the sheet of a workbook, behind the name of its file."""
_EDITING: Final = ("api_redraw.edit", "api_planning.foretell")
"""The routes whose fields have labels of their own."""


class ProblemFault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(description="In the reader's language.")
    field: str | None = Field(default=None, description="Its name in the request.")
    label: str | None = Field(default=None, description="What people call the field.")
    row: int | None = Field(default=None, description="Counted from 1.")
    sheet: str | None = Field(default=None, description="Of a workbook; the field is its column then.")


class MendPlot(BaseModel):
    """A plot that goes along with a mended edit."""

    id: str
    grid: str
    households: int
    addresses: list[str]
    geometry: dict[str, Any]


class MendedEdit(BaseModel):
    """The edit that can be sent instead of one that would leave a grid in pieces."""

    edit: dict[str, Any] = Field(description="Whole, with the plots between.")
    to: str | None = Field(default=None, description="Who takes these plots; none where they just stay.")
    plots: list[MendPlot]


class Problem(BaseModel):
    """Why a request was not answered as asked."""

    type: str
    title: str
    status: int
    detail: str
    faults: list[ProblemFault] = []
    mend: MendedEdit | None = None


PROBLEM_RESPONSE: Final[dict[str, Any]] = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def problem(
    status: int,
    kind: str,
    *,
    title: str,
    detail: str,
    faults: list[ProblemFault],
    mend: MendedEdit | None = None,
) -> Response:
    """A problem as a response."""
    answer = Problem(type=_TYPE + kind, title=title, status=status, detail=detail, faults=faults, mend=mend)
    body = orjson.dumps(answer.model_dump(exclude_none=True))
    return Response(body, status=status, content_type=MEDIA_TYPE)


def placed(fault: Fault) -> ProblemFault:
    """A fault of the core in the API's form."""
    sheet = _SHEET.search(fault.file or "")
    label = _label(fault.field) if fault.field and not sheet else None
    return ProblemFault(
        message=tell(fault.message),
        field=fault.field,
        label=label,
        row=fault.row,
        sheet=sheet[1] if sheet else None,
    )


def mended(mend: Mend) -> MendedEdit:
    """What can be done instead in the API's form."""
    return MendedEdit(edit=dict(mend.op), to=mend.to, plots=[MendPlot(**plot) for plot in mend.plots])


def _label(field: str) -> str | None:
    """What people call a field in the request that is being answered."""
    return field_label(field, edit=_edit_kind())


def _edit_kind() -> str | None:
    """Which kind of edit is being answered; empty where it names none, nothing for other requests."""
    if not has_request_context() or request.endpoint not in _EDITING:
        return None
    sent = request.get_json(silent=True)
    sent = sent.get("edit", sent) if isinstance(sent, dict) else {}
    op = sent.get("op") if isinstance(sent, dict) else None
    return op if isinstance(op, str) else ""


def listed(faults: Sequence[ProblemFault]) -> str:
    """All faults in one line, each with its place in front: ``第 3 行,经度:这里要填数字``.

    A field that the sentence itself names is not named twice.
    """
    return _(";").join(_in_place(fault) for fault in faults)


def _in_place(fault: ProblemFault) -> str:
    place = [_("表 {sheet}").format(sheet=fault.sheet)] if fault.sheet else []
    place += [_("第 {n} 行").format(n=fault.row)] if fault.row is not None else []
    is_named = fault.label is not None and fault.label in fault.message
    place += [fault.label or fault.field] if fault.field and not is_named else []
    return f"{_(',').join(place)}{_(':')}{fault.message}" if place else fault.message


def invalid_request(error: ValidationError) -> Response:
    """All faults of a request that does not fit its model, without repeating what was sent."""
    details = error.errors(include_url=False, include_input=False)
    faults = [
        _fault(detail["loc"], _sentence(detail["type"], detail["msg"], detail.get("ctx", {})))
        for detail in details
    ]
    return problem(422, "invalid-input", title=_("填写的内容有误"), detail=listed(faults), faults=faults)


def _fault(place: tuple[int | str, ...], message: str) -> ProblemFault:
    field = ".".join(str(step) for step in place) or None
    label = _label(field) if field else None
    row = place[1] + 1 if len(place) > 1 and isinstance(place[1], int) else None
    return ProblemFault(message=message, field=field, label=label, row=row)


_A_NUMBER: Final = N_("这里要填数字")
_A_DAY: Final = N_("这里要填日期,如 2026-11-24")
_KINDS: Final[Mapping[str, str]] = {
    "missing": N_("这一项必填"),
    "enum": N_("没有这个选项"),
    "literal_error": N_("没有这个选项"),
    "string_pattern_mismatch": N_("没有这个选项"),
    "extra_forbidden": N_("没有这个参数"),
    "string_too_long": N_("文字太长"),
    "string_too_short": N_("内容太短"),
    "too_long": N_("一次送来的太多"),
    "too_short": N_("内容太短"),
    "finite_number": _A_NUMBER,
    "greater_than_equal": N_("不能小于 {n}"),
    "less_than_equal": N_("不能大于 {n}"),
}
_FAMILIES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("float", "int"), _A_NUMBER),
    **dict.fromkeys(("date", "datetime"), _A_DAY),
    "bool": N_("这里要填 true 或 false"),
    "string": N_("这里要填文字"),
    **dict.fromkeys(("list", "tuple"), N_("这里要一组内容")),
    **dict.fromkeys(("json", "model", "dict"), N_("送来的内容格式不对")),
}


def _sentence(kind: str, message: str, context: Mapping[str, Any]) -> str:
    """A fault in the reader's language; the rare ones as pydantic says them."""
    said = _KINDS.get(kind) or _FAMILIES.get(kind.partition("_")[0])
    bound = context.get("ge", context.get("le"))
    return _(said).format(n=_plain(bound)) if said else message.removeprefix("Value error, ")


def _plain(bound: object) -> object:
    return f"{bound:g}" if isinstance(bound, float) else bound
