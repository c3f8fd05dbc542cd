"""Who is told of open cases that an import brings: each account once how many, of a new emergency at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Duty
from gisgrid.areas.division import Division
from gisgrid.cases.core.audience import areas_of, desk, serving
from gisgrid.cases.core.models import Case, CaseNotice, Category
from gisgrid.cases.core.notifications import CaseNoticeKind, tell_administrators, tell_reported
from gisgrid.cases.core.rules import Severity
from gisgrid.storage.base import new_id, valid_at

_STILL_NEW: Final = timedelta(days=1)
"""An emergency reported longer ago is told with the others: who had to act on it has been told elsewhere."""


def tell_arrived(
    session: Session, actor: Actor, division: Division, rows: Sequence[Mapping[str, Any]], *, now: datetime
) -> None:
    """Tell who is on duty where open cases of an import lie how many there are; see `serving`.

    ``rows`` are the columns of the new ones, and of known ones that lie elsewhere now or have become an
    emergency. Who imports knows of them. Where nobody serves a place the
    community's desk is told, where nobody works there the administrators.
    """
    secret = set(session.scalars(select(Category.code).where(Category.is_confidential)))
    urgent = [row for row in rows if _is_urgent(row, now)]
    for row in urgent:
        case = session.scalars(select(Case).where(Case.id == row["id"])).one()
        where = areas_of(division, case.cell_id)
        tell_reported(session, case, where, now=now, but=actor.account_id)
    apart = {row["id"] for row in urgent}
    by_account = _by_account(session, division, [row for row in rows if row["id"] not in apart], secret, now)
    nobodys = by_account.pop(None, [])
    if nobodys:
        newest = session.scalars(select(Case).where(Case.id == nobodys[-1]["id"])).one()
        tell_administrators(session, newest, now=now)
    recipients = sorted(
        (account, own) for account, own in by_account.items() if account and account != actor.account_id
    )
    session.add_all(_notice(account, own, now) for account, own in recipients)
    session.flush()


def _is_urgent(row: Mapping[str, Any], now: datetime) -> bool:
    reported_at: datetime = row["reported_at"]
    return row["severity"] == Severity.EMERGENCY and now - reported_at <= _STILL_NEW


def _by_account(
    session: Session,
    division: Division,
    rows: Sequence[Mapping[str, Any]],
    secret: set[str],
    now: datetime,
) -> dict[str | None, list[Mapping[str, Any]]]:
    """Rows by the accounts to tell, those reported last at the end; under nothing what nobody serves."""
    community = division.community_id
    on_duty_at: dict[tuple[frozenset[str], str | None, bool], set[str]] = {}
    by_account: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    tended = _buildings_with_stewards(session, now)
    for row in sorted(rows, key=lambda row: row["reported_at"]):
        building = row["building_id"] if row["building_id"] in tended else None
        key = (areas_of(division, row["cell_id"]), building, row["category_code"] in secret)
        if key not in on_duty_at:
            where, building, is_secret = key
            on_duty = serving(
                session, where, community_id=community, building_id=building, is_secret=is_secret, now=now
            )
            on_duty_at[key] = on_duty or desk(session, community, now=now)
        for account in on_duty_at[key] or (None,):
            by_account[account].append(row)
    return by_account


def _buildings_with_stewards(session: Session, now: datetime) -> set[str | None]:
    """Ids of the buildings that somebody serves: the others need not be asked for one by one."""
    return set(
        session.scalars(select(Duty.building_id).where(Duty.building_id.is_not(None), valid_at(Duty, now)))
    )


def _notice(account: str, rows: Sequence[Mapping[str, Any]], now: datetime) -> CaseNotice:
    kind = CaseNoticeKind.ARRIVED.value
    return CaseNotice(
        id=new_id(), account_id=account, case_id=rows[-1]["id"], kind=kind, count=len(rows), at=now
    )
