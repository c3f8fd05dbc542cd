"""Notices to an account: what others have done with plans that concern it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from flask import Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.notices.inbox import count_unread, list_notices, mark_all_read, mark_read
from web.answers import json_answer
from web.blueprints import Api
from web.context import current_actor, now, read_session, services, write_session
from web.i18n import gettext as _
from web.notices.view import ShownNotice, shown_notice
from web.request_models import Identified, SentNothing

notices_api = Api("notices", __name__, part=ApiPart.PLANS)


def _in_utc(at: datetime) -> datetime:
    """An instant that has a year from 1 to 9999 in UTC too."""
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValueError(_("这里要填日期,如 2026-11-24")) from None


class NoticeRows(TypedDict):
    """Notices, the newest first, and how many are unread."""

    rows: list[ShownNotice[str]]
    unread: int


class UnreadNotices(TypedDict):
    """How many notices are still unread."""

    unread: int


class ReadNotice(UnreadNotices):
    """A notice that has been read, and how many are still unread."""

    id: str


class NoticesQuery(BaseModel):
    """All notices, or those not read yet; 50 on a page."""

    unread: bool = False
    page: int = Field(default=1, ge=1, le=10_000)


class SentUntil(BaseModel):
    """Up to when notices are read: those that come meanwhile stay unread. Without, all are."""

    until: Annotated[AwareDatetime, AfterValidator(_in_utc)] | None = None


@notices_api.get("/notices", right=Action.NOTICES_VIEW, responses={"200": NoticeRows})
def listing(query: NoticesQuery) -> Response:
    """What the account has been told, the newest first, and how many of it are unread."""
    session, actor, tz = read_session(), current_actor(), services().settings.tz
    notices = list_notices(session, actor, now=now(), tz=tz, unread=query.unread, page=query.page)
    rows: list[ShownNotice[str]] = [
        {
            **shown_notice(row),
            "at": row["at"].astimezone(tz).isoformat(),
            "read_at": row["read_at"].astimezone(tz).isoformat() if row["read_at"] else None,
        }
        for row in notices
    ]
    return json_answer({"rows": rows, "unread": count_unread(session, actor)})


@notices_api.post("/notices/read", right=Action.NOTICES_VIEW, responses={"200": UnreadNotices})
def read_all(body: SentUntil) -> Response:
    """Note that all notices have been read, or those that had come by an instant."""
    with write_session() as session:
        mark_all_read(session, current_actor(), until=body.until, now=now())
        unread = count_unread(session, current_actor())
    return json_answer({"unread": unread})


@notices_api.post("/notices/<id>/read", right=Action.NOTICES_VIEW, responses={"200": ReadNotice})
def read(path: Identified, body: SentNothing) -> Response:
    """Note that a notice has been read."""
    del body
    with write_session() as session:
        mark_read(session, current_actor(), path.id, now=now())
        unread = count_unread(session, current_actor())
    return json_answer({"id": path.id, "unread": unread})
