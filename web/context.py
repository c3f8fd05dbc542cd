"""What one application and one request share: services, clock, a reading session, and who is asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from flask import Flask, current_app, g, request
from flask_login import current_user
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.keys.encryption import KeyRing
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.settings import Settings
from gisgrid.storage.engine import WRITING_MS, Database

Clock = Callable[[], datetime]
"""Gives the present instant, aware, in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What an application is built from. ``cache`` holds this process's divisions and figures, by version."""

    database: Database
    settings: Settings
    keys: KeyRing
    clock: Clock
    cache: Caches = field(default_factory=Caches)


def utc_now() -> datetime:
    """The system's clock."""
    return datetime.now(UTC)


def services() -> Services:
    """The services of the application that answers this request."""
    site: Services = current_app.extensions["gisgrid"]
    return site


def now() -> datetime:
    """The instant of this request: the same however often it is asked for."""
    if "now" not in g:
        g.now = services().clock()
    instant: datetime = g.now
    return instant


def current_actor() -> Actor:
    """Who is asking, with the rights and duties that hold now."""
    actor: Actor = current_user.actor
    return actor


def is_program() -> bool:
    """Whether a request brings a token: a program asks, which needs names that never change."""
    return "Authorization" in request.headers


def view_of(asked: ViewRequest) -> View:
    """The actor's look at a community and a day, through the request's reading session.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    InvalidInput
        Several communities and none named, or a day in the future.
    """
    site = services()
    return open_view(
        read_session(), current_actor(), asked, caches=site.cache, now=now(), tz=site.settings.tz
    )


def visitors_view(session: Session, code: str) -> View:
    """What everybody sees of a community, through a session: whoever asks stays nameless in the log.

    Raises
    ------
    NotFound
        There is no such community.
    """
    site = services()
    asked = ViewRequest(community=code)
    return open_view(session, NOBODY, asked, caches=site.cache, now=now(), tz=site.settings.tz)


def read_session() -> Session:
    """The request's one session for queries; it sees one state of the database and is closed at the end."""
    if "read_session" not in g:
        g.read_stack = ExitStack()
        g.read_session = g.read_stack.enter_context(services().database.read())
    session: Session = g.read_session
    return session


@contextmanager
def write_session(*, patience_ms: int = WRITING_MS) -> Iterator[Session]:
    """One transaction that writes. The reading session is closed first, so that it can't show an older state.

    Raises
    ------
    DatabaseBusy
        Another writer held the database for too long.
    """
    close_reading()
    with services().database.write(patience_ms=patience_ms) as session:
        yield session


def close_reading(_error: BaseException | None = None) -> None:
    """Give the reading session's connection back."""
    stack: ExitStack | None = g.pop("read_stack", None)
    g.pop("read_session", None)
    if stack is not None:
        stack.close()


def init_context(app: Flask, site: Services) -> None:
    """Put the services into an application and close each request's session at its end."""
    app.extensions["gisgrid"] = site
    app.teardown_request(close_reading)
