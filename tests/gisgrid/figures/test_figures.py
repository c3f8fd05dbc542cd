"""Figures by area: counted as of any day, the same elders everywhere, small numbers hidden from strangers."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.models import Level, PlacedKind, Placement
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.days import period
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.figures.area_figures import area_figures, territories
from gisgrid.figures.cards import area_card, household_card
from gisgrid.figures.elderly import elderly_coverage, uncovered_elders
from gisgrid.figures.hotspots import CaseFilter, heat, hotspots
from gisgrid.figures.renovation import renovation
from gisgrid.figures.search import find, find_people
from gisgrid.places.models import Facility
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.world import LAT, LON, STEP, TZ, World

OLD, YOUNG, VERY_OLD = date(1950, 1, 1), date(1990, 1, 1), date(1940, 1, 1)


def _fill(session: Session, made: World) -> None:
    """G1: 6 elders (one 80+), a refused household; G2: 2 elders."""
    first = world.add_building(session, made, 0, 0)
    for number in range(5):
        home = world.add_household(session, first, f"10{number}")
        world.add_resident(session, home, OLD, name=f"示例{number}")
        world.add_resident(session, home, YOUNG)
    world.add_resident(session, home, VERY_OLD)
    world.add_household(session, first, "201", consent="refused")
    second = world.add_building(session, made, 3, 0, number="2")
    for number in range(2):
        world.add_resident(session, world.add_household(session, second, f"10{number}"), OLD)


def _cases(
    session: Session, made: World, now: datetime, column: float, count: int, category: str = "garbage"
) -> None:
    for _ in range(count):
        command = ReportCase(
            lon=LON + (column + 0.5) * STEP, lat=LAT + 0.5 * STEP, category=category, description="x"
        )
        report(session, made.actor, command, caches=made.caches, now=now, tz=TZ)


def _leader(made: World) -> Actor:
    return Actor(name="leader", role=Role.LEADER, areas=frozenset({made.community}))


def _year(now: datetime):
    return CaseFilter(period=period(None, None, today=now.astimezone(TZ).date(), tz=TZ))


def test_counts_by_grid_are_those_of_the_people_in_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        frame = area_figures(made.view(session, now=now), Level.GRID).set_index("code")
        community = area_figures(made.view(session, now=now), Level.COMMUNITY)
    assert frame["households"].to_dict() == {"G1": 6, "G2": 2, "G3": 0, "G4": 0}
    assert frame["residents"].to_dict() == {"G1": 11, "G2": 2, "G3": 0, "G4": 0}
    assert frame["elders"].to_dict() == {"G1": 6, "G2": 2, "G3": 0, "G4": 0}
    assert community["elders"].tolist() == [8]


def test_an_elder_is_counted_from_the_birthday_on(database: Database, now: datetime) -> None:
    day = now.astimezone(TZ).date()
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        world.add_resident(session, home, date(day.year - 60, day.month, day.day))
        world.add_resident(session, home, date(day.year - 60, day.month, day.day) + timedelta(days=1))
        world.add_resident(session, home, OLD, status="floating")
        world.add_resident(session, home, OLD, status="absent")
        world.add_resident(session, home, OLD, consent="withdrawn")
        world.add_resident(session, home, OLD, lived_from=day + timedelta(days=1))
        today = area_figures(made.view(session, now=now), Level.GRID)["elders"].tolist()
        yesterday = made.view(session, now=now, as_of=day - timedelta(days=1))
        assert today == [1, 0, 0, 0]
        assert area_figures(yesterday, Level.GRID)["elders"].tolist() == [0, 0, 0, 0]


def test_small_counts_of_persons_are_hidden_with_a_sibling(database: Database, now: datetime) -> None:
    """2 elders of G2 would follow from the total and 6 of G1, so both are hidden from a leader."""
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        frame = area_figures(made.view(session, _leader(made), now=now), Level.GRID).set_index("code")
    assert frame["elders"].isna().to_dict() == {"G1": True, "G2": True, "G3": False, "G4": False}
    assert "elders" in frame.loc["G2", "suppressed"]


def test_a_member_sees_the_own_grid_exactly(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        member = world.add_actor(session, made, Role.MEMBER, "G2")
        frame = area_figures(made.view(session, member, now=now), Level.GRID).set_index("code")
    assert frame.loc["G2", "elders"] == 2


def test_hotspots_list_every_area_and_keep_the_unassigned_apart(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        _cases(session, made, now, 0, 3)
        _cases(session, made, now, 0, 2, category="dispute")
        _cases(session, made, now, -9, 1)
        table = hotspots(made.view(session, now=now), Level.GRID, _year(now), compare=True)
        compounds = hotspots(made.view(session, now=now), Level.COMPOUND, _year(now))
        leader = made.view(session, _leader(made), now=now)
        seen = hotspots(leader, Level.GRID, _year(now))
        mixed = CaseFilter(period=_year(now).period, categories=("dispute", "garbage"))
        with pytest.raises(InvalidInput, match="by itself"):
            hotspots(leader, Level.GRID, mixed)
        alone = hotspots(leader, Level.GRID, CaseFilter(period=_year(now).period, categories=("dispute",)))
    assert [(row["code"], row["count"]) for row in table.rows] == [("G1", 5), ("G2", 0), ("G3", 0), ("G4", 0)]
    assert (table.meta["records"], table.meta["unassigned"]) == (6, 1)
    assert table.rows[0]["previous"] == 0
    assert [(row["code"], row["count"]) for row in compounds.rows] == [("柳岸新村", 5)]
    assert seen.rows[0]["count"] == 3
    assert alone.rows[0]["count"] is None
    assert "count" in alone.rows[0]["suppressed"]


def test_heat_is_exact_for_staff_and_binned_for_leaders(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _cases(session, made, now, 0, 3)
        _cases(session, made, now, 0, 1, category="dispute")
        exact = heat(made.view(session, now=now), _year(now))
        binned = heat(made.view(session, _leader(made), now=now), _year(now))
    assert len(exact["points"]) == 4
    assert exact["binned"] is False
    assert binned["bin_m"] == 100
    assert sum(point[2] for point in binned["points"]) == 3
    assert [round(LON + 0.5 * STEP, 6), round(LAT + 0.5 * STEP, 6)] not in [p[:2] for p in binned["points"]]


def test_elders_out_of_reach_and_without_a_member_are_listed(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        world.add_actor(session, made, Role.MEMBER, "G1")
        session.add(
            Facility(
                id=new_id(),
                community_id=made.community,
                type="home_care_station",
                name="示例站",
                position=world.middle(0, 0),
            )
        )
        session.flush()
        view = made.view(session, now=now)
        rows = {row["code"]: row for row in elderly_coverage(view, walk_m=300).rows}
        far = elderly_coverage(view, walk_m=1000).rows
        listed = uncovered_elders(view, walk_m=300)
        with pytest.raises(NotAllowed):
            uncovered_elders(made.view(session, _leader(made), now=now), walk_m=300)
    assert (rows["G1"]["elders"], rows["G1"]["elders_80"], rows["G1"]["reached"]) == (6, 1, 6)
    assert (rows["G1"]["with_member"], rows["G1"]["unregistered"]) == (6, 1)
    assert (rows["G2"]["elders"], rows["G2"]["reached"], rows["G2"]["with_member"]) == (2, 0, 0)
    assert far[1]["reached"] == 2
    assert [(row["address"], row["reason"]) for row in listed] == [
        ("柳岸新村2幢1单元100室", "no_station"),
        ("柳岸新村2幢1单元101室", "no_station"),
    ]


def test_territories_name_members_and_grids_without_one(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        world.add_actor(session, made, Role.MEMBER, "G1", "G3")
        rows = territories(made.view(session, now=now)).rows
    assert [(row["member"], row["grids"]) for row in rows] == [
        ("member示例", ["G1", "G3"]),
        (None, ["G2"]),
        (None, ["G4"]),
    ]
    assert rows[0]["load"] == pytest.approx(0.01)


def test_renovation_counts_each_case_of_a_compound_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        _cases(session, made, now, 0, 3)
        table = renovation(made.view(session, now=now), _year(now).period)
    row = table.rows[0]
    assert (row["name"], row["buildings"], row["households"], row["elders"], row["cases"]) == (
        "柳岸新村",
        2,
        8,
        8,
        3,
    )
    assert row["code"] == "柳岸新村"
    assert (row["grade"], row["built_from"], row["condition_counts"]["C"]) == ("C", 1995, 2)


def test_a_household_that_was_moved_counts_where_it_was_then(database: Database, now: datetime) -> None:
    """A placement keeps every earlier answer when an object changes its cell."""
    with database.write() as session:
        made = world.found(session)
        home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
        session.add(
            Placement(
                kind=PlacedKind.HOUSEHOLD,
                object_id=home.id,
                cell_id=world.cell_id(session, 3, 3),
                until=datetime(2025, 1, 1, tzinfo=UTC),
            )
        )
        session.flush()
        then = area_figures(made.view(session, now=now, as_of=date(2024, 6, 1)), Level.GRID)
        later = area_figures(made.view(session, now=now, as_of=date(2025, 6, 1)), Level.GRID)
    assert then["households"].tolist() == [0, 0, 0, 1]
    assert later["households"].tolist() == [1, 0, 0, 0]


def test_find_takes_parts_codes_pinyin_and_initials(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        view = made.view(session, now=now)
        for text in (
            "柳岸新村1幢1单元101",
            "柳岸新村 1-1-101",
            "liuanxincun1-1-101",
            "laxc1-1-101",
            "柳岸1幢101",
        ):
            hits = find(view, text, now=now)
            assert hits, text
            assert (hits[0].kind, hits[0].title) == ("household", "柳岸新村1幢1单元101室"), text
        assert find(view, "B00-1", now=now)[0].kind == "building"
        assert find(view, "柳岸", now=now)[0].kind == "compound"
        assert find(view, "G2", now=now)[0].kind == "grid"
        assert find(view, "' OR 1=1 --", now=now) == []
        leader = made.view(session, _leader(made), now=now)
        assert [hit.kind for hit in find(leader, "柳岸新村1幢1单元101", now=now)] == []


def test_persons_are_shown_by_right_only(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        _fill(session, made)
        view = made.view(session, now=now)
        home = find(view, "柳岸新村1幢1单元100", now=now)[0].id
        own = world.add_actor(session, made, Role.MEMBER, "G1")
        stranger = world.add_actor(session, made, Role.MEMBER, "G2")
        head = world.add_actor(session, made, Role.HEAD, "C1")

        def card(actor: Actor, reason: str | None = None) -> dict[str, object]:
            return household_card(made.view(session, actor, now=now), home, reason=reason, now=now)

        full, hidden, masked = card(own), card(stranger), card(head)
        assert [row["name"] for row in full["persons"]] == ["示例0", "示例甲"]
        assert (hidden["persons"], hidden["persons_hidden"], hidden["people"]) == (None, "no_right", None)
        assert [row["name"] for row in masked["persons"]] == ["示**", "示**"]
        assert all(row.keys() == {"id", "name", "visitor"} for row in masked["persons"])
        assert masked["persons_hidden"] == "needs_reason"
        assert card(head, "上门走访")["persons"][0]["phone"] == "199-0000-0000"
        assert find_people(made.view(session, own, now=now), "示例0", now=now)[0].id == home
        assert find_people(made.view(session, stranger, now=now), "示例3", now=now) == []


def test_an_area_card_names_those_who_serve_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        world.add_actor(session, made, Role.MEMBER, "G1")
        card = area_card(made.view(session, now=now), "G1")
    assert card["path"][-1] == "第1网格"
    assert card["members"] == [
        {"name": "member示例", "phone": "0527-80000000", "duty": "grid_member", "primary": True}
    ]
    assert card["households"] == 0
