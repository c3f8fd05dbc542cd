"""Who is logged in: the cookie, how long it holds, and the row that it names.

The cookie is signed, not encrypted: it holds a session's id and times, nothing personal. It is worth nothing
once its row is gone: logging out ends a session on the server, not only in the browser.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from flask import Flask, g, session
from flask_login import LoginManager, login_user

from gisgrid.access.actors import NOBODY, Actor, load_actor
from gisgrid.access.keys.encryption import KeyRing
from gisgrid.access.logins import LoggedIn
from gisgrid.access.pins import has_pin, may_have_pin
from gisgrid.access.sessions import account_of_session, begin_session, end_session, prolong_session
from gisgrid.access.tokens import TokenScope, verify_token
from gisgrid.errors import NotAllowed
from web.context import current_actor, now, read_session, write_session

OFFICE_DAY: Final = timedelta(hours=12)
ON_A_PHONE: Final = timedelta(days=30)
PIN_AFTER: Final = timedelta(hours=12)
"""How long a phone that stays logged in goes on before it asks for the PIN."""
_PURPOSE: Final = "flask-session"


class User:
    """A logged-in account in the form Flask-Login asks for."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, actor: Actor, session_id: str = "") -> None:
        self.actor = actor
        self.session_id = session_id

    def get_id(self) -> str:
        """The id of the session, as the cookie keeps it; none for a program with a token."""
        return self.session_id


class Visitor:
    """Somebody who has not logged in."""

    is_authenticated = False
    is_active = False
    is_anonymous = True
    actor = NOBODY

    def get_id(self) -> None:
        """A visitor has no id."""


def init_sessions(app: Flask, keys: KeyRing, *, https: bool) -> None:
    """Set the cookie up and tell Flask-Login how an account is loaded.

    A cookie that only travels over HTTPS carries the ``__Host-`` prefix. Secrets come from the key ring;
    older keys still read sessions, so that turning the ring does not log everybody out.
    """
    app.config.update(
        SECRET_KEY=keys.derive(_PURPOSE),
        SECRET_KEY_FALLBACKS=[keys.derive(_PURPOSE, key) for key in keys.secrets if key != keys.current],
        SESSION_COOKIE_NAME="__Host-gisgrid" if https else "gisgrid",
        SESSION_COOKIE_SECURE=https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=ON_A_PHONE,
    )
    manager = LoginManager()
    manager.session_protection = None  # a phone changes its address all day
    manager.anonymous_user = Visitor
    manager.user_loader(load_user)
    manager.init_app(app, add_context_processor=False)


def load_user(key: str) -> User | None:
    """The account of a cookie, unless its time is over or its session was ended."""
    moment = now().timestamp()
    if min(session.get("until", 0), session.get("open_until", moment + 1)) <= moment:
        return None
    account_id = account_of_session(read_session(), key, now=now())
    actor = load_actor(read_session(), account_id, now=now()) if account_id else None
    return User(actor, key) if actor else None


def load_bearer(token: str) -> tuple[User, TokenScope] | None:
    """The account of an API token and what it is limited to, or nothing."""
    verified = verify_token(read_session(), token, now=now())
    if verified is None:
        return None
    actor = load_actor(read_session(), verified[0], now=now())
    return (User(actor), verified[1]) if actor else None


def session_id() -> str | None:
    """The id of the session that this browser's cookie names, whether it still holds or not."""
    stored_id: str | None = session.get("_user_id")
    return stored_id


def remembered() -> str | None:
    """The id of a session that this phone remembers and a PIN opens; nothing for any other."""
    if "open_until" not in session or session.get("until", 0) <= now().timestamp():
        return None
    return session_id()


def forget_user() -> None:
    """Answer the rest of this request as if nobody were logged in, without asking the database again."""
    g._login_user = Visitor()  # noqa: SLF001 - where Flask-Login keeps the user of a request


def require_login() -> None:
    """For the few pages that need an account and no right.

    Raises
    ------
    NotAllowed
        Nobody is logged in.
    """
    if current_actor().role is None:
        raise NotAllowed("log in first")


def log_in(logged_in: LoggedIn, *, stay: bool) -> None:
    """Begin a session anew, keeping only the language: a cookie planted before must be worth nothing.

    It holds 12 hours, or 30 days for a grid member or steward with a PIN who asks to stay logged in on
    the phone; the PIN is asked for when 12 hours are over.
    """
    log_out()
    until = now() + OFFICE_DAY
    with write_session() as writing:
        own = begin_session(writing, logged_in, until=until, now=now())
    session["until"] = int(until.timestamp())
    if logged_in.must_change:
        session["must_change"] = True
    if stay and may_have_pin(logged_in.role) and has_pin(read_session(), logged_in.account_id):
        stay_on_phone(own)
    login_user(User(Actor(account_id=logged_in.account_id, role=logged_in.role), own))
    session.pop("_id", None)


def stay_on_phone(own: str) -> None:
    """Keep this session for 30 days from now; it asks for the PIN whenever 12 hours are over."""
    session.permanent = True
    _let_last(own, now() + ON_A_PHONE)
    go_on()


def go_on() -> None:
    """Let a remembered session go on for another 12 hours, within its 30 days."""
    session["open_until"] = int((now() + PIN_AFTER).timestamp())


def stay_no_longer(own: str) -> None:
    """Let a session that this phone remembers end with the office day."""
    session.pop("open_until", None)
    ends = datetime.fromtimestamp(session["until"], UTC)
    _let_last(own, min(ends, now() + OFFICE_DAY))


def _let_last(own: str, until: datetime) -> None:
    with write_session() as writing:
        prolong_session(writing, own, until=until)
    session["until"] = int(until.timestamp())


def log_out() -> None:
    """End the session on the server and forget it here, keeping only the language."""
    own, language = session_id(), session.get("lang")
    if own:
        with write_session() as writing:
            end_session(writing, own)
    session.clear()
    if language:
        session["lang"] = language


def safe_next(target: str | None) -> str:
    """A path on this site to go to after logging in; anything that could lead elsewhere becomes ``/``."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return "/"
    if "\\" in target or any(ord(sign) < ord(" ") for sign in target):
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target
