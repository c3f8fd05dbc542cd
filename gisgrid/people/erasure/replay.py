"""Erasing again after a restore: a backup made before an erasure brings nobody back."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.access.erasures import Erased, blank, read_erased
from gisgrid.areas.communities import touch
from gisgrid.areas.models import CommunityState
from gisgrid.people.core.models import Resident
from gisgrid.people.erasure.blanks import erase_resident

_HERE: Final = ZoneInfo("Asia/Shanghai")


def replay_erasures(session: Session, path: Path, *, tz: tzinfo = _HERE, actor: Actor | None = None) -> int:
    """Erase again whatever the list outside the backup names and the restored database still holds; how many.

    Call it in the transaction, or before the doors open, of every restore; all tables must be imported
    (``gisgrid.tables``). What is erased already, or isn't here, is left alone. Leaves one audit entry.

    Parameters
    ----------
    path
        The list; nothing happens where there is none.
    tz
        The zone whose day decides on the age band that is counted.
    actor
        Whose name the audit entry gets: the one who restores.

    Raises
    ------
    MissingPart
        The list can't be read.
    """
    erased = read_erased(path)
    count = sum(_again(session, erasure, tz) for erasure in erased)
    if erased:
        now = max(erasure.at for erasure in erased)
        record(session, actor or Actor(), "erasure:replay", "erasure_list", now=now, count=count)
    if count:
        touch(session, session.scalars(select(CommunityState.community_id)).all())
    session.flush()
    return count


def _again(session: Session, erased: Erased, tz: tzinfo) -> bool:
    if erased.table == Resident.__tablename__:
        return erase_resident(session, erased.id, at=erased.at, tz=tz)
    return blank(session, erased) > 0
