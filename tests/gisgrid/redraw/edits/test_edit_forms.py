"""Edits as they are sent: both names of an area, no unknown field, and no step that changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest

from gisgrid.access.models import Role
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.redraw import service as plan_service
from gisgrid.redraw.edits.forms import FIELDS, ONE_AREA, well_formed
from gisgrid.redraw.plans import store
from gisgrid.storage.engine import Database
from tests import world

Edit = Callable[..., store.OpenPlan]


class Desk:
    """A plan that somebody edits; `opened` is how it stands."""

    def __init__(self, database: Database, session: Any, now: datetime) -> None:
        del database
        self.made = world.found(session)
        world.add_actor(session, self.made, Role.MEMBER, "G1")
        self.worker = world.add_actor(session, self.made, Role.MEMBER, "G2").worker_id
        self.session, self.now = session, now
        self.look = self.made.look(session, now=now)
        self.id = store.new_plan(self.look, "plan", now=now).id

    def edit(self, **op: Any) -> store.OpenPlan:
        if "source" in op:
            op["from"] = op.pop("source")
        return plan_service.add_edit(self.look, self.id, op, caches=self.made.caches, now=self.now)

    @property
    def opened(self) -> store.OpenPlan:
        return store.open_plan(self.look, self.id, caches=self.made.caches)

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


@pytest.mark.parametrize("op", sorted(FIELDS))
def test_what_an_edit_does_not_know_is_refused_by_name(op: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        well_formed({"op": op, "colour": "red", "size": 3})
    told = [fault.message for fault in refused.value.faults]
    assert told == [f"the edit {op} knows no field {field}" for field in ("colour", "size")]
    kept = {field: [] for field in FIELDS[op]} | ({"locked": True} if op == "lock" else {})
    assert well_formed({"op": op, **kept}) == {"op": op, **kept}


@pytest.mark.parametrize("op", [None, 3, "", "colour", ["paint"]])
def test_there_are_no_other_edits(op: Any) -> None:
    with pytest.raises(InvalidInput, match="an edit is one of"):
        well_formed({"op": op})


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
    plan_service.undo(desk.look, desk.id, caches=desk.made.caches)
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
        op = {**op, "name": next(a.name for a in desk.look.division.tree.areas.values() if a.code == "G1")}
    with pytest.raises(Conflict, match="nothing would change"):
        desk.edit(area="G1", **op)
    assert desk.steps == (count, 0)


def test_every_edit_of_one_area_keeps_one_of_the_two_names() -> None:
    assert all(kept in FIELDS[op] for op, kept in ONE_AREA.items())
