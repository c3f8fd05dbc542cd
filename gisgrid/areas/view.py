"""One look at one community: who looks, as of when, with which division. Every figure starts from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from functools import cached_property
from typing import Any, TypeVar, cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.areas.borders import laid_over
from gisgrid.areas.communities import Community, Version, choose_community, current_version
from gisgrid.areas.division import Division, DivisionCache
from gisgrid.areas.models import Revision
from gisgrid.cache import Memory
from gisgrid.days import AsOf, as_of, day_of
from gisgrid.errors import InvalidInput, NotFound

T = TypeVar("T")


class Caches:
    """What a process remembers between views: divisions by revision, figures by version."""

    def __init__(self, figures: int = 256) -> None:
        self.divisions = DivisionCache()
        self.figures: Memory[Any] = Memory(figures)


@dataclass(frozen=True, kw_only=True)
class View:
    """Who looks at which community as of when; ``version`` is what caches and ETags hang on.

    ``division`` is that of the moment looked at, ``present`` today's: rights go by that one. Where figures
    are asked for by the areas of another revision, ``borders`` is the day since which it held.
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
    borders: date | None = None

    @cached_property
    def own_cells(self) -> frozenset[str]:
        """Cells of the areas the actor serves, as they are today: an old border gives nobody a right."""
        return frozenset(self.present.cells_of(self.actor.areas))

    def remembered(self, name: str, *key: Hashable, make: Callable[[], T]) -> T:
        """A figure of this version and moment, made once. It must not depend on the actor."""
        moment = self.when.day if self.when.is_past else None
        return cast("T", self.figures.get((name, self.version, moment, self.when.day, *key), make))


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewRequest:
    """What a request says of where and when: a community's code and a day, or nothing.

    ``revision``: by the areas of which revision figures are told, where not by those of that day.
    """

    community: str | None = None
    as_of: date | None = None
    revision: int | None = None


def open_view(
    session: Session, actor: Actor, asked: ViewRequest, *, caches: Caches, now: datetime, tz: tzinfo
) -> View:
    """Open a view of what was asked for.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    InvalidInput
        Several communities and none named, a day in the future, or a revision that isn't in force yet.
    """
    community = choose_community(session, actor, asked.community, now=now)
    when = as_of(asked.as_of, now=now, tz=tz)
    version = current_version(session, community.id, at=when.at)
    division = caches.divisions.get(session, community.id, at=when.at, version=version)
    view = View(
        session=session,
        actor=actor,
        community=community,
        when=when,
        tz=tz,
        division=division,
        version=version,
        figures=caches.figures,
        present=caches.divisions.get(session, community.id, at=now) if when.at != now else division,
    )
    return view if asked.revision is None else _by_revision(view, asked.revision, caches=caches, now=now)


def _by_revision(view: View, number: int, *, caches: Caches, now: datetime) -> View:
    """The same view by the areas of another revision; the people and cases counted stay the same."""
    revision = view.session.execute(
        select(Revision.id, Revision.effective_at).where(
            Revision.community_id == view.community.id, Revision.number == number
        )
    ).one_or_none()
    if revision is None:
        raise NotFound("no such revision")
    if revision.effective_at > now:
        raise InvalidInput("this revision has not come into force yet", field="revision")
    borders = day_of(revision.effective_at, view.tz)
    if not view.actor.sees_exact_counts:
        # The same people told by two divisions would give away those who live between their borders.
        asked = ViewRequest(community=view.community.code, as_of=borders)
        return open_view(view.session, view.actor, asked, caches=caches, now=now, tz=view.tz)
    then = caches.divisions.get(view.session, view.community.id, at=revision.effective_at)
    version = replace(view.version, revision_id=f"{view.version.revision_id}/{revision.id}")
    return replace(
        view,
        division=view.remembered("borders", revision.id, make=lambda: laid_over(then, view.division)),
        version=version,
        borders=borders,
    )
