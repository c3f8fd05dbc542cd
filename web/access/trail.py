"""The audit trail: for administrators with filters, and for everybody about their own record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from flask import request
from sqlalchemy import select
from typing_extensions import TypedDict
from werkzeug.exceptions import BadRequest

from gisgrid.access.actions import Action
from gisgrid.access.spool import count_waiting, drain
from gisgrid.access.trail import PAGE, TrailRow, TrailSearch, actions_kept, own_trail, search_trail
from gisgrid.errors import DatabaseBusy
from gisgrid.labels.access import ROLES
from gisgrid.labels.audit import DATA, OBJECT_KINDS
from gisgrid.labels.cases import NETS, SEVERITIES
from gisgrid.labels.files import YES_NO
from gisgrid.labels.table import N_, Labels
from gisgrid.people.core.models import Resident
from web.answers import audited
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, services
from web.frame import show
from web.i18n import gettext as _
from web.i18n import label
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.words.actions import action_name
from web.words.levels import level_field

trail = Pages("trail", __name__)
_TABLES: Final[Mapping[str, Labels]] = {"net": NETS, "role": ROLES, "severity": SEVERITIES}
"""The tables of the fields whose values are codes."""


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
        rows=[audit_row(row) for row in rows],
        actions=actions,
        asked={name: args.get(name, "") for name in ("who", "action", "from", "to", "id")},
        pager=Pager(page=asked.page, total=total, size=PAGE),
        action_name=action_name,
        waiting=waiting,
    )


@trail.get("/me/trail", right=Action.AUDIT_OWN)
def own() -> str:
    """Who did what with one's own record: when, in which role, which fields."""
    actor, page, waiting = current_actor(), page_number(), _bring_in()
    residents = select(Resident.id).where(Resident.household_id == actor.household_id)
    rows, total = own_trail(read_session(), actor, residents=residents, page=page)
    pager = Pager(page=page, total=total, size=PAGE)
    shown = [audit_row(row) for row in rows]
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
        page=page_number(),
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


def audit_row(row: TrailRow) -> ShownEntry:
    """An entry in the reader's language, as lists show it."""
    role = row.role or ""
    return {
        "at": row.at,
        "who": row.account or row.operator,
        "role": label(ROLES, role) if role in ROLES else "–",
        "action": action_name(row.action),
        "kind": _name(OBJECT_KINDS, row.object_kind),
        "id": row.object_id,
        "count": row.count,
        "fields": [_data_name(field) for field in row.fields],
        "reason": row.reason,
        "changes": _changes(row.change),
        "scope": len(row.scope),
    }


def _changes(change: Mapping[str, Sequence[Any]]) -> list[str]:
    """What a setting was and is, field by field: ``角色:网格员 → 网管员``. Ids are told by how many."""
    return [
        _("{field}:{before} → {after}").format(
            field=_data_name(field), before=_value(field, values[0]), after=_value(field, values[1])
        )
        for field, values in change.items()
        if field not in {"worker", "kind"}
    ]


def _value(field: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return label(YES_NO, "yes" if value else "no")
    if isinstance(value, list):
        return _("{n} 个").format(n=len(value))
    return _name(_TABLES.get(field, {}), str(value))


def _data_name(field: str) -> str:
    return (field not in DATA and level_field(field)) or _name(DATA, field)


def _name(table: Labels, code: str) -> str:
    """What a code is called; itself where it has no word."""
    return label(table, code) if code in table else code
