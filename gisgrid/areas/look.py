"""One look at one community: who looks, as of when, with which division. Every figure starts from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.areas.communities import Community, Version, choose_community, current_version
from gisgrid.areas.division import Division, DivisionCache
from gisgrid.days import AsOf, as_of
from gisgrid.memory import Memory

T = TypeVar("T")


class Caches:
    """What a process remembers between looks: divisions by revision, figures by version."""

    def __init__(self, figures: int = 256) -> None:
        self.divisions = DivisionCache()
        self.figures: Memory[Any] = Memory(figures)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Who looks at which community as of when; ``version`` is what caches and ETags hang on.

    ``division`` is that of the moment looked at, ``present`` today's: rights go by that one.
    """

    session: Session
    actor: Actor
    community: Community
    when: AsOf
    tz: tzinfo
    division: Division
    version: Version
    figures: Memory[Any]
    present: Division

    @cached_property
    def own_cells(self) -> frozenset[str]:
        """Cells of the areas the actor serves, as they are today: an old border gives nobody a right."""
        return frozenset(self.present.cells_of(self.actor.areas))

    def remembered(self, name: str, *key: Hashable, make: Callable[[], T]) -> T:
        """A figure of this version and moment, made once. It must not depend on the actor."""
        moment = self.when.day if self.when.is_past else None
        return cast("T", self.figures.get((name, self.version, moment, self.when.day, *key), make))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a request says of where and when: a community's code and a day, or nothing."""

    community: str | None = None
    as_of: date | None = None


def open_look(
    session: Session, actor: Actor, asked: Asked, *, caches: Caches, now: datetime, tz: tzinfo
) -> Look:
    """Open a look at what was asked for.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    InvalidInput
        Several communities and none named, or a day in the future.
    """
    community = choose_community(session, actor, asked.community, now=now)
    when = as_of(asked.as_of, now=now, tz=tz)
    return Look(
        session=session,
        actor=actor,
        community=community,
        when=when,
        tz=tz,
        division=caches.divisions.get(session, community.id, at=when.at),
        version=current_version(session, community.id, at=when.at),
        figures=caches.figures,
        present=caches.divisions.get(session, community.id, at=now),
    )
