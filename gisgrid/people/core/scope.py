"""Which households an actor may speak with about their data, as SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, false, inspect, select, true
from sqlalchemy.orm import Session

from gisgrid.access.imports import forget_former
from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import Role
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on


def answerable(view: View) -> ColumnElement[bool]:
    """Households the actor may ask: all of the community for heads, those of own grids, one's own."""
    actor = view.actor
    here = is_of(view, PlacedKind.HOUSEHOLD, Household) & lived_on(
        Household.lived_from, Household.lived_to, view.when.day
    )
    if actor.role in {Role.HEAD, Role.LOCAL}:
        return here & true()
    if actor.role in {Role.STAFF, Role.MEMBER}:
        return here & Household.cell_id.in_(view.own_cells)
    if actor.role == Role.RESIDENT and actor.household_id is not None:
        return here & (Household.id == actor.household_id)
    return false()


def answerable_household(view: View, household_id: str, *, lock: bool = False) -> Household:
    """One of those households, locked against a second writer where something is to be written.

    Raises
    ------
    NotFound
        No such household within what the actor may ask.
    """
    statement = select(Household).where(Household.id == household_id, answerable(view))
    if lock:
        wait_for_others(view.session, view.community.id)
        statement = statement.with_for_update()
    household = view.session.scalar(statement)
    if household is None:
        raise NotFound("no such household")
    return household


def forget_contact(session: Session, household: Household) -> None:
    """Empty whatever sealed text the household's own row holds or held: none is kept without consent."""
    for column in inspect(Household).columns:
        if isinstance(column.type, Encrypted):
            setattr(household, column.key, None)
    forget_former(session, [household.id])
