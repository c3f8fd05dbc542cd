"""The one table from error class to HTTP status, and what each error says to people and to programs."""

from __future__ import annotations

import secrets
import sqlite3
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import orjson
from flask import Flask, Response, current_app, g, redirect, render_template, request, url_for
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from gisgrid.errors import (
    Conflict,
    DatabaseBusy,
    GisgridError,
    InvalidInput,
    MissingCrs,
    MissingPart,
    NoSpace,
    NotAllowed,
    NotFound,
)
from gisgrid.forms.expressions.lexer import BrokenExpression
from gisgrid.geometry.edits.tear import FallsApart
from gisgrid.redraw.edits.repair import Mendable
from gisgrid.storage.engine import is_busy, is_full, says_full
from gisgrid.storage.room import FULL, SHUT
from web.context import current_actor, is_program
from web.forms import typed_form
from web.frame import show
from web.i18n import gettext as _
from web.i18n import tell
from web.open311_forms import error_answer, is_open311
from web.pdf import NoPrinter
from web.problems import MendedEdit, ProblemFault, listed, mended, placed, problem
from web.security.sessions import forget_user

STATUS: Final[dict[type[GisgridError], int]] = {
    InvalidInput: 422,
    BrokenExpression: 422,
    MissingCrs: 422,
    FallsApart: 422,
    Mendable: 422,
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    DatabaseBusy: 503,
    MissingPart: 503,
    NoSpace: 503,
    GisgridError: 500,
}
"""Every error class of the core; a test fails when one is missing."""

_RETRY_AFTER_S: Final = 2
_RETRY_NO_SPACE_S: Final = 60
"""Somebody has to make room first."""
NO_SPACE: Final = "no-space"
_UNKNOWN: Final = 500
_TELLS_MORE: Final = {404, 409, 422}
"""Statuses whose page says more than its title: what exactly was not found, has changed or is wrong."""
_KEEPS_FRAME: Final = {403, 404, 405, 409, 422}
"""Statuses whose page has the menu of who is logged in; the others must do without asking the database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorText:
    """What a page says about an error: what happened, what is kept, what to do."""

    kind: str
    title: str
    kept: str
    advice: str


def plain_words(status: int) -> ErrorText:
    """The plain words for a status, in the reader's language."""
    kept = _("已保存的内容都在,这次操作没有改动任何东西。")
    back = _("请返回上一页,改正后再试。")
    words = {
        400: ("bad-request", _("这次请求无法识别,页面可能已经过期"), _("请刷新页面后再试一次。")),
        401: ("login-needed", _("需要先登录"), _("请登录后再试。")),
        403: ("not-allowed", _("您的账号不能查看或办理这一项"), _("如果工作需要,请联系系统管理员调整权限。")),
        404: ("not-found", _("没有找到,或不在您的范围内"), _("请检查地址,或从首页重新进入。")),
        405: ("bad-method", _("这个地址不能这样使用"), _("请从首页重新进入。")),
        409: ("conflict", _("现在不能这样做"), _("请刷新后再办理。")),
        413: ("too-large", _("内容太大,服务器没有接收"), _("请缩小文件或减少内容后再试。")),
        415: ("wrong-type", _("送来的内容格式不对"), back),
        422: ("invalid-input", _("填写的内容有误"), back),
        429: ("too-many", _("操作太频繁"), _("请过一会儿再试。")),
        503: ("not-ready", _("服务器正忙,或还没有准备好"), _("请稍等几秒再试。仍不行时,请联系系统管理员。")),
    }
    unknown = ("unknown", _("服务器出错,没有办成"), _("请稍后再试。仍不行时,请把下面的编号告诉系统管理员。"))
    kind, title, advice = words.get(status, unknown)
    return ErrorText(kind=kind, title=title, kept=kept, advice=advice)


def no_space_words() -> ErrorText:
    """The plain words for a disk that is full or can only be read, in the reader's language."""
    return ErrorText(
        kind=NO_SPACE,
        title=_("服务器的磁盘已满或不能写入,没有办成"),
        kept=_("已保存的内容都在,这次操作没有改动任何东西。"),
        advice=_("请告诉系统管理员腾出磁盘空间,之后再试。"),
    )


def init_errors(app: Flask) -> None:
    """Answer every error of the core, of HTTP and of anything else."""
    app.after_request(_say_when)  # before the counter is put in, so that this has the last word
    app.register_error_handler(GisgridError, _answer_known)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(OperationalError, _answer_database)
    app.register_error_handler(sqlite3.OperationalError, _answer_counters)
    app.register_error_handler(OSError, _answer_disk)
    app.register_error_handler(Exception, _answer_unknown)


def status_of(error: GisgridError) -> int:
    """The status of an error's class, or of the nearest class it stands on."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def _answer_known(error: GisgridError) -> BaseResponse:
    status = status_of(error)
    if isinstance(error, NoSpace):
        return _answer_no_space(error)
    if status == 403 and current_actor().role is None and not is_open311():
        return _ask_to_log_in()
    if status >= _UNKNOWN and not isinstance(error, (DatabaseBusy, NoPrinter)):
        return _answer(status, detail=None, log_id=_log(error))
    if isinstance(error, InvalidInput):
        faults = [placed(fault) for fault in error.faults]
        mend = mended(error.mend) if isinstance(error, Mendable) else None
        return _answer(status, detail=listed(faults), faults=faults, mend=mend)
    return _answer(status, detail=tell(error.args[0]) if error.args else None)


def _answer_http(error: HTTPException) -> BaseResponse:
    if error.response is not None:
        return cast("BaseResponse", error.response)
    status = error.code or _UNKNOWN
    if status < 400:
        return error.get_response()
    if status == 400 and _is_broken_json():
        said = _("送来的 JSON 无法读取")
        return problem(status, "bad-request", title=said, detail=said, faults=[])
    response = _answer(status, detail=None)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _is_broken_json() -> bool:
    """Whether a program has sent what calls itself JSON and isn't."""
    return wants_problem() and request.is_json and not _reads(request.get_data())


def _reads(sent: bytes) -> bool:
    try:
        orjson.loads(sent)
    except ValueError:
        return False
    return True


def _answer_database(error: OperationalError) -> BaseResponse:
    if is_busy(error):
        return _answer_known(DatabaseBusy("another writer holds the database; try again shortly"))
    if is_full(error):
        return _answer_no_space(error)
    return _answer_unknown(error)


def _answer_counters(error: sqlite3.OperationalError) -> BaseResponse:
    """The file in which is counted how often something is asked lies on the same disk."""
    return _answer_no_space(error) if says_full(str(error)) else _answer_unknown(error)


def _answer_disk(error: OSError) -> BaseResponse:
    return _answer_no_space(error) if error.errno in FULL | SHUT else _answer_unknown(error)


def _answer_no_space(error: Exception) -> BaseResponse:
    """Said to everybody as what it is: nobody's input is wrong, and asking again at once is of no use."""
    return _answer(503, detail=None, log_id=_log(error), words=no_space_words())


def _answer_unknown(error: Exception) -> BaseResponse:
    """Nothing of an unknown error leaves the house but a number to find it by."""
    return _answer(_UNKNOWN, detail=None, log_id=_log(error))


def _ask_to_log_in() -> BaseResponse:
    if wants_problem():
        response = _answer(401, detail=None)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response
    target = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return redirect(url_for("accounts.login", next=target))


def wants_problem() -> bool:
    """Whether a program is asking, so that it gets a problem and not a page."""
    is_data = request.path.startswith("/api/") or is_open311() or request.path.endswith((".json", ".csv"))
    return is_data or is_program()


def _answer(
    status: int,
    *,
    detail: str | None,
    faults: list[ProblemFault] | None = None,
    mend: MendedEdit | None = None,
    log_id: str | None = None,
    words: ErrorText | None = None,
) -> BaseResponse:
    words = words or plain_words(status)
    if is_open311():
        response = _as_open311(status, words.title, detail=detail, faults=faults, log_id=log_id)
    elif wants_problem():
        said = detail or (f"{words.title} ({log_id})" if log_id else words.title)
        response = problem(status, words.kind, title=words.title, detail=said, faults=faults or [], mend=mend)
    else:
        response = Response(_page(words, status=status, detail=detail, log_id=log_id), status=status)
    if status == 503:
        seconds = _RETRY_AFTER_S if words.kind != NO_SPACE else _RETRY_NO_SPACE_S
        g.retry_after_s = seconds
    return response


def _say_when(response: Response) -> Response:
    """When to come again, where it is not the counter of requests that knows: it says so of every answer."""
    if "retry_after_s" in g:
        response.headers["Retry-After"] = str(g.retry_after_s)
    return response


def _as_open311(
    status: int, title: str, *, detail: str | None, faults: list[ProblemFault] | None, log_id: str | None
) -> Response:
    """An error in the form of the standard, which knows a wrong request as 400."""
    said = detail or (f"{title} ({log_id})" if log_id else title)
    sentences = [listed([fault]) for fault in faults or ()] or [said]
    return error_answer(400 if status == 422 else status, sentences)


def _page(words: ErrorText, *, status: int, detail: str | None, log_id: str | None) -> str:
    if status >= _UNKNOWN:
        forget_user()  # the database may be what is broken: the page of the error must not ask it
    said = [_("{sentence}。").format(sentence=detail)] if detail and status in _TELLS_MORE else []
    text = " ".join([*said, words.kept, words.advice])
    if status in _KEEPS_FRAME:
        return show("error.html", None, title=words.title, detail=text, log_id=log_id)
    return render_template(
        "error.html", title=words.title, detail=text, log_id=log_id, typed=typed_form(status)
    )


def _log(error: Exception) -> str:
    """Write where an error arose, never what it says: its text may hold names or addresses of people."""
    log_id = secrets.token_hex(4)
    frames = traceback.extract_tb(error.__traceback__)
    places = " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    parts = {"id": log_id, "error": type(error).__name__, "endpoint": request.endpoint, "places": places}
    current_app.logger.error("%s %s at %s: %s", *parts.values(), extra={"parts": parts})
    return log_id
