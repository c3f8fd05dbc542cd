"""Erasing one person in the database: what is blanked, what goes, what stays as a count."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from gisgrid.access.erasures import chain_to, left_of
from gisgrid.access.imports import forget_former
from gisgrid.access.keys.encryption import Sealed
from gisgrid.access.models import Account, Worker
from gisgrid.areas.models import AreaParent, CellMembership
from gisgrid.days import day_of
from gisgrid.people.consent.texts import current_text
from gisgrid.people.core.edit_blanks import forget_edits
from gisgrid.people.core.models import Consent, ErasedCount, Need, Resident, ServiceContract
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import NO_CONSENT, AgeBand, ConsentStatus, age_band
from gisgrid.places.models import Household
from gisgrid.storage.base import new_id, valid_at

BLANKED: Final[tuple[InstrumentedAttribute[Any], ...]] = (
    *(Resident.name, Resident.phone, Resident.birth_date, Resident.sex, Resident.external_key),
)
"""Fields of a resident that are gone after an erasure."""
_PERSONS: Final = frozenset({Resident.__tablename__, Account.__tablename__, Worker.__tablename__})
"""Tables whose rows are people: what leads to them is theirs."""


def erase_resident(session: Session, resident_id: str, *, at: datetime, tz: tzinfo) -> bool:
    """Blank a person, count the age band in the grid of that moment, and say whether there was one to erase.

    The id stays, so that what names it still finds it. Needs, who serves them and service contracts are
    deleted; every sealed value of rows that lead to the person by foreign keys, however many, is blanked,
    whoever made the table; with the last person of a household, of rows that lead to the household too. A
    person erased already is left alone.
    """
    resident = session.get(Resident, resident_id, with_for_update=True)
    if resident is None or resident.erased_at is not None:
        return False
    household = session.scalars(select(Household).where(Household.id == resident.household_id)).one()
    if resident.birth_date is not None:
        day = max(day_of(at, tz), resident.birth_date)
        _count(session, household, age_band(resident.birth_date, day), at=at)
    for column in BLANKED:
        setattr(resident, column.key, None)
    resident.phone_digest = None
    resident.erased_at = at
    resident.consent = ConsentStatus.WITHDRAWN
    session.add(
        Consent(
            id=new_id(),
            resident_id=resident.id,
            purpose=Purpose.REGISTRATION,
            status=ConsentStatus.WITHDRAWN,
            text_version=current_text(session, Purpose.REGISTRATION).version,
            asked_at=at,
        )
    )
    session.flush()
    for table in (Need, NeedService, ServiceContract):
        session.execute(delete(table).where(table.resident_id == resident.id))
    _blank_what_leads_to(session, Resident.__tablename__, resident.id)
    forget_edits(session, Purpose.REGISTRATION, residents=[resident.id])  # a clash that waits is over, too
    _settle_household(session, household)
    return True


def _count(session: Session, household: Household, band: AgeBand, *, at: datetime) -> None:
    area = _grid_of(session, household.cell_id, at=at) or household.community_id
    known = session.get(ErasedCount, (area, band), with_for_update=True)
    if known is None:
        session.add(ErasedCount(area_id=area, age_band=band, count=1))
    else:
        known.count += 1
    session.flush()


def _grid_of(session: Session, cell_id: str | None, *, at: datetime) -> str | None:
    """The grid of a cell at an instant: the parent of the micro grid it belongs to."""
    statement = (
        select(AreaParent.parent_id)
        .join(CellMembership, CellMembership.area_id == AreaParent.area_id)
        .where(CellMembership.cell_id == cell_id, valid_at(CellMembership, at), valid_at(AreaParent, at))
    )
    return session.scalar(statement)


def _blank_what_leads_to(session: Session, name: str, key: str) -> None:
    """Blank every sealed value, text or picture, of rows that lead to a row, stopping at another person."""
    for table, own in chain_to(name, key, but=_PERSONS - {name}):
        sealed = {column.name: left_of(column) for column in table.columns if isinstance(column.type, Sealed)}
        for column, left in sealed.items():
            there = table.c[column].is_not(None)
            session.execute(update(table).where(own, there).values({column: left}))
        if sealed:
            ids = session.scalars(select(table.c.id).where(own)).all()
            forget_former(session, ids)


def _settle_household(session: Session, household: Household) -> None:
    """A household in which nobody is left stands as an address; number and requests are forgotten."""
    left = select(func.count()).where(Resident.household_id == household.id, Resident.erased_at.is_(None))
    if session.scalar(left):
        return
    if household.consent not in NO_CONSENT:
        household.consent = ConsentStatus.WITHDRAWN
    session.flush()
    _blank_what_leads_to(session, Household.__tablename__, household.id)
    forget_edits(session, Purpose.REGISTRATION, households=[household.id])
    session.refresh(household)
