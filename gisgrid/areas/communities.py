"""Which communities there are, which one is asked for, and the version that caches hang on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import BindParameter, Select, bindparam, column, func, select, table, update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.models import Area, AreaName, AreaParent, CommunityState, Level, Revision
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.storage.base import valid_at

_BUILDING: Final = table("building", column("id"), column("community_id"))
"""What is asked of buildings here; they belong to a package above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Community:
    """A community as it is called now."""

    id: str
    code: str
    name: str
    metric_epsg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """What a figure of a community depends on: which revision holds, and how often its data changed.

    The revision's id belongs to what caches hang on: nothing else names one division for good.
    """

    community_id: str
    revision: int
    data_version: int
    revision_id: str | None = None


def visible_communities(session: Session, actor: Actor, *, now: datetime) -> list[Community]:
    """Communities the actor may see on the map, by code.

    A scope that names an area of a community opens that community's map, and so do a steward's buildings; one
    that names a subdistrict opens all communities under it. Nobody and the command line see all: the public
    page needs them; so do roles whose scope is no area (a resident, an evaluator) and who may only do there
    what everybody may.
    """
    if _sees_all(actor):
        rows = session.execute(_all_communities(), {"now": now})
    else:
        within = {"areas": list(actor.areas), "buildings": list(actor.buildings)}
        rows = session.execute(_communities_within(), {"now": now, **within})
    return [Community(id=row.id, code=row.code, name=row.name, metric_epsg=row.metric_epsg) for row in rows]


@cache
def _all_communities() -> Select[str, str, str, int]:
    """Communities at ``now``, by code. Asked by every request, so that it is put together once."""
    return (
        select(Area.id, AreaName.code, AreaName.name, CommunityState.metric_epsg)
        .join(AreaName, (AreaName.area_id == Area.id) & valid_at(AreaName, bindparam("now")))
        .join(CommunityState, CommunityState.community_id == Area.id)
        .where(Area.level == Level.COMMUNITY)
        .order_by(func.length(AreaName.code), AreaName.code)
    )


@cache
def _communities_within() -> Select[str, str, str, int]:
    """Those that ``areas`` or ``buildings`` open."""
    areas: BindParameter[str] = bindparam("areas", expanding=True)
    own = select(Area.community_id).where(Area.id.in_(areas), Area.community_id.is_not(None))
    is_under = AreaParent.parent_id.in_(areas)
    under = select(AreaParent.area_id).where(is_under, valid_at(AreaParent, bindparam("now")))
    buildings: BindParameter[str] = bindparam("buildings", expanding=True)
    around = select(_BUILDING.c.community_id).where(_BUILDING.c.id.in_(buildings))
    return _all_communities().where(Area.id.in_(own) | Area.id.in_(under) | Area.id.in_(around))


def _sees_all(actor: Actor) -> bool:
    if actor.role in {None, Role.LOCAL, Role.ADMIN}:
        return True
    return not actor.areas and actor.role in {Role.RESIDENT, Role.EVALUATOR, Role.PROPERTY, Role.ORG}


def choose_community(session: Session, actor: Actor, code: str | None, *, now: datetime) -> Community:
    """The community of a code, or the actor's only one.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    InvalidInput
        No code is given and there are several.
    """
    communities = visible_communities(session, actor, now=now)
    if code is not None:
        communities = [community for community in communities if community.code == code]
    if not communities:
        raise NotFound("no such community" if code else "there is no community here yet")
    if len(communities) > 1:
        raise InvalidInput("several communities are here: name one by its code", field="community")
    return communities[0]


def current_version(session: Session, community_id: str, *, at: datetime) -> Version:
    """The version in force at an instant, by one indexed read.

    The revision is the one that took effect last, whatever its number: a scheduled one comes into force by
    itself, and one that a loader dates back leaves the present as it is.
    """
    row = session.execute(_version_in_force(), {"community": community_id, "instant": at}).one()
    return Version(community_id=community_id, revision=row[1], data_version=row[2], revision_id=row[0])


@cache
def _version_in_force() -> Select[str, int, int]:
    """The version of ``community`` at ``instant``."""
    is_begun = Revision.effective_at <= bindparam("instant")
    return (
        select(Revision.id, func.coalesce(Revision.number, 0), CommunityState.data_version)
        .select_from(CommunityState)
        .outerjoin(Revision, (Revision.community_id == CommunityState.community_id) & is_begun)
        .where(CommunityState.community_id == bindparam("community"))
        .order_by(Revision.effective_at.desc().nulls_last(), Revision.number.desc())
        .limit(1)
    )


def touch(session: Session, community_ids: Iterable[str]) -> None:
    """Say that figures of these communities have changed, so that caches let go of them."""
    session.execute(
        update(CommunityState)
        .where(CommunityState.community_id.in_(set(community_ids)))
        .values(data_version=CommunityState.data_version + 1)
    )


def wait_for_others(session: Session, community_id: str) -> None:
    """Whoever else imports, reports or publishes in this community waits from here on, or was waited for.

    Everybody takes this row first, so no two of them wait for each other.
    """
    session.execute(
        select(CommunityState.data_version)
        .where(CommunityState.community_id == community_id)
        .with_for_update()
    )


def has_community(session: Session) -> bool:
    """Whether any community stands in the database."""
    return session.scalar(select(Area.id).where(Area.level == Level.COMMUNITY).limit(1)) is not None
