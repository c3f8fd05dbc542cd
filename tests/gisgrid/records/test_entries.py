"""Records are written once, by who serves the subject, as far as the subject agreed."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.days import day_of
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.forms.expressions.parser import parse
from gisgrid.forms.tree import Choice, FormSettings, FormTree, Question, Repeat
from gisgrid.people.core.models import Consent
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.record_models import Record, RecordPhoto
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.entries.inputs import RecordInput
from gisgrid.records.entries.outcomes import WrittenRecord
from gisgrid.records.entries.photos import put_photo
from gisgrid.records.entries.service import write_record
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world

VISIT = FormTree(
    code="visit",
    title={"zh": "探访"},
    languages=("zh",),
    settings=FormSettings(subject="person", purpose="elder_visits"),
    choices={"met": (Choice(name="yes"), Choice(name="no"))},
    items=(
        Question(name="seen", type="select_one", choices="met", no_consent=True, required=parse("true()")),
        Question(name="left", type="text", no_consent=True),
        Question(name="note", type="text"),
        Question(name="photo", type="image"),
        Question(
            name="met", type="calculate", calculation=parse("${seen} = 'yes'"), mark=True, no_consent=True
        ),
    ),
)
CHECK = FormTree(
    code="check",
    title={"zh": "核实"},
    languages=("zh",),
    settings=FormSettings(subject="household", purpose="registration"),
    items=(
        Question(name="outcome", type="text"),
        Repeat(name="people", register="household.persons", items=(Question(name="note", type="text"),)),
    ),
)


@dataclass
class Field:
    """A grid with a household of one elder, both forms, and somebody of a role who serves the grid."""

    view: View
    session: Session
    person: str
    home: str
    now: datetime

    def sent(self, answers: Mapping[str, object] | None = None, **values: Any) -> RecordInput:
        tree = values.pop("tree", VISIT)
        row = select(FormVersion.id).where(
            FormVersion.sha256 == hashlib.sha256(tree.code.encode()).hexdigest()
        )
        usual = RecordInput(
            id=new_id(),
            version_id=self.session.scalars(row).one(),
            subject=SubjectKind(tree.settings.subject),
            subject_id=self.person if tree is VISIT else self.home,
            day=day_of(self.now, world.TZ),
            filled_at=self.now - timedelta(minutes=5),
            answers=answers if answers is not None else {"seen": "yes", "note": "好"},
        )
        return replace(usual, **values)

    def write(self, sent: RecordInput) -> WrittenRecord:
        return write_record(self.view, sent, now=self.now)


def field(session: Session, now: datetime, role: Role = Role.MEMBER, answer: str | None = "granted") -> Field:
    made = world.found(session)
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    person = world.add_resident(session, home, date(1940, 1, 1))
    files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in (VISIT, CHECK)]
    install_forms(session, made.actor, files, now=now)
    if answer:
        asked = {"asked_at": now, "text_version": "1", "status": answer}
        session.add(Consent(household_id=home.id, purpose="elder_visits", **asked))
    session.flush()
    view = made.view(session, world.add_actor(session, made, role, "G1"), now=now)
    return Field(view=view, session=session, person=person.id, home=home.id, now=now)


def stored(place: Field) -> Record:
    place.session.expire_all()
    return place.session.scalars(select(Record).where(Record.parent_id.is_(None))).one()


def test_a_record_is_kept_with_its_marks_its_cell_and_a_line_in_the_trail(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        place = field(session, now)
        sent = place.sent()
        assert place.write(sent) == WrittenRecord(id=sent.id, is_new=True)
        row = stored(place)
        assert json.loads(row.answers)["note"] == "好"
        assert json.loads(row.marks) == {"met": True}
        assert (row.met, row.is_day_doubtful, row.form_code) == (True, False, "visit")
        assert row.cell_id == world.cell_id(session, 0, 0)
        entries = select(AuditEntry).where(AuditEntry.action == "records:write")
        assert [entry.object_id for entry in session.scalars(entries)] == [sent.id]


def test_the_same_record_again_is_one_and_another_under_its_id_is_refused(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        place = field(session, now)
        sent = place.sent()
        assert [place.write(sent).is_new for _twice in range(2)] == [True, False]
        with pytest.raises(Conflict, match="another record"):
            place.write(replace(sent, answers={"seen": "no"}))
        assert session.scalar(select(func.count()).select_from(Record)) == 1


@pytest.mark.parametrize("answer", ["refused", "withdrawn"])
def test_after_a_no_only_that_somebody_came_is_kept(database: Database, now: datetime, answer: str) -> None:
    with database.write() as session:
        place = field(session, now, answer=answer)
        assert place.write(place.sent({"seen": "no", "left": "字条", "note": "生病"})).is_attempt
        assert json.loads(stored(place).answers).keys() <= {"seen", "met"}


def test_before_anybody_asked_consent_comes_first(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now, answer=None)
        with pytest.raises(InvalidInput, match="ask first"):
            place.write(place.sent())
        place.write(place.sent({"seen": "no"}))
        assert stored(place).met is False


@pytest.mark.parametrize(
    "wrong",
    [
        {"filled_at": timedelta(days=-40)},
        {"filled_at": timedelta(hours=3)},
        {"day": date(2026, 1, 1)},
        {"day": date(2027, 1, 1)},
    ],
)
def test_times_that_can_not_be_give_the_day_of_receipt(
    database: Database, now: datetime, wrong: dict[str, Any]
) -> None:
    with database.write() as session:
        place = field(session, now)
        sent = {key: now + value if isinstance(value, timedelta) else value for key, value in wrong.items()}
        place.write(place.sent(**sent))
        row = stored(place)
        assert (row.day, row.filled_at, row.is_day_doubtful) == (day_of(now, world.TZ), now, True)


def test_what_is_wrong_is_told_at_once_and_nothing_is_kept(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        with pytest.raises(InvalidInput) as refused:
            place.write(place.sent({"seen": "perhaps", "other": "x"}))
        assert len(refused.value.faults) == 2
        with pytest.raises(InvalidInput, match="UUID"):
            place.write(place.sent(id="1"))
        assert session.scalar(select(func.count()).select_from(Record)) == 0


@pytest.mark.parametrize(
    ("role", "refusal"),
    [
        (Role.GRID_LEADER, NotAllowed),
        (Role.STEWARD, NotAllowed),
        (Role.LEADER, NotAllowed),
        (Role.RESIDENT, NotAllowed),
        (Role.ADMIN, NotAllowed),
        (Role.HEAD, None),
        (Role.STAFF, None),
    ],
)
def test_who_fills_forms_about_people(
    database: Database, now: datetime, role: Role, refusal: type[Exception] | None
) -> None:
    with database.write() as session:
        place = field(session, now, role=role)
        if refusal is None:
            assert place.write(place.sent()).is_new
            return
        with pytest.raises(refusal):
            place.write(place.sent())


def test_a_member_of_another_grid_finds_nobody(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        elsewhere = replace(place.view.actor, areas=frozenset())
        view = replace(place.view, actor=elsewhere)
        with pytest.raises(NotFound):
            write_record(view, place.sent(), now=now)


def test_a_photo_comes_first_and_belongs_to_the_person(database: Database, now: datetime) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "PNG")
    digest = hashlib.sha256(buffer.getvalue()).hexdigest()
    with database.write() as session:
        place = field(session, now)
        sent = place.sent({"seen": "yes", "photo": digest})
        with pytest.raises(InvalidInput, match="not come yet"):
            place.write(sent)
        put = [put_photo(place.view, digest, buffer.getvalue(), now=now) for _twice in range(2)]
        assert put == [True, False]
        with pytest.raises(InvalidInput, match="another one"):
            put_photo(place.view, "0" * 64, buffer.getvalue(), now=now)
        place.write(sent)
        photo = session.scalars(select(RecordPhoto)).one()
        assert (photo.record_id, photo.resident_id, photo.question) == (sent.id, place.person, "photo")


def test_rows_about_people_are_records_of_theirs(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        rows = [{"_id": place.person, "note": "腿脚不便"}]
        place.write(place.sent({"outcome": "见到", "people": rows}, tree=CHECK))
        assert "腿脚不便" not in stored(place).answers
        child = session.scalars(select(Record).where(Record.parent_id.is_not(None))).one()
        assert (child.resident_id, child.subject) == (place.person, "person")
        assert json.loads(child.answers) == {"people": {"note": "腿脚不便"}}
        with pytest.raises(InvalidInput, match="no such person"):
            place.write(place.sent({"people": [{"_id": new_id(), "note": "x"}]}, tree=CHECK))


def test_a_retired_version_is_taken_for_a_month(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = field(session, now)
        sent = place.sent()
        for days, is_taken in ((31, True), (32, False)):
            version = session.get_one(FormVersion, sent.version_id)
            version.state, version.retired_at = "retired", now - timedelta(days=days)
            session.flush()
            if is_taken:
                assert place.write(sent).is_new
            else:
                with pytest.raises(Conflict, match="not taken any more"):
                    place.write(place.sent())
