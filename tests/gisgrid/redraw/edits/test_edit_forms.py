"""Edits as they are sent: both names of an area, no unknown field, and no step that changes nothing."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon, mapping

from gisgrid.access.models import Role
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.edits.cell_edits import PaintEdit
from gisgrid.redraw.edits.edit import AreaEdit
from gisgrid.redraw.edits.edit import Edit as SentEdit
from gisgrid.redraw.edits.kinds import EDITS, kind_of
from gisgrid.redraw.plans import store
from gisgrid.storage.engine import Database
from tests import world

Edit = Callable[..., store.OpenPlan]

RESTORED = "name grids, their micro grids and the cells of this division they get"
"""What is said of areas of a revision that can't be read."""


def circle(count: int) -> dict[str, Any]:
    """A ring of so many points."""
    turns = [2 * math.pi * at / (count - 1) for at in range(count - 1)]
    return dict(mapping(Polygon([(math.cos(turn), math.sin(turn)) for turn in turns])))


def arc(count: int) -> dict[str, Any]:
    """A line of so many points."""
    return dict(mapping(LineString([(at, at % 2) for at in range(count)])))


MICRO_GRID = {"code": "G101", "name": "m", "cells": ["a"]}
EXAMPLES: list[dict[str, Any]] = [
    {"op": "paint", "cells": ["a"], "to": "G1"},
    {"op": "merge", "grids": ["G1", "G2"], "keep": "G1", "also": []},
    {"op": "split", "grid": "G1", "line": arc(3), "cut": False},
    {"op": "reshape", "grid": "G1", "polygon": circle(9), "cut": True, "also": ["n1"]},
    {"op": "move", "from": [116, 39.5], "to": [116.25, 39]},
    {"op": "divide", "cell": "a"},
    {"op": "outline", "polygon": circle(9), "also": ["a"]},
    {"op": "transfer", "grid": "G1", "to": "C2", "parent": None},
    {"op": "assign", "by": "balance", "owners": {"a": "G1"}, "opens": {"new": "G1"}},
    {"op": "restore", "revision": 2, "areas": [{"code": "G1", "of": "G2", "micro_grids": [MICRO_GRID]}]},
    {"op": "rename", "area": "G1", "name": " north "},
    {"op": "lock", "grid": "G1", "locked": False},
    {
        "op": "duty",
        "area": "G1",
        "worker": "w",
        "kind": "grid_member",
        "primary": True,
        "end": False,
        "replace": True,
    },
    {"op": "renumber", "parent": None, "grids": ["G1"]},
]
"""One of every edit, with every field."""


def sent(op: dict[str, Any]) -> SentEdit:
    """An edit read as it was sent."""
    return kind_of(op).sent(op)


class Desk:
    """A plan that somebody edits; `opened` is how it stands."""

    def __init__(self, database: Database, session: Any, now: datetime) -> None:
        del database
        self.made = world.found(session)
        world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.worker = world.add_actor(session, self.made, Role.MEMBER, "G2").worker_id
        self.session, self.now = session, now
        self.view = self.made.view(session, now=now)
        self.id = store.new_plan(self.view, "plan", now=now).id

    def edit(self, **op: Any) -> store.OpenPlan:
        if "source" in op:
            op["from"] = op.pop("source")
        return plan_service.add_edit(self.view, self.id, op, caches=self.made.caches, now=self.now)

    @property
    def opened(self) -> store.OpenPlan:
        return store.open_plan(self.view, self.id, caches=self.made.caches)

    @property
    def steps(self) -> tuple[int, int]:
        opened = self.opened
        return len(opened.edits), len(opened.undone)


@pytest.fixture
def desk(database: Database, now: datetime) -> Iterator[Desk]:
    with database.write() as session:
        yield Desk(database, session, now)


@pytest.mark.parametrize("name", ["area", "grid"])
def test_an_area_is_named_by_either_name(desk: Desk, name: str) -> None:
    desk.edit(op="rename", name="north", **{name: "G1"})
    desk.edit(op="lock", **{name: "G2"})
    opened = desk.edit(op="duty", worker=desk.worker, **{name: "G1"})
    assert opened.drawing.names == {"G1": "north"}
    assert opened.drawing.locked == {"G2"}
    assert [change.area for change in opened.drawing.duties] == ["G1"]
    assert [set(edit.op) & {"area", "grid"} for edit in opened.edits] == [{"area"}, {"grid"}, {"area"}]


def test_both_names_may_be_sent_where_they_say_the_same(desk: Desk) -> None:
    assert desk.edit(op="lock", area="G1", grid="G1").drawing.locked == {"G1"}
    with pytest.raises(InvalidInput, match="two different areas"):
        desk.edit(op="lock", area="G1", grid="G2")
    assert desk.steps == (1, 0)


@pytest.mark.parametrize("op", EXAMPLES, ids=lambda op: op["op"])
def test_what_an_edit_does_not_know_is_refused_by_name(op: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        sent({**op, "size": 3, "colour": "red"})
    told = [fault.message for fault in refused.value.faults]
    assert told == [f"the edit {op['op']} knows no field {field}" for field in ("colour", "size")]


def test_there_is_an_example_of_every_edit_with_all_its_fields() -> None:
    known = {
        op: {field.alias or name for name, field in kind.model_fields.items()} for op, kind in EDITS.items()
    }
    assert {op["op"]: set(op) for op in EXAMPLES} == known


OWN_NAMES = {"rename": "area", "duty": "area", "lock": "grid"}
"""The name by which an edit of one area keeps that area, behind all else."""


@given(data=st.data())
@pytest.mark.parametrize("op", EXAMPLES, ids=lambda op: op["op"])
def test_an_edit_is_kept_byte_for_byte_as_it_was_sent(op: dict[str, Any], data: st.DataObject) -> None:
    needed = {
        field.alias or name for name, field in EDITS[op["op"]].model_fields.items() if field.is_required()
    }
    fields = data.draw(st.permutations(sorted(op)))
    asked = {name: op[name] for name in fields if name in needed or data.draw(st.booleans())}
    kept = json.dumps(sent(asked).kept)
    last = OWN_NAMES.get(op["op"])
    assert kept == json.dumps({name: asked[name] for name in sorted(asked, key=lambda name: name == last)})
    assert json.dumps(kind_of(asked).stored(json.loads(kept)).kept) == kept


def test_edits_that_were_kept_earlier_are_read_though_they_say_more_or_a_cell_twice() -> None:
    op = {"op": "paint", "cells": ["a", "b", "a"], "to": "G1", "colour": "red"}
    edit = PaintEdit.stored(op)
    assert (edit.cells, edit.to, edit.kept) == (["a", "b", "a"], "G1", op)
    with pytest.raises(InvalidInput):
        sent(op)


IDS, LINE = "name the cells by their ids", "a GeoJSON LineString is needed"
RING, NEEDED = "a GeoJSON Polygon is needed", "is needed"
FLAG, PAIR = "is true or false", "a position is [longitude, latitude]"
OWNERS, TITLE = "is an object of cells and codes", "a name is one line of 1 to 60 characters"
GRIDS = "name the grids by their codes"


@pytest.mark.parametrize(
    ("op", "faults"),
    [
        ({"op": "paint"}, {"cells": IDS, "to": NEEDED}),
        ({"op": "paint", "cells": [], "to": " "}, {"cells": IDS, "to": NEEDED}),
        ({"op": "paint", "cells": "abc", "to": 7}, {"cells": IDS, "to": NEEDED}),
        ({"op": "paint", "cells": ["a", 1], "to": None}, {"cells": IDS, "to": NEEDED}),
        (
            {"op": "merge", "grids": ["G1", 2], "also": None},
            {"grids": "name the grids to merge by their codes", "keep": NEEDED, "also": IDS},
        ),
        ({"op": "split", "line": 7, "cut": "yes"}, {"grid": NEEDED, "line": LINE, "cut": FLAG}),
        ({"op": "split", "grid": "G1", "line": {"type": "LineString", "coordinates": []}}, {"line": LINE}),
        (
            {"op": "reshape", "grid": "G1", "polygon": mapping(LineString([(0, 0), (1, 1)])), "cut": 1},
            {"polygon": RING, "cut": FLAG},
        ),
        ({"op": "move", "from": [1], "to": [1, True]}, {"from": PAIR, "to": PAIR}),
        ({"op": "move", "from": [1, 2, 3], "to": "1,2"}, {"from": PAIR, "to": PAIR}),
        ({"op": "divide", "cell": ["a"]}, {"cell": NEEDED}),
        ({"op": "outline", "polygon": None, "also": [1]}, {"polygon": RING, "also": IDS}),
        ({"op": "transfer", "to": "C2", "parent": ""}, {"grid": NEEDED, "parent": NEEDED}),
        ({"op": "assign", "owners": [], "opens": {"a": 1}}, {"owners": OWNERS, "opens": OWNERS}),
        ({"op": "restore", "areas": [{"code": "G1", "micro_grids": [{}]}]}, {"areas": RESTORED}),
        (
            {"op": "rename", "name": "x" * 61},
            {"area": NEEDED, "name": TITLE},
        ),
        (
            {"op": "rename", "area": "G1", "name": "a\nb"},
            {"name": TITLE},
        ),
        ({"op": "rename", "area": "G1", "name": "  "}, {"name": NEEDED}),
        ({"op": "lock", "locked": 0}, {"grid": NEEDED, "locked": FLAG}),
        (
            {"op": "duty", "area": "G1", "kind": "building_steward", "end": None},
            {"worker": NEEDED, "kind": "there is no such duty", "end": FLAG},
        ),
        ({"op": "duty", "area": "G1", "worker": "w", "kind": ""}, {"kind": NEEDED}),
        (
            {"op": "renumber", "parent": 3, "grids": "G1"},
            {"parent": NEEDED, "grids": GRIDS},
        ),
    ],
)
def test_every_fault_of_an_edit_is_told_at_once(op: dict[str, Any], faults: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        sent(op)
    assert [(fault.field, str(fault.message)) for fault in refused.value.faults] == list(faults.items())


@pytest.mark.parametrize(
    ("op", "most"),
    [
        ({"op": "split", "grid": "G1", "line": arc(501)}, 500),
        ({"op": "reshape", "grid": "G1", "polygon": circle(1_001)}, 1_000),
        ({"op": "outline", "polygon": circle(5_001)}, 5_000),
    ],
)
def test_what_nobody_draws_by_hand_is_refused(op: dict[str, Any], most: int) -> None:
    with pytest.raises(InvalidInput, match=f"at most {most} points can be drawn at once"):
        sent(op)
    assert sent({**op, **({"line": arc(500)} if "line" in op else {"polygon": circle(most)})})


@pytest.mark.parametrize("op", [None, 3, "", "colour", ["paint"]])
def test_there_are_no_other_edits(op: Any) -> None:
    with pytest.raises(InvalidInput, match="an edit is one of"):
        sent({"op": op})


def test_a_lock_is_no_text(desk: Desk) -> None:
    with pytest.raises(InvalidInput, match="true or false"):
        desk.edit(op="lock", grid="G1", locked="no")


def test_cells_that_are_there_already_are_no_step(desk: Desk) -> None:
    own, other = world.cell_id(desk.session, 0, 0), world.cell_id(desk.session, 2, 0)
    with pytest.raises(InvalidInput, match="in G1 already"):
        desk.edit(op="paint", cells=[own], to="G1")
    assert desk.steps == (0, 0)
    assert len(desk.edit(op="paint", cells=[own, other], to="G1").edits) == 1
    with pytest.raises(InvalidInput, match="in G1 already"):
        desk.edit(op="paint", cells=[other], to="G1")
    assert desk.steps == (1, 0)


def test_a_cell_is_named_once(desk: Desk) -> None:
    cell = world.cell_id(desk.session, 2, 0)
    with pytest.raises(InvalidInput, match="named twice"):
        desk.edit(op="paint", cells=[cell, cell], to="G1")
    assert desk.steps == (0, 0)


def test_what_was_undone_stays_to_be_redone_when_an_edit_changes_nothing(desk: Desk) -> None:
    own, other = world.cell_id(desk.session, 0, 0), world.cell_id(desk.session, 2, 0)
    desk.edit(op="paint", cells=[other], to="G1")
    plan_service.undo(desk.view, desk.id, caches=desk.made.caches)
    with pytest.raises(InvalidInput):
        desk.edit(op="paint", cells=[own], to="G1")
    assert desk.steps == (0, 1)


@pytest.mark.parametrize(
    "op", [{"op": "lock", "locked": False}, {"op": "rename", "name": "G1"}, {"op": "rename", "name": "twice"}]
)
def test_what_is_so_already_is_no_step(desk: Desk, op: dict[str, Any]) -> None:
    count = 0
    if op.get("name") == "twice":
        desk.edit(area="G1", **op)
        count = 1
    elif op["op"] == "rename":
        op = {**op, "name": next(a.name for a in desk.view.division.tree.areas.values() if a.code == "G1")}
    with pytest.raises(Conflict, match="nothing would change"):
        desk.edit(area="G1", **op)
    assert desk.steps == (count, 0)


def test_every_edit_of_one_area_keeps_one_of_the_two_names() -> None:
    kinds = [kind for kind in EDITS.values() if issubclass(kind, AreaEdit)]
    assert all(len({"area", "grid"} & kind.model_fields.keys()) == 1 for kind in kinds)
    assert {kind.op_name() for kind in kinds} == OWN_NAMES.keys()


def test_the_history_tells_no_geometry_and_no_list_of_cells() -> None:
    assert {op: kind.history_fields() for op, kind in EDITS.items()} == {
        "paint": {"to"},
        "merge": {"grids", "keep"},
        "split": {"grid", "cut"},
        "reshape": {"grid", "cut"},
        "move": {"to"},
        "divide": set(),
        "outline": set(),
        "transfer": {"grid", "to"},
        "assign": {"by"},
        "restore": {"revision"},
        "rename": {"area", "name"},
        "lock": {"grid", "locked"},
        "duty": {"area", "worker", "kind", "primary", "end", "replace"},
        "renumber": {"grids"},
    }
