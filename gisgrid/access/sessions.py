"""Sessions as rows: one for each place where somebody is logged in, so that each can be ended by itself.

A cookie names its row and nothing else; where the row is gone, over or of an earlier ``session_version`` of
its account, nobody is logged in. Rows belong to this database: no backup, copy or hash holds them.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CursorResult,
    ForeignKey,
    Select,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.access.logins import LoggedIn
from gisgrid.access.models import Account, Role
from gisgrid.errors import NotAllowed
from gisgrid.storage.base import STAYS_HERE, Base, Id, Keyed


class LoginSession(Keyed, Base):
    """A place where an account is logged in, from when and until when at the latest.

    ``version`` is the account's ``session_version`` at that time.
    """

    __tablename__ = "login_session"
    __table_args__ = ({"info": STAYS_HERE},)

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"), index=True)
    version: Mapped[int]
    begun_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(index=True)


def begin_session(session: Session, login: LoggedIn, *, until: datetime, now: datetime) -> str:
    """A new session of an account that has proved its password; its id. What is over anywhere goes."""
    is_old = (LoginSession.account_id == login.account_id) & (LoginSession.version != login.session_version)
    session.execute(delete(LoginSession).where(or_(LoginSession.until <= now, is_old)))
    row = LoginSession(account_id=login.account_id, version=login.session_version, begun_at=now, until=until)
    session.add(row)
    session.flush()
    return row.id


def account_of_session(session: Session, session_id: str, *, now: datetime) -> str | None:
    """The id of the account a session still holds for; a new password or role, or disabling, ends it too."""
    return session.scalar(_account_of_session(), {"session": session_id, "now": now})


@cache
def _account_of_session() -> Select[str]:
    """The account of ``session`` at ``now``. Asked by every request, so that it is put together once."""
    statement = select(LoginSession.account_id).join(Account, Account.id == LoginSession.account_id)
    return statement.where(LoginSession.id == bindparam("session"), runs(bindparam("now")))


def runs(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """Sessions that hold, as SQL over sessions joined to their accounts."""
    return (
        (LoginSession.until > now)
        & (LoginSession.version == Account.session_version)
        & Account.disabled_at.is_(None)
        & (Account.role != Role.LOCAL)
    )


def count_other_sessions(session: Session, actor: Actor, kept: str | None, *, now: datetime) -> int:
    """How many places the actor is logged in at besides this one."""
    statement = select(func.count()).select_from(LoginSession).join(Account)
    others = (LoginSession.account_id == actor.account_id, LoginSession.id != (kept or ""))
    return session.scalar(statement.where(*others, runs(now))) or 0


def prolong_session(session: Session, session_id: str, *, until: datetime) -> None:
    """Let a session end at another time."""
    session.execute(update(LoginSession).where(LoginSession.id == session_id).values(until=until))


def end_session(session: Session, session_id: str) -> None:
    """End one session. Doing it twice changes nothing."""
    session.execute(delete(LoginSession).where(LoginSession.id == session_id))


def end_other_sessions(session: Session, actor: Actor, kept: str | None, *, now: datetime) -> int:
    """End all sessions of one's own account but one; how many ran.

    Raises
    ------
    NotAllowed
        Nobody is logged in.
    """
    if actor.account_id is None:
        raise NotAllowed("log in first")
    ended = count_other_sessions(session, actor, kept, now=now)
    others = (LoginSession.account_id == actor.account_id, LoginSession.id != (kept or ""))
    gone = cast("CursorResult[Any]", session.execute(delete(LoginSession).where(*others))).rowcount
    if gone:
        record(
            session, actor, "login:end_others", "account", now=now, object_id=actor.account_id, count=ended
        )
    return ended
