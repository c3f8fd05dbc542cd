"""Who may export what: one table of layers and roles, which fails when a layer is missing from it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from data.exporters.layers import LAYERS
from data.exporters.run import layers_for
from gisgrid.access.models import AuditEntry, Role
from gisgrid.errors import NotAllowed
from gisgrid.storage.engine import Database
from tests import world
from tests.exporting import Depot, actor_of, stocked

R = Role
OWN: Final = frozenset({R.HEAD, R.STAFF, R.MEMBER, R.LOCAL})
MAPS: Final = OWN | {R.LEADER, R.GRID_LEADER, R.STEWARD}
FIGURES: Final = OWN | {R.LEADER}
NAMES: Final = OWN | {R.GRID_LEADER, R.STEWARD}

TABLE: Final[dict[str, frozenset[Role]]] = {
    "areas": MAPS,
    "cells": MAPS,
    "buildings": MAPS,
    "streets": MAPS,
    "facilities": MAPS,
    "households": NAMES,
    "residents": OWN,
    "members": MAPS,
    "cases": MAPS,
    "records": NAMES,
    "hotspots": FIGURES,
    "indicators": FIGURES,
    "elderly": FIGURES,
    "territories": MAPS,
    "renovation": FIGURES,
    "revisions": MAPS,
}


@pytest.fixture
def depot(database: Database, tmp_path: Path, now: datetime) -> Depot:
    return stocked(database, tmp_path / "out", now)


def test_the_table_holds_every_layer() -> None:
    assert set(TABLE) == set(LAYERS), "add the layer to the table of rights"


def test_each_role_gets_what_the_table_says(depot: Depot) -> None:
    for role in Role:
        actor = actor_of(depot.world, role)
        offered = {layer.name for layer in layers_for(actor)}
        assert offered == {name for name, roles in TABLE.items() if role in roles}
        for name in LAYERS:
            if name in offered:
                depot.take(name, "csv", actor=actor)
            else:
                with pytest.raises(NotAllowed):
                    depot.take(name, "csv", actor=actor)


def test_members_get_the_persons_addresses_and_cases_of_their_own_grids(depot: Depot) -> None:
    member = actor_of(depot.world, R.MEMBER, "G1")
    for layer in ("households", "residents", "cases"):
        assert {row["grid"] for row in depot.rows(layer, actor=member)} == {"G1"}, layer
    assert len(depot.rows("households", actor=member)) == 2


def test_staff_get_persons_of_their_own_grids_and_addresses_of_all(depot: Depot) -> None:
    staff = actor_of(depot.world, R.STAFF, "G2")
    assert {row["grid"] for row in depot.rows("residents", actor=staff)} == {"G2"}
    assert {row["grid"] for row in depot.rows("households", actor=staff)} == {"G1", "G2", "G4"}


def test_grid_leaders_get_addresses_without_persons(depot: Depot) -> None:
    leader = actor_of(depot.world, R.GRID_LEADER, "G4")
    assert {row["grid"] for row in depot.rows("households", actor=leader)} == {"G4"}
    assert {row["grid"] for row in depot.rows("cases", actor=leader)} == {"G4"}


def test_heads_get_masked_names_and_nothing_beside(depot: Depot) -> None:
    rows = depot.rows("residents", actor=actor_of(depot.world, R.HEAD))
    assert {row["name"] for row in rows} == {"示******", "示*******"}
    assert set(rows[0]) == {"address", "name", "exported_by", "exported_at", "as_of"}


def test_leaders_get_no_confidential_case(depot: Depot) -> None:
    leader = depot.rows("cases", actor=actor_of(depot.world, R.LEADER))
    assert {row["category"] for row in leader} == {"garbage"}
    assert len(depot.rows("cases")) == 3


def test_nobody_below_14_and_nobody_who_refused_leaves_the_house(depot: Depot) -> None:
    names = {row["name"] for row in depot.rows("residents")}
    assert len(names) == 12
    assert not any("幼" in name or "不愿" in name for name in names)


def test_no_column_tells_who_reported_or_what_was_answered() -> None:
    named = {column.name for layer in LAYERS.values() for column in layer.columns}
    assert not named & {"reporter", "reporter_contact", "contact", "consent", "receipt"}


def test_an_audit_entry_says_what_left_in_whose_name(depot: Depot, now: datetime) -> None:
    with depot.database.write() as session:
        member = world.add_actor(session, depot.world, R.MEMBER, "G1", primary=False)
    depot.take("residents", "csv", actor=member)
    with depot.database.read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "export:residents")).one()
    assert (entry.account_id, entry.count, entry.at) == (member.account_id, 4, now)
    assert {"name", "birth_date", "phone"} <= set(entry.fields)
    assert entry.details == {"role": "member", "scope": [depot.world.areas["G1"]]}
    assert "示例" not in str(entry.details) + str(entry.fields)


def test_a_day_of_the_past_has_the_people_of_that_day(depot: Depot) -> None:
    with depot.database.write() as session:
        building = world.add_building(session, depot.world, 1, 1, number="9")
        home = world.add_household(session, building, "901")
        world.add_resident(session, home, date(1940, 1, 1), name="后来", lived_from=date(2026, 6, 1))

    def names(day: date) -> set[str]:
        return {row["name"] for row in depot.rows("residents", as_of=day)}

    assert "后来" in names(date(2026, 6, 1))
    assert "后来" not in names(date(2026, 5, 31))
    assert depot.rows("residents", as_of=date(2026, 5, 31))[0]["as_of"] == "2026-05-31"


def test_figures_withheld_of_a_day_that_is_over_are_not_called_small(depot: Depot) -> None:
    """Large ones are withheld there too, by the same sign: it never says that a number is small."""
    leader = actor_of(depot.world, R.LEADER)
    told = {day: depot.rows("areas", actor=leader, as_of=day) for day in (None, date(2026, 11, 13))}
    assert {row["elders"] for row in told[date(2026, 11, 13)]} == {"not shown"}
    assert {row["elders"] for row in told[None]} != {"not shown"}


def test_records_leave_without_what_was_filled_in(depot: Depot) -> None:
    rows = depot.rows("records")
    assert len(rows) == 6
    assert set(rows[0]) & {"answers", "marks", "note", "reason"} == set()
    assert {row["met"] for row in rows} == {"no", "yes"}
    assert {row["title"] for row in rows} == {"表household_check"}
    member = actor_of(depot.world, R.MEMBER, "G1")
    assert {row["grid"] for row in depot.rows("records", actor=member)} == {"G1"}
    steward = actor_of(depot.world, R.STEWARD)
    assert depot.rows("records", actor=steward) == []
