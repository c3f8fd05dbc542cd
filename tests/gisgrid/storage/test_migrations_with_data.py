"""Every revision goes down and up again with rows in its tables: what it need not lose stays equal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

import pytest
import sqlalchemy as sa
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gisgrid.access.models import AccountScope, AuditEntry, ImportRun, Role
from gisgrid.areas.models import UnitCell
from gisgrid.areas.view import Caches
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.requirements import Given
from gisgrid.cases.core.store import rebuilt
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.steps import take
from gisgrid.indicators.evaluation.models import EvaluationCase, EvaluationSample
from gisgrid.people.core.models import Consent, ConsentText, Resident, ServiceContract
from gisgrid.redraw import service as plan_service
from gisgrid.redraw import submission
from gisgrid.redraw.plans import store
from gisgrid.redraw.plans.models import Notice
from gisgrid.redraw.publication import publish
from gisgrid.storage import migrate
from gisgrid.storage.content.reader import read_content
from gisgrid.storage.engine import Database
from gisgrid.upkeep.checks import check_database
from tests import world
from tests.demo_files import fill as fill_demo
from tests.older import forms_here

LOST: Final[dict[str, dict[str, str]]] = {
    "0036": {
        "plan_note": "a plan that was taken back becomes a comment",
        "notice": "that a plan was taken back is new",
    },
    "0035": {"consent_text": "texts of a purpose there was not before"},
    "0033": {
        "account": "names of organisations are new",
        "case_errand": "what was returned counts as taken back",
        "case_notice": "notices of errands are new",
    },
    "0031": {
        "case_file": "the same texts sealed once more are other bytes",
        "case_log": "the same texts sealed once more are other bytes",
        "case_errand": "the same texts sealed once more are other bytes",
    },
    "0021": {"case_file": "targets, versions of rules and levels that were told are new"},
    "0020": {
        "case_file": "routes, claims, feedback, ratings and the states between are new",
        "case_log": "details are new",
        "category": "nets, lines and skills of categories are new",
    },
    "0016": {
        "resident": "a person who was erased gets a birth date, since there had to be one; when is forgotten",
    },
    "0014": {
        "worker": "codes are new",
        "household": "kinds and contacts are new",
        "facility": "codes are new",
        "resident": "who was not asked counts as refused: nothing of them is shown",
    },
    "0011": {"notice": "kinds of notices, names and sheets are new"},
    "0010": {"placement": "the community of a placement is new"},
    "0008": {
        "plan_note": "details are new",
    },
    "0007": {"plan_note": "a withdrawal becomes a comment"},
    "0006": {"unit_cell": "closed cells that share a number get one below 0"},
}
"""What a step down forgets in tables that stay, by the revision that is taken back, and why.

Tables that a revision brought go with all their rows.
"""


def _hashes(database: Database) -> dict[str, str]:
    with database.snapshot() as connection:
        return read_content(connection, forms_here(connection)).tables


def _rows(database: Database) -> int:
    """How many rows all tables have together."""
    with database.snapshot() as connection:
        tables = [sa.table(form.name) for form in forms_here(connection)]
        return sum(connection.scalar(select(sa.func.count()).select_from(table)) or 0 for table in tables)


def _assert_sound(database: Database) -> None:
    if not database.is_sqlite:
        return
    with database.snapshot() as connection:
        assert not connection.execute(sa.text("PRAGMA foreign_key_check")).all()
        geometries = sa.text("SELECT f_table_name, f_geometry_column FROM geometry_columns")
        for table, column in connection.execute(geometries).all():
            check = sa.text("SELECT CheckSpatialIndex(:table, :column)")
            assert connection.scalar(check, {"table": table, "column": column}) == 1, table


def _down_and_up(database: Database) -> list[str]:
    """Each revision taken back, brought again, compared, and taken back for good; those that were."""
    passed = []
    for revision, earlier in zip(migrate.revisions(), [*migrate.revisions()[1:], "base"], strict=True):
        before = _hashes(database)
        migrate.downgrade(database, earlier)
        if earlier == "base":
            assert _hashes(database) == {}
            break
        kept = _hashes(database)
        migrate.upgrade(database, revision)
        after = _hashes(database)
        assert after.keys() == before.keys(), revision
        changed = {table for table in kept.keys() & before.keys() if before[table] != after[table]}
        assert changed <= LOST.get(revision, {}).keys(), revision
        _assert_sound(database)
        migrate.downgrade(database, earlier)
        assert _hashes(database) == kept, revision
        _assert_sound(database)
        passed.append(revision)
    return passed


def test_counting_goes_on_after_the_numbers_that_were_counted(database: Database, now: datetime) -> None:
    _live(database, now)
    with database.write() as session:
        session.execute(sa.update(Case).values(number="20261124-0042"))
    try:
        migrate.downgrade(database, "0036")
        counter = sa.table("case_counter", sa.column("day", sa.Date), sa.column("last"))
        with database.snapshot() as connection:
            assert connection.execute(sa.select(counter)).all() == [(date(2026, 11, 24), 42)]
    finally:
        migrate.upgrade(database)


def _live(database: Database, now: datetime) -> world.World:
    """A community with people, a case, a published plan with notices, an import and answers."""
    caches = Caches()
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        world.add_resident(session, home, date(1950, 1, 1))
        erased = world.add_resident(session, home, date(1960, 1, 1))
        unasked = world.add_resident(session, home, date(1970, 1, 1))
        erased.birth_date, erased.erased_at, unasked.consent = None, now, "not_asked"
        one = {"purpose": "registration", "status": "granted", "text_version": "2025-01", "asked_at": now}
        session.add(Consent(resident_id=erased.id, **one))
        org = world.add_actor(session, made, Role.ORG)
        day = {"service": "meals", "from_day": now.date(), "made_at": now}
        session.add(ServiceContract(account_id=org.account_id, resident_id=unasked.id, **day))
        for purpose in ("contact", "contracted_services"):
            written = {"version": "2026-11-1", "zh": "新", "en": "new", "written_at": now}
            session.add(ConsentText(purpose=purpose, account_id=org.account_id, **written))
        session.add(AuditEntry(at=now, action="a", object_kind="x", reason="because"))
        run = {"kind": "residents", "file_name": "a.csv", "sha256": "0" * 64, "community_id": made.community}
        session.add(ImportRun(at=now, counts={"new": 1}, **run))
        session.add(background_image(made.community, now))
    with database.write() as session:
        look = made.look(session, now=now)
        lon, lat = world.middle(1, 1).coords[0]
        case = ReportCase(lon=lon, lat=lat, category="garbage", description="x")
        kept = report(session, made.actor, case, caches=caches, now=now, tz=world.TZ).case
        days = {"first_day": date(2026, 10, 1), "last_day": date(2026, 10, 31)}
        sample = EvaluationSample(
            community_id=made.community, **days, size=5, population=1, seed=7, drawn_at=now
        )
        session.add(sample)
        session.flush()
        told = {"result": "solved", "score": 5, "note": "seen", "checked_at": now}
        session.add(EvaluationCase(sample_id=sample.id, place=1, case_id=kept.id, **told))
        plan = store.new_plan(look, "plan", now=now)
        cell = session.scalars(select(UnitCell.id).where(UnitCell.number == 2)).one()
        plan_service.add_edit(
            look, plan.id, {"op": "paint", "cells": [cell], "to": "G2"}, caches=caches, now=now
        )
        publish(look, plan.id, "why", caches=caches, now=now)
    _take_one_back(database, made, caches, now)
    return made


def background_image(community: str, now: datetime) -> BackgroundImage:
    """An image of the ground whose tiles nobody has."""
    box = {"west": 118.2, "south": 33.4, "east": 118.3, "north": 33.6}
    size = {"min_zoom": 12, "max_zoom": 18, "tiles": 4, "size": 5_000_000_000}
    said = {"name": "ground", "attribution": "", "file_name": "a.tif", "is_public": False}
    return BackgroundImage(community_id=community, added_at=now, **box, **size, **said)


def _take_one_back(database: Database, made: world.World, caches: Caches, now: datetime) -> None:
    """A plan that was submitted, told of and taken back."""
    with database.write() as session:
        staff = world.add_actor(session, made, Role.STAFF)
        head = world.add_actor(session, made, Role.HEAD)
        session.add(AccountScope(account_id=head.account_id, area_id=made.community))
        look = made.look(session, staff, now=now)
        plan = store.new_plan(look, "taken back", now=now)
        cell = session.scalars(select(UnitCell.id).where(UnitCell.number == 9)).one()
        plan_service.add_edit(
            look, plan.id, {"op": "paint", "cells": [cell], "to": "G1"}, caches=caches, now=now
        )
        submission.submit(look, plan.id, "", caches=caches, now=now)
        submission.recall(look, plan.id, "", now=now)
        assert "recalled" in session.scalars(select(Notice.kind)).all()


@pytest.mark.timeout(900)
def test_every_revision_keeps_what_it_can_and_says_what_it_cannot(database: Database, now: datetime) -> None:
    made = _live(database, now)
    try:
        passed = _down_and_up(database)
    finally:
        migrate.upgrade(database)
    assert set(LOST) <= set(passed)
    with database.read() as session:
        assert session.scalars(select(Resident.id)).all() == []
    assert made.community


def test_from_the_first_revision_with_plans_everything_comes_up_to_work(
    database: Database, now: datetime
) -> None:
    made = _live(database, now)
    try:
        migrate.downgrade(database, "0005")
    finally:
        migrate.upgrade(database)
    _assert_sound(database)
    with database.read() as session:
        checked = check_database(session, made.actor, at=now + timedelta(hours=1))
        assert not any(checked.counts().values())
        assert session.scalars(select(Notice.id)).all() == []
        people = session.scalars(select(Resident).order_by(Resident.birth_date)).all()
        # Who was not asked counted as refused in those days, and what was refused is not kept.
        assert [one.name for one in people] == ["示例甲", "示例甲", None]
        assert [one.birth_date.year for one in people if one.birth_date] == [1900, 1950, 1970]


def test_states_of_cases_become_those_there_were_and_closed_ones_keep_their_feedback(
    database: Database, now: datetime
) -> None:
    """Earlier there were three states; a case closed then counts as told, and its log says who had it."""
    with database.write() as session:
        made = world.found(session)
        member = world.add_actor(session, made, Role.MEMBER, "G1")
        lon, lat = world.middle(0, 0).coords[0]
        command = ReportCase(lon=lon, lat=lat, category="garbage", description="x")
        look, numbers = made.look(session, member, now=now), {}
        for state in ("filed", "suspended", "void", "closed"):
            case = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ).case
            numbers[state] = case.number
            take(look, case.id, CaseAction.START, now=now)
            if state == "closed":
                take(look, case.id, CaseAction.CLOSE, Given(result="done"), now=now)
                continue
            case.state = state
            case.suspended_at = now if state == "suspended" else None
            case.closed_at = now if state == "void" else None
    try:
        migrate.downgrade(database, "0023")
        with database.read() as session:
            rows = session.execute(sa.text("SELECT number, state FROM case_file"))
            found = {row.number: row.state for row in rows}
    finally:
        migrate.upgrade(database)
    was = {state: found[number] for state, number in numbers.items()}
    assert was == {"filed": "reported", "suspended": "handling", "void": "closed", "closed": "closed"}
    with database.read() as session:
        case = session.scalars(select(Case).where(Case.number == numbers["closed"])).one()
        assert (case.state, case.feedback_channel, case.feedback_at) == ("closed", "earlier", now)
        assert case.resolution == "handled"
        known = rebuilt(session, case.id)
        assert (known.state, known.handler_id, known.result) == ("closed", member.worker_id, "done")


def test_a_case_closed_without_a_channel_counts_as_not_noted_before(
    database: Database, now: datetime
) -> None:
    """Earlier there had to be a channel; and the check is a check again, both ways."""
    with database.write() as session:
        made = world.found(session)
        lon, lat = world.middle(0, 0).coords[0]
        command = ReportCase(lon=lon, lat=lat, category="garbage", description="x")
        case = report(session, made.actor, command, caches=made.caches, now=now, tz=world.TZ).case
        take(made.look(session, now=now), case.id, CaseAction.CLOSE, Given(result="done"), now=now)
        assert case.feedback_channel is None
    bare = sa.text("UPDATE case_file SET feedback_channel = NULL, result = NULL WHERE state = 'closed'")
    try:
        migrate.downgrade(database, "0035")
        with database.read() as session:
            told = session.execute(sa.text("SELECT feedback_channel, feedback_at FROM case_file")).one()
            assert told.feedback_channel == "earlier"
            assert told.feedback_at
        untold = sa.text("UPDATE case_file SET feedback_channel = NULL WHERE state = 'closed'")
        with pytest.raises(IntegrityError), database.write() as session:
            session.execute(untold)
    finally:
        migrate.upgrade(database)
    _assert_sound(database)
    with database.write() as session:
        session.execute(untold)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(bare)


@pytest.mark.prove
@pytest.mark.timeout(3600)
def test_the_demo_goes_down_and_up_through_every_revision(
    database: Database, now: datetime, record_property: Callable[[str, object], None]
) -> None:
    fill_demo(database, now=now)
    record_property("rows", _rows(database))
    try:
        passed = _down_and_up(database)
        record_property("revisions", len(passed))
        record_property("revisions that lose something", len(set(passed) & set(LOST)))
        assert set(LOST) <= set(passed)
    finally:
        migrate.upgrade(database)
