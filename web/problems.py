"""What an error says in the API: problem details (RFC 9457) with every fault of the request."""

from __future__ import annotations

from typing import Any, Final

import orjson
from flask import Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gisgrid.errors import Fault
from web.i18n import gettext as _

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:gisgrid:problem:"


class ProblemFault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    message: str
    field: str | None = None
    row: int | None = Field(default=None, description="Counted from 1.")


class Problem(BaseModel):
    """Why a request was not answered as asked."""

    type: str
    title: str
    status: int
    detail: str
    faults: list[ProblemFault] = []


PROBLEM_RESPONSE: Final[dict[str, Any]] = {
    "description": "A problem",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def problem(status: int, kind: str, *, title: str, detail: str, faults: list[ProblemFault]) -> Response:
    """A problem as a response."""
    told = Problem(type=_TYPE + kind, title=title, status=status, detail=detail, faults=faults)
    body = orjson.dumps(told.model_dump(exclude_none=True))
    return Response(body, status=status, content_type=MEDIA_TYPE)


def placed(fault: Fault) -> ProblemFault:
    """A fault of the core in the API's form."""
    return ProblemFault(message=fault.message, field=fault.field, row=fault.row)


def invalid_request(error: ValidationError) -> Response:
    """All faults of a request that does not fit its model, without repeating what was sent."""
    faults = [
        ProblemFault(message=_sentence(one["type"], one["msg"]), field=_field(one["loc"]))
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    detail = "; ".join(
        f"{fault.field}: {fault.message}" if fault.field else fault.message for fault in faults
    )
    return problem(422, "invalid-input", title=_("填写的内容有误"), detail=detail, faults=faults)


def _field(place: tuple[int | str, ...]) -> str | None:
    return ".".join(str(step) for step in place) or None


def _sentence(kind: str, message: str) -> str:
    """The common faults in the reader's language; the rare ones as pydantic says them."""
    a_number, a_day = _("这里要填数字"), _("这里要填日期,如 2026-11-24")
    words = {
        "missing": _("这一项必填"),
        "enum": _("没有这个选项"),
        "literal_error": _("没有这个选项"),
        "extra_forbidden": _("没有这个参数"),
        "string_too_long": _("文字太长"),
        "string_too_short": _("内容太短"),
        "too_long": _("一次送来的太多"),
        "too_short": _("内容太短"),
    }
    by_family = {"float": a_number, "int": a_number, "date": a_day, "datetime": a_day}
    said = words.get(kind) or by_family.get(kind.partition("_")[0])
    return said or message.removeprefix("Value error, ")
