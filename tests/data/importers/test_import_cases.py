"""Cases from a file: each once, none lost, numbered by day, located by the one tie rule, compared."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
import sqlalchemy as sa
from sqlalchemy import select

from data.importers.kinds.cases import NewCategories, import_cases, read_cases
from data.importers.readers.table import FileTable
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.communities import choose_community
from gisgrid.areas.models import Placement
from gisgrid.cases.core.models import Case, CaseLog, Category
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.workflow import CaseAction
from gisgrid.cases.steps import take
from gisgrid.errors import InvalidInput, MissingCrs, NotAllowed
from tests import world

LATER = datetime(2025, 6, 1, tzinfo=UTC)
MIDDLE = world.middle(0, 0)
EAST = world.middle(3, 0)
NEAR = world.middle(-5, 0)
"""Outside the community, less than 2 km away."""


def rows(**columns):
    told = {
        "number": ["A-1", "A-2", "A-3"],
        "category": ["garbage"] * 3,
        "description": ["乱堆放"] * 3,
        "reported_at": ["2025-03-01 08:00:00+08:00", "2025-03-01T01:00:00Z", "2025-03-02 08:00"],
        "closed_at": ["2025-03-02 08:00:00+08:00", "", ""],
        "state": ["closed", "", ""],
        "lon": [str(MIDDLE.x), str(EAST.x), str(NEAR.x)],
        "lat": [str(MIDDLE.y), str(EAST.y), str(NEAR.y)],
        "recorded_area": ["G1", "G3", "NULL"],
        **columns,
    }
    return FileTable(
        frame=pd.DataFrame({name: list(values) for name, values in told.items()}),
        has_geometry=False,
        crs=None,
        source="cases.csv",
    )


def bring(session, made, given, *, new=NewCategories.REFUSE, now=LATER, actor=None, crs="4326", **options):
    actor = actor or made.actor
    return import_cases(
        session,
        actor,
        read_cases(given, tz=world.TZ, crs=crs, **options),
        community=choose_community(session, made.actor, "C1", now=now),
        new_categories=new,
        now=now,
    )


def stored(session):
    session.expire_all()
    return session.scalars(select(Case).order_by(Case.external_number)).all()


def test_cases_are_kept_located_and_numbered_by_their_day(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows())
        assert (outcome.counts["new"], outcome.counts["refused"], outcome.counts["outside"]) == (3, 0, 1)
        one, two, three = stored(session)
        assert [case.number[:9] for case in (one, two, three)] == ["20250301-", "20250301-", "20250302-"]
        assert all(len(case.number) == 15 for case in (one, two, three))
        assert (one.cell_id, two.cell_id) == (world.cell_id(session, 0, 0), world.cell_id(session, 3, 0))
        assert three.cell_id is None
        assert one.reported_grid_id == made.areas["G1"]
        assert (one.state, two.state, one.closed_at) == (
            "closed",
            "reported",
            datetime(2025, 3, 2, tzinfo=UTC),
        )
        assert one.near_border_m == pytest.approx(45, abs=2)
        assert len({case.receipt for case in (one, two, three)}) == 3
        assert session.scalar(select(sa.func.count(CaseLog.id)).where(CaseLog.action == "import")) == 3


def test_times_without_offset_are_of_the_deployments_zone_and_that_is_said(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows())
        assert (outcome.counts["times_without_offset"], outcome.counts["zone_of_those"]) == (
            1,
            "Asia/Shanghai",
        )
        assert stored(session)[2].reported_at == datetime(2025, 3, 2, tzinfo=UTC)


def test_a_due_date_is_taken_or_follows_from_the_severity(database):
    with database.write() as session:
        made = world.found(session)
        given = rows(due_at=["2025-04-01", "", ""], severity=["", "小事", ""])
        bring(session, made, given)
        one, two, _three = stored(session)
        assert one.due_at == datetime(2025, 3, 31, 16, tzinfo=UTC)
        assert two.severity == "small"
        assert two.due_at == datetime(2025, 3, 2, 6, tzinfo=world.TZ)


@pytest.mark.parametrize("word", ["紧急", "急事", "emergency"])
def test_an_emergency_is_known_by_the_word_of_today_and_by_the_former_one(database, word):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows(severity=[word, "", ""]))
        assert stored(session)[0].severity == "emergency"


def test_the_recorded_area_is_compared_and_never_used_to_assign(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows())
        counts = outcome.counts
        assert (counts["recorded_same"], counts["recorded_differs"]) == (1, 1)
        assert counts["without_recorded_or_position"] == 1
        told = [(note.row, note.key, note.message) for note in outcome.remarks]
        assert told == [(2, "A-2", "recorded in G3, lies in G2"), (3, "A-3", "no area is recorded")]
        assert [case.recorded_area for case in stored(session)] == ["G1", "G3", None]


def test_a_name_is_as_good_as_a_code_to_compare_with(database):
    with database.write() as session:
        made = world.found(session)
        counts = bring(session, made, rows(recorded_area=["第1网格", "第2网格", ""])).counts
        assert (counts["recorded_same"], counts["recorded_differs"]) == (2, 0)


def test_a_file_without_recorded_areas_lists_only_cases_without_a_place(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows(recorded_area=["", "", ""], lon=["", str(EAST.x), "0"]))
        assert outcome.counts["without_recorded_or_position"] == 1
        assert [(note.row, note.message) for note in outcome.remarks] == [
            (1, "no area and no position is recorded")
        ]


def test_the_same_file_again_changes_nothing(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows())
        counts = bring(session, made, rows(), now=LATER + timedelta(hours=1)).counts
        assert (counts["new"], counts["updated"], counts["unchanged"]) == (0, 0, 3)
        assert session.scalar(select(sa.func.count(Case.fid))) == 3
        assert session.scalar(select(sa.func.count(CaseLog.id))) == 3


def test_a_changed_row_is_an_update_with_its_fields(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows())
        changed = rows(state=["closed", "处理中", ""], lon=[str(EAST.x), str(EAST.x), "0"])
        outcome = bring(session, made, changed, now=LATER + timedelta(hours=1))
        assert outcome.counts["updated"] == 2
        told = [(note.row, note.field) for note in outcome.remarks if note.field != "recorded_area"]
        assert told == [(1, "position"), (2, "state")]
        one, two, _three = stored(session)
        assert (one.cell_id, two.state) == (world.cell_id(session, 3, 0), "handling")
        assert session.scalars(select(Placement.cell_id)).all() == [world.cell_id(session, 0, 0)]


def test_what_was_settled_here_stays_settled(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows())
        case = stored(session)[1]
        case.state, case.closed_at, case.feedback_channel = "closed", LATER, "earlier"
        session.flush()
        counts = bring(session, made, rows(), now=LATER + timedelta(hours=1)).counts
        assert counts["updated"] == 0
        assert (stored(session)[1].state, stored(session)[1].closed_at) == ("closed", LATER)


def test_unknown_categories_are_refused_with_their_names(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows(category=["garbage", "路灯 不亮", ""]))
        assert (outcome.counts["new"], outcome.counts["refused"]) == (1, 2)
        assert outcome.counts["new_categories"] == ["未分类", "路灯 不亮"]
        assert [(fault.row, fault.field) for fault in outcome.faults] == [(2, "category"), (3, "category")]


@pytest.mark.parametrize(("new", "is_confidential"), [("confidential", True), ("open", False)])
def test_new_categories_are_confidential_unless_opened(database, new, is_confidential):
    with database.write() as session:
        made = world.found(session)
        given = rows(category=["Street Light!", "street light!", "Garbage"])
        counts = bring(session, made, given, new=NewCategories(new)).counts
        assert (counts["new"], counts["new_categories"]) == (3, ["Street Light!"])
        fresh = session.scalars(select(Category).where(Category.group == "导入")).one()
        assert (fresh.code, fresh.name, fresh.is_confidential) == (
            "street-light",
            "Street Light!",
            is_confidential,
        )
        assert stored(session)[2].category_code == "garbage"


def test_a_case_without_number_is_kept_and_known_again_by_what_it_says(database):
    with database.write() as session:
        made = world.found(session)
        given = rows(number=["", "", "A-3"], reported_at=["2025-03-01T01:00:00Z"] * 3, closed_at=[""] * 3)
        same = rows(
            number=["", "", "A-3"],
            reported_at=["2025-03-01T01:00:00Z"] * 3,
            closed_at=[""] * 3,
            lon=[str(MIDDLE.x)] * 3,
            lat=[str(MIDDLE.y)] * 3,
        )
        assert bring(session, made, given).counts["without_number"] == 2
        assert bring(session, made, given).counts["unchanged"] == 3
        assert bring(session, made, same, now=LATER).counts["new"] == 1


def test_positions_that_are_none_are_no_fault_of_the_case(database):
    with database.write() as session:
        made = world.found(session)
        counts = bring(session, made, rows(lon=["", "x", "200"])).counts
        assert (counts["new"], counts["no_position"], counts["outside"]) == (3, 3, 0)
        assert {case.position for case in stored(session)} == {None}


def test_all_faults_of_a_row_are_told_at_once(database):
    given = rows(
        reported_at=["soon", "", "2025-03-02"], severity=["", "", "huge"], closed_at=["", "", "2025-03-01"]
    )
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, given)
    told = [(fault.row, fault.field) for fault in outcome.faults]
    assert told == [(1, "reported_at"), (2, "reported_at"), (3, "closed_at"), (3, "severity")]
    assert outcome.counts["refused"] == 3


def test_a_number_twice_in_a_file_is_refused(database):
    with database.write() as session:
        made = world.found(session)
        outcome = bring(session, made, rows(number=["A-1", "A-1", "A-3"]))
        assert [(fault.row, fault.message) for fault in outcome.faults] == [
            (2, "row 1 has the number A-1 too")
        ]


def test_neither_crs_nor_columns_are_guessed():
    with pytest.raises(MissingCrs):
        read_cases(rows(), tz=world.TZ)
    bare = FileTable(
        frame=pd.DataFrame({"reported_at": ["2025-01-01"]}), has_geometry=False, crs=None, source="c.csv"
    )
    for crs in (None, "4326"):  # no CRS would help
        with pytest.raises(
            InvalidInput, match=r"no columns for a place: .* the one for the address"
        ) as refused:
            read_cases(bare, tz=world.TZ, crs=crs)
        assert not isinstance(refused.value, MissingCrs)


def test_a_datum_is_converted_and_kept(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows(), crs="GCJ-02")
        case = stored(session)[0]
        assert case.datum == "GCJ-02"
        assert 0.001 < case.position.distance(MIDDLE) < 0.01


def test_one_audit_entry_counts_and_others_may_not(database):
    with database.write() as session:
        made = world.found(session)
        bring(session, made, rows())
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cases:import")).one()
        assert (entry.count, entry.reason) == (3, "3 new, 0 changed, 0 unchanged")
        staff = world.add_actor(session, made, Role.STAFF)
        with pytest.raises(NotAllowed):
            bring(session, made, rows(), actor=staff)


def test_what_was_opened_again_or_put_off_here_stays_so(database):
    with database.write() as session:
        made = world.found(session)
        due = "2025-03-03 08:00:00+08:00"
        given = rows(due_at=[due, due, ""], closed_at=["2025-05-28 08:00:00+08:00", "", ""])
        bring(session, made, given)
        closed, open_, _ = stored(session)
        view = made.view(session, now=LATER)
        until = LATER + timedelta(days=9)
        take(view, closed.id, CaseAction.REOPEN, StepInput(reason="又堆了"), now=LATER)
        take(view, open_.id, CaseAction.EXTEND, StepInput(reason="等设备", due=until), now=LATER)
        again = bring(session, made, given, now=LATER + timedelta(hours=1))
        assert again.counts["updated"] == 0
        closed, open_, _ = stored(session)
        assert (closed.state, closed.closed_at) == ("accepted", None)
        assert open_.due_at == until
        ended = rows(closed_at=["2025-06-03 08:00:00+08:00", "", ""])
        bring(session, made, ended, now=LATER + timedelta(days=3))
        assert stored(session)[0].state == "closed"
