"""What was refused before the rule held goes with the upgrade; everything else stays."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gisgrid.access.imports import FORGOTTEN
from gisgrid.access.models import ImportChange, ImportRun
from gisgrid.people.core.models import Consent, Resident
from gisgrid.places.models import Household
from gisgrid.storage import migrate
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world

PHONE = "199-0000-0001"


def say(session: Session, at: datetime, status: str, **subject: str) -> None:
    given = {"text_version": "2025-01", "asked_at": at, "purpose": "contact", "status": status}
    session.add(Consent(id=new_id(), **given, **subject))


def test_what_was_refused_before_goes_with_the_upgrade(database: Database, now: datetime) -> None:
    later = now + timedelta(days=1)
    cases = ("granted", "refused", "silent", "once silent", "person", "person silent")
    ids: dict[str, str] = {}
    with database.write() as session:
        made = world.found(session)
        run = ImportRun(at=now, counts={}, kind="residents", file_name="a.csv", sha256="0" * 64)
        session.add(run)
        session.flush()
        for number, case in enumerate(cases):
            building = world.add_building(session, made, number % 4, number // 4, number=str(number + 1))
            consent = "refused" if case == "refused" else "granted"
            home = world.add_household(session, building, "101", consent=consent)
            home.contact = PHONE
            person = world.add_resident(session, home, date(1950, 1, 1), name=case)
            person.phone, person.consent = PHONE, "withdrawn" if case == "person" else "granted"
            ids[case] = person.id
            if case in {"silent", "once silent"}:
                say(session, now, "refused", household_id=home.id)
            if case == "once silent":
                say(session, later, "granted", household_id=home.id)
            if case == "person silent":
                say(session, now, "granted", resident_id=person.id)
                say(session, later, "withdrawn", resident_id=person.id)
            for kind, key in (("resident", person.id), ("household", home.id)):
                note = {"object_kind": kind, "object_id": key, "before": PHONE, "after": "#1:0"}
                session.add(ImportChange(import_id=run.id, **note))
        session.execute(update(Resident).where(Resident.id == ids["refused"]).values(consent="granted"))
    migrate.downgrade(database, "0038")
    migrate.upgrade(database)
    with database.read() as session:
        rows = session.execute(
            select(Resident, Household).join(Household, Household.id == Resident.household_id)
        ).all()
        found = {
            person.id: (person.name, person.phone, person.consent, home.contact) for person, home in rows
        }
        assert {case: found[key] for case, key in ids.items()} == {
            "granted": ("granted", PHONE, "granted", PHONE),
            "refused": (None, None, "refused", None),
            "silent": ("silent", None, "granted", None),
            "once silent": ("once silent", PHONE, "granted", PHONE),
            "person": (None, None, "withdrawn", PHONE),
            "person silent": ("person silent", None, "granted", PHONE),
        }
        notes = session.execute(select(ImportChange.object_id, ImportChange.before)).all()
        forgotten = {key for key, before in notes if before == FORGOTTEN}
        homes = {person.id: home.id for person, home in rows}
        people = {ids[case] for case in ("refused", "silent", "person", "person silent")}
        assert forgotten == people | {homes[ids[case]] for case in ("refused", "silent")}
