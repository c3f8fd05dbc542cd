"""What the account has been told: the list, and marking as read."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import redirect, request
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from gisgrid.notices.inbox import MOST, count_notices, find_notice, list_notices, mark_all_read, mark_read
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services, write_session
from web.frame import open_page, show
from web.navigation import Entry, Group
from web.notices.view import shown_notice

noticed = Pages("noticed", __name__)


@noticed.get(
    "/notices",
    right=Action.NOTICES_VIEW,
    entries=(Entry(Group.SETTINGS, 2, "notices", N_("通知")),),
)
def listing() -> str:
    """All notices, the newest first, page by page."""
    view = open_page()
    session, actor, tz = read_session(), current_actor(), services().settings.tz
    count = count_notices(session, actor)
    pages = max(1, -(-count // MOST))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows = [shown_notice(row) for row in list_notices(session, actor, now=now(), tz=tz, page=page)]
    newest = list_notices(session, actor, now=now(), tz=tz)[0]["at"] if page > 1 else None
    until = newest or (rows[0]["at"] if rows else None)
    return show("notices/list.html", view, rows=rows, page=page, pages=pages, until=until)


@noticed.post("/notices/read", right=Action.NOTICES_VIEW)
def read_all() -> Response:
    """Note that all notices have been read that stood on the page."""
    try:
        typed = datetime.fromisoformat(request.form.get("until", ""))
        until = typed.astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadRequest from None
    if typed.tzinfo is None:
        raise BadRequest
    with write_session() as session:
        mark_all_read(session, current_actor(), until=until, now=now())
    return redirect("/notices", 303)


@noticed.post("/notices/<notice_id>/read", right=Action.NOTICES_VIEW)
def read(notice_id: str) -> Response:
    """Note that a notice has been read, and open what it is about."""
    tz = services().settings.tz
    with write_session() as session:
        mark_read(session, current_actor(), notice_id, now=now())
        row = shown_notice(find_notice(session, current_actor(), notice_id, now=now(), tz=tz))
    return redirect(row["link"] or "/notices", 303)
