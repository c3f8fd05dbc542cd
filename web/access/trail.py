"""The audit trail: for administrators with filters, and for everybody about their own record."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask import request
from sqlalchemy import select
from typing_extensions import TypedDict
from werkzeug.exceptions import BadRequest

from gisgrid.access.actions import Action
from gisgrid.access.models import Role
from gisgrid.access.spool import count_waiting, drain
from gisgrid.access.trail import PAGE, TrailRow, TrailSearch, actions_kept, own_trail, search_trail
from gisgrid.errors import DatabaseBusy
from gisgrid.people.core.models import Resident
from web.answers import audited
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, services
from web.frame import show
from web.i18n import N_
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_asked
from web.words import people as people_words
from web.words.accounts import role_name

trail = Pages("trail", __name__)


@trail.get(
    "/audit",
    right=Action.AUDIT_VIEW,
    entries=(Entry(Group.ADMINISTRATION, 9, "audit", N_("操作记录"), symbol="clock"),),
)
def everything() -> str:
    """Entries by who, what, when and which, the newest first; reading them leaves one."""
    asked, args, waiting = _asked(), request.args, _bring_in()
    with audited(read_session()):
        session, tz = read_session(), services().settings.tz
        rows, total = search_trail(session, current_actor(), asked, now=now(), tz=tz)
        actions = actions_kept(session, current_actor())
    return show(
        "access/audit.html",
        None,
        rows=[told_row(row) for row in rows],
        actions=actions,
        asked={name: args.get(name, "") for name in ("who", "action", "from", "to", "id")},
        pager=Pager(page=asked.page, total=total, size=PAGE),
        words=people_words,
        waiting=waiting,
    )


@trail.get("/me/trail", right=Action.AUDIT_OWN)
def own() -> str:
    """Who did what with one's own record: when, in which role, which fields."""
    actor, page, waiting = current_actor(), page_asked(), _bring_in()
    residents = select(Resident.id).where(Resident.household_id == actor.household_id)
    rows, total = own_trail(read_session(), actor, residents=residents, page=page)
    pager = Pager(page=page, total=total, size=PAGE)
    shown = [told_row(row) for row in rows]
    return show("access/own_trail.html", None, rows=shown, pager=pager, waiting=waiting)


def _bring_in() -> int:
    """Bring entries of reading that wait into the trail; how many can't come in now, as another writes."""
    close_reading()
    database = services().database
    try:
        drain(database)
    except DatabaseBusy:
        return count_waiting(database)
    return 0


def _asked() -> TrailSearch:
    args = request.args
    return TrailSearch(
        account=args.get("who", "").strip()[:80],
        action=args.get("action", "").strip()[:60],
        first=_day(args.get("from")),
        last=_day(args.get("to")),
        object_id=args.get("id", "").strip()[:36],
        page=page_asked(),
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadRequest from None


class ShownEntry(TypedDict):
    """An entry of the trail in the reader's language."""

    at: datetime
    who: str | None
    role: str
    action: str
    kind: str
    id: str | None
    count: int | None
    fields: list[str]
    reason: str | None
    changes: list[Any]
    scope: int


def told_row(row: TrailRow) -> ShownEntry:
    """An entry in the reader's language, as lists show it."""
    role = next((role for role in Role if role == row.role), None)
    return {
        "at": row.at,
        "who": row.account or row.operator,
        "role": role_name(role) if role else "–",
        "action": people_words.action_name(row.action),
        "kind": people_words.kind_name(row.object_kind),
        "id": row.object_id,
        "count": row.count,
        "fields": [people_words.data_name(field) for field in row.fields],
        "reason": row.reason,
        "changes": people_words.told_changes(row.change),
        "scope": len(row.scope),
    }
