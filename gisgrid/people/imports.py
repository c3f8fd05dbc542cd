"""Keeps residents that come from a file: sealed, each once, and nobody who has refused.

A resident is known by the id another system gave, else by a keyed digest of household, name and birth
date; one who was written down here and has neither, by these three themselves. Identity-card numbers are
never taken: there is no column for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.errors import InvalidInput, row_said, say
from gisgrid.people.core.answers import (
    TEXT_UNKNOWN,
    Answer,
    add_resident_answers,
    last_answers,
    stays_refused,
)
from gisgrid.people.core.edit_blanks import forget_edits
from gisgrid.people.core.models import Consent, Resident
from gisgrid.people.core.phone_digests import phone_digest, phone_digests
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.refusals import gone_with, not_to_be_called
from gisgrid.people.core.rules import NO_CONSENT, NOT_ASKED, ConsentStatus, ResidenceStatus
from gisgrid.places.import_batches import TURNED, Batch, RowKind, Saving, is_lived, refuse_turned, save_rows
from gisgrid.places.import_rows import Importing, KeptRows, differences, stored_rows, whole_rows
from gisgrid.places.known import known_homes
from gisgrid.places.models import Household
from gisgrid.places.registered import Place, RegisteredAddress
from gisgrid.storage.base import new_id

PURPOSE: Final = "resident key"
"""What digests of persons are made for."""
_EMPTY: Final[Mapping[str, Any]] = dict.fromkeys(("name", "phone", "phone_digest", "sex", "lived_to"))
_UNNAMED: Final = frozenset({"phone_digest"})
"""What no report names: it is written beside what it is made of."""
_FIELDS: Final = ("name", "phone", "birth_date", "sex", "residence_status", "consent")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedResident:
    """A resident as a file has it; what the file leaves open is None.

    ``answers`` by purpose, without those nobody was asked for; ``asked_at`` and ``text_version`` are about
    all of them. Without ``asked_at`` only the present answer is kept, and none is recorded.
    """

    row: int
    place: Place
    name: str
    birth_date: date
    residence_status: ResidenceStatus | None = None
    external_id: str | None = None
    phone: str | None = None
    sex: str | None = None
    answers: Mapping[Purpose, ConsentStatus] = field(default_factory=dict)
    asked_at: datetime | None = None
    text_version: str | None = None
    lived_from: date | None = None
    lived_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Home:
    """A stored household as a resident needs it; a silent one has said no to being called."""

    id: str
    consent: str | None
    cell_id: str | None
    is_silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    """A row with its household and the keys it may be known by; the first is the one to be stored."""

    one: ImportedResident
    home: _Home
    keys: Sequence[str]
    phone_digest: str | None


_KIND: Final = RowKind(
    name="residents", table=Resident, key="id", action=Action.RESIDENTS_IMPORT, fields=_FIELDS
)


def save_residents(running: Importing, residents: Sequence[ImportedResident]) -> KeptRows:
    """Keep residents in the households they live in; known ones take what the file says of them.

    A field the file leaves empty keeps its value. Who has refused or withdrawn is not taken up; one that was
    here already loses name and phone. A contact that the person or the household refused keeps no phone. A
    refusal that stands here stays, whatever the file says. Who serves some grids only may write those who
    live there.
    """
    digests = Digests(key_ring(running.session), PURPOSE)
    return save_rows(_KIND, running, residents, partial(_take, digests=digests))


def _take(given: Sequence[ImportedResident], batch: Batch, *, digests: Digests) -> None:
    saving = batch.saving
    people = _people(given, saving, digests)
    keys = [key for person in people for key in person.keys]
    statement = whole_rows(Resident).where(Resident.external_key.in_(keys))
    known = {row["external_key"]: row for row in stored_rows(saving.session, statement)}
    known |= _known_by_name(people, saving.session, set(known))
    homes = _homes_by_id(saving.session, {row["household_id"] for row in known.values()})
    said = last_answers(saving.session, Consent.resident_id, (row["id"] for row in known.values()))
    answers: list[Answer] = []
    for person in people:
        stored = next((known[key] for key in person.keys if key in known), None)
        if stored is not None and not _may_change(person, homes[stored["household_id"]], saving):
            continue
        if stored is None:
            resident_id = _make(person, batch)
        else:
            contact = said.get((stored["id"], Purpose.CONTACT))
            resident_id = _change(person, stored, batch, contact=contact)
        if resident_id is not None:
            answers += _answers(person, resident_id)
    batch.then = lambda: saving.kept.count("answers", add_resident_answers(saving.running.notes, answers))


def _known_by_name(people: Sequence[_Person], session: Session, known: set[str]) -> dict[str, dict[str, Any]]:
    """Residents who have no key, as those who were written down here, by the first key of who means them.

    They are told by household, birth date and name, decrypted in memory.
    """
    sought = [person for person in people if not person.one.external_id and not known & set(person.keys)]
    statement = whole_rows(Resident).where(
        Resident.household_id.in_({person.home.id for person in sought}), Resident.external_key.is_(None)
    )
    there = {
        (row["household_id"], row["birth_date"], row["name"]): row for row in stored_rows(session, statement)
    }
    stored = {
        person.keys[0]: there.get((person.home.id, person.one.birth_date, person.one.name))
        for person in sought
    }
    return {key: row for key, row in stored.items() if row is not None}


def _people(batch: Sequence[ImportedResident], saving: Saving, digests: Digests) -> list[_Person]:
    """The rows of a batch whose household is known and may be written, each with its keys."""
    asked: dict[int, RegisteredAddress] = {}
    for resident in batch:
        try:
            asked[resident.row] = saving.buildings.home(resident.place)
        except InvalidInput as error:
            saving.refuse(resident.row, error.faults[0].field or "address", error.faults[0].message)
            _refuse_by_itself(resident, saving)
    homes = _homes(saving.session, saving.community_id, list(asked.values()))
    prepared = []
    for resident in batch:
        if resident.row not in asked:
            continue
        home = homes.get(asked[resident.row].std_address)
        person = _person(resident, home, saving, digests)
        if person is not None:
            prepared.append(person)
    return prepared


def _person(
    resident: ImportedResident, home: _Home | None, saving: Saving, digests: Digests
) -> _Person | None:
    message = _refused_by_home(home, saving)
    if home is None or message is not None:
        saving.refuse(resident.row, "address", message or "")
        _refuse_by_itself(resident, saving)
        return None
    if resident.birth_date > saving.running.today:
        _refuse_by_itself(resident, saving)
        return None
    if resident.external_id:
        keys: Sequence[str] = [resident.external_id]
    else:
        keys = digests.every(digest_parts(home.id, resident.name, resident.birth_date))
    twin = saving.twin(keys[0], resident.row)
    if twin is not None:
        saving.refuse(resident.row, "name", say("{place} is the same person", place=row_said(twin)))
        return None
    own_phone = phone_digest(phone_digests(saving.session), resident.phone)
    return _Person(one=resident, home=home, keys=keys, phone_digest=own_phone)


def _refused_by_home(home: _Home | None, saving: Saving) -> str | None:
    """Why nobody of a household is taken up."""
    if home is None:
        return say("no household here has this address: import the households first")
    if saving.own is not None and home.cell_id not in saving.own:
        return say("this address lies outside the grids this account serves")
    if home.consent in NO_CONSENT:
        return say("this household has refused to be registered: nobody of it is kept")
    return None


def _refuse_by_itself(resident: ImportedResident, saving: Saving) -> None:
    """Say of a row that is left out what else of it can't be so, whoever lives where."""
    if resident.birth_date > saving.running.today:
        saving.refuse(resident.row, "birth_date", say("the day of birth lies in the future"))
    refuse_turned(saving, resident.row, resident.lived_from, resident.lived_to)


def _homes(session: Session, community_id: str, homes: Sequence[RegisteredAddress]) -> dict[str, _Home]:
    ids = known_homes(session, community_id, homes, needs_unit=False)
    statement = select(Household.id, Household.consent, Household.cell_id).where(
        Household.id.in_(ids.values())
    )
    rows = {row.id: row for row in session.execute(statement)} if ids else {}
    silent = not_to_be_called(session, rows)
    return {
        address: _Home(
            id=household_id,
            consent=rows[household_id].consent,
            cell_id=rows[household_id].cell_id,
            is_silent=household_id in silent,
        )
        for address, household_id in ids.items()
    }


def _homes_by_id(session: Session, ids: set[str]) -> dict[str, tuple[str, str | None]]:
    """Community and cell of households."""
    statement = select(Household.id, Household.community_id, Household.cell_id).where(Household.id.in_(ids))
    return {row.id: (row.community_id, row.cell_id) for row in session.execute(statement)}


def _may_change(person: _Person, lives: tuple[str, str | None], saving: Saving) -> bool:
    """Whether a known person is of this community, and lives where the actor may write."""
    community_id, cell_id = lives
    if community_id != saving.community_id:
        saving.refuse(
            person.one.row, "external_id", say("this id belongs to a resident of another community")
        )
        return False
    if saving.own is not None and cell_id not in saving.own:
        saving.refuse(
            person.one.row, "external_id", say("this resident lives outside the grids this account serves")
        )
        return False
    return True


def _describe(person: _Person) -> dict[str, Any]:
    """What a row says of a person; fields it leaves open are not in it."""
    resident = person.one
    said = {
        "household_id": person.home.id,
        "name": resident.name,
        "phone": resident.phone,
        "phone_digest": person.phone_digest,
        "birth_date": resident.birth_date,
        "sex": resident.sex,
        "residence_status": resident.residence_status.value if resident.residence_status else None,
        "lived_from": resident.lived_from,
        "lived_to": resident.lived_to,
    }
    values: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
    if (answer := _registered(person)) is not None:
        values["consent"] = answer
    if person.home.is_silent:
        values |= {"phone": None, "phone_digest": None}
    return values | gone_with({Purpose.CONTACT: resident.answers.get(Purpose.CONTACT)})


def _registered(person: _Person) -> str | None:
    """The answer to being registered that holds; a duty by law of the household leaves a no no room."""
    answer = person.one.answers.get(Purpose.REGISTRATION)
    by_duty = person.home.consent == ConsentStatus.STATUTORY_DUTY
    return person.home.consent if answer in NO_CONSENT and by_duty else answer


def _make(person: _Person, batch: Batch) -> str | None:
    """Prepare a new row; its id, or nothing where the person is not taken up."""
    resident, saving = person.one, batch.saving
    if _registered(person) in NO_CONSENT:
        saving.kept.count("without_consent")
        return None
    if resident.residence_status is None:
        saving.refuse(
            resident.row, "residence_status", say("a new resident needs one of the four residence words")
        )
        refuse_turned(saving, resident.row, resident.lived_from, resident.lived_to)
        return None
    values = {
        **_EMPTY,
        "consent": NOT_ASKED,
        "lived_from": max(saving.running.today, resident.birth_date),
        **_describe(person),
        "id": new_id(),
        "external_key": person.keys[0],
    }
    if not is_lived(values):
        saving.refuse(resident.row, "lived_to", TURNED)
        return None
    _tell_unkept(resident, values, saving)
    batch.fresh.append(values)
    return str(values["id"])


def _tell_unkept(resident: ImportedResident, values: Mapping[str, Any], saving: Saving) -> None:
    if resident.phone and not values["phone"]:
        message = say("consent was refused: the contact is not kept")
        saving.remark(resident.row, row_said(resident.row), "phone", message)


def _beside_phone(different: dict[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Changes with the blind index of a phone where the phone itself changes: a masked one says neither."""
    rest = {name: value for name, value in different.items() if name != "phone_digest"}
    return {**rest, "phone_digest": said.get("phone_digest")} if "phone" in rest else rest


def _change(person: _Person, stored: Mapping[str, Any], batch: Batch, *, contact: str | None) -> str | None:
    said, saving, row = _describe(person), batch.saving, person.one.row
    if stays_refused(stored["consent"], said.get("consent")):
        del said["consent"]
        message = say("consent was refused or withdrawn here: that stays until somebody asks again")
        saving.remark(row, row_said(row), "consent", message)
    registered = said.get("consent", stored["consent"])
    gone = gone_with({Purpose.CONTACT: contact, Purpose.REGISTRATION: registered})
    said |= gone
    if registered in NO_CONSENT:
        forget_edits(saving.session, Purpose.REGISTRATION, residents=[stored["id"]])
    _tell_unkept(person.one, {**stored, **said}, saving)
    different = _beside_phone(differences(stored, said), said)
    if not is_lived({**stored, **different}):
        saving.refuse(row, "lived_to", TURNED)
        return None
    if not different:
        saving.kept.unchanged += 1
        return str(stored["id"])
    named = ["household" if name == "household_id" else name for name in different if name not in _UNNAMED]
    # Who it is stands in the file: reports name the row, never the person.
    forgets = frozenset(
        name for name in ("name", "phone", "phone_digest") if name in said and said[name] is None
    )
    batch.change(row, row_said(row), stored, different, named=named, forgets=forgets)
    return str(stored["id"])


def _answers(person: _Person, resident_id: str) -> list[Answer]:
    resident = person.one
    if resident.asked_at is None:
        return []
    common = Answer(
        subject=resident_id,
        purpose="",
        status="",
        asked_at=resident.asked_at,
        text_version=resident.text_version or TEXT_UNKNOWN,
    )
    return [
        replace(common, purpose=purpose.value, status=status.value)
        for purpose, status in resident.answers.items()
    ]


def digest_parts(household_id: str, name: str, birth_date: date) -> list[str]:
    """What a person without an id of another system is known by."""
    return [household_id, name, birth_date.isoformat()]
