"""Notices to an account: plans of others that touch its grids."""

from __future__ import annotations

from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel

from gisgrid.redraw.noticing import count_unread, list_notices, mark_read
from web.api.answers import json_answer
from web.api.asking import RESPONSES, SECURITY, Identified, SentNothing
from web.context import current_actor, now, read_session, services, write_session
from web.i18n import tell

notices_api = APIBlueprint(
    "api_notices", __name__, url_prefix="/api/v1", abp_security=SECURITY, abp_responses=RESPONSES
)


class AskedNotices(BaseModel):
    """All notices, or those not read yet."""

    unread: bool = False


@notices_api.get("/notices")
def listing(query: AskedNotices) -> Response:
    """What the account has been told, the newest first, and how many of it are unread."""
    session, actor, tz = read_session(), current_actor(), services().settings.tz
    rows = [
        {
            **row,
            "message": tell(row["message"]),
            "at": row["at"].astimezone(tz).isoformat(),
            "read_at": row["read_at"].astimezone(tz).isoformat() if row["read_at"] else None,
        }
        for row in list_notices(session, actor, unread=query.unread)
    ]
    return json_answer({"rows": rows, "unread": count_unread(session, actor)})


@notices_api.post("/notices/<id>/read")
def read(path: Identified, body: SentNothing) -> Response:
    """Note that a notice has been read."""
    del body
    with write_session() as session:
        mark_read(session, current_actor(), path.id, now=now())
        unread = count_unread(session, current_actor())
    return json_answer({"id": path.id, "unread": unread})
