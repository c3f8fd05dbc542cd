"""A community's levels: names and switches in versions, and none is switched off that is in use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from sqlalchemy import select

from gisgrid.access.actors import Actor
from gisgrid.access.models import AuditEntry, Role
from gisgrid.areas.imported_area import ImportedArea, ImportedDivision
from gisgrid.areas.imports import save_division
from gisgrid.areas.levels import LevelUse, levels_in, levels_of, list_level_versions, set_levels
from gisgrid.areas.models import Level
from gisgrid.areas.service import NewArea, add_areas
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.geometry.lattice import as_array
from gisgrid.storage.engine import Database
from tests import world

OFF = LevelUse(is_used=False)


def test_names_and_switches_are_versions_with_who_when_and_why(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        view = made.view(session, now=now)
        given = {Level.SUB_AREA: LevelUse(name=" 责任片 ", name_en="Patch"), Level.COMPOUND: OFF}
        assert set_levels(view, given, reason="the words of this town", now=now)
        assert not set_levels(view, given, reason="the same again", now=now)
        assert set_levels(view, {Level.COMPOUND: LevelUse()}, reason="back", now=now)
    with database.read() as session:
        view = made.view(session, now=now)
        assert levels_of(view)[Level.SUB_AREA] == LevelUse(name="责任片", name_en="Patch")
        assert levels_of(view)[Level.COMPOUND].is_used
        rows = list_level_versions(view)
        assert [(row.number, row.reason, row.made_at) for row in rows] == [
            (2, "back", now),
            (1, "the words of this town", now),
        ]
        assert not rows[1].levels[Level.COMPOUND].is_used
        kept = session.scalars(select(AuditEntry).where(AuditEntry.action == "levels:change")).all()
        assert {"compound.is_used": [False, True]} in [entry.details["change"] for entry in kept]


def test_a_level_in_use_or_always_needed_is_not_switched_off(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        with pytest.raises(InvalidInput) as told:
            set_levels(view, {Level.GRID: OFF, Level.COMMUNITY: OFF}, reason="", now=now)
        assert [fault.field for fault in told.value.faults] == ["community.is_used", "grid.is_used", "reason"]
        # Every grid has its one micro grid here, which divides nothing: the level can go.
        assert set_levels(view, {Level.MICRO_GRID: OFF}, reason="we have none", now=now)


def test_a_divided_grid_keeps_its_level_and_an_unused_level_takes_no_areas(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        shapes = as_array([world.square(column, 0) for column in (0, 1)])
        areas = [
            ImportedArea(row=at, code=f"G1{at:02}", name=f"微{at}", parent_code="G1", grid_type=None)
            for at in (1, 2)
        ]
        given = ImportedDivision(level=Level.MICRO_GRID, areas=areas, cells=shapes, owner=np.array([0, 1]))
        view = made.view(session, now=now)
        set_levels(view, {Level.MICRO_GRID: OFF}, reason="we have none", now=now)
        with pytest.raises(InvalidInput, match="does not use the level micro_grid"):
            save_division(session, made.actor, "C1", given=given, at=now)
        set_levels(view, {Level.MICRO_GRID: LevelUse()}, reason="now we divide", now=now)
        fresh = [
            NewArea(code=f"G1{at:02}", name=f"微{at}", level=Level.MICRO_GRID, parent_code="G1")
            for at in (1, 2)
        ]
        add_areas(session, made.actor, made.community, fresh, at=now)
        with pytest.raises(InvalidInput, match="is in use"):
            set_levels(view, {Level.MICRO_GRID: OFF}, reason="not any more", now=now)


def test_names_are_short_and_stand_for_one_level(database: Database, now: datetime) -> None:
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        given = {
            Level.SUB_AREA: LevelUse(name="片", name_en="x" * 41),
            Level.COMPOUND: LevelUse(name="片"),
        }
        with pytest.raises(InvalidInput) as told:
            set_levels(view, given, reason="try", now=now)
        assert {fault.field for fault in told.value.faults} == {
            "sub_area.name",
            "sub_area.name_en",
            "compound.name",
        }
        assert levels_in(session, view.community.id)[Level.SUB_AREA] == LevelUse()
        nobody = Actor(name="m", role=Role.MEMBER)
        with pytest.raises(NotAllowed):
            set_levels(replace(view, actor=nobody), {}, reason="try", now=now)
