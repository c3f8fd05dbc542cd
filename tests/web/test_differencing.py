"""Somebody without exact counts gathers every number the demo tells and solves for the hidden ones.

Areas are sums of micro grids (cut by what a plan moves); each told number is an equation, each "part of" an
inequality. A hidden count is safe while a linear programme leaves it at least two whole values.
"""

from __future__ import annotations

import csv
import io
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from flask_openapi3.openapi import OpenAPI
from scipy import sparse
from scipy.optimize import linprog
from sqlalchemy import make_url, select, update

from data.exporters.layer import ExportRequest
from data.exporters.run import layers_for
from gisgrid.access.actors import load_actor
from gisgrid.access.keys.encryption import open_database
from gisgrid.access.models import Account
from gisgrid.areas.models import Level
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.core.models import Category
from gisgrid.figures.groups import groups_of
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import ResidenceStatus
from gisgrid.storage.engine import Database
from tests.conftest import KEYS
from tests.web.browsing import add_token, services_of
from web.answers import open_view

Equation = tuple[str, frozenset[int], float]
"""A kind of count, the atoms it sums, and the number told."""

LEVELS: Final = (
    Level.SUBDISTRICT,
    Level.COMMUNITY,
    Level.SUB_AREA,
    Level.COMPOUND,
    Level.GRID,
    Level.MICRO_GRID,
)
WALKS: Final = (300, 500, 1000)
GAPS: Final = {walk: f"double_gap_{walk}" for walk in WALKS}
KINDS: Final = (
    *("residents", "elders", "elders_80", *(f"reached_{walk}" for walk in WALKS), "with_visitor"),
    *("willing", "agreed", "visited", "overdue", *GAPS.values()),
)
PARTS: Final = {
    "elders": "residents",
    "elders_80": "elders",
    "reached_300": "reached_500",
    "reached_500": "reached_1000",
    "reached_1000": "elders",
    "with_visitor": "willing",
    "willing": "elders",
    "agreed": "willing",
    "visited": "agreed",
    "overdue": "agreed",
    "double_gap_300": "overdue",
    "double_gap_500": "double_gap_300",
    "double_gap_1000": "double_gap_500",
}
APART: Final = {gap: (f"reached_{walk}", "elders") for walk, gap in GAPS.items()}
"""Nobody is in a count and in the other one, both within the whole."""
NEEDS: Final = ("residents", "in_need", "unserved", "no_income", "unaided")
NEED_PARTS: Final = {
    "in_need": "residents",
    "unserved": "in_need",
    "no_income": "in_need",
    "unaided": "no_income",
}
VISITS: Final = ("without_visitor", "agreed", "visited", "unseen", "overdue", "double_gap")
STAYING: Final = 0.06
"""Share of people who stay: some fifteen to a micro grid, three of them old."""
PERSONS: Final = frozenset(
    {"residents", "elders", "elders_80", "reached", "with_member", "with_visitor", *VISITS, *NEEDS[1:]}
)
QUARTER: Final = ("2026-07-01", "2026-09-30")
"""Asked with the quarter before, so that two are told."""
MET: Final = ("elder_visit", "visit5", "household_check")
"""Forms that say whether somebody was met."""
OF_ELDERS: Final = ("elder_visit", "care_visit")
WINDOWS: Final = (
    ("2026-07-01", "2026-09-29"),
    ("2026-07-02", "2026-09-30"),
    ("2026-04-01", "2026-09-30"),
    ("2026-09-01", "2026-11-24"),
    ("2026-10-01", "2026-12-31"),
)


class Attack:
    """One account with its token, the atoms of the community, and what has been told."""

    def __init__(self, app: OpenAPI, name: str) -> None:
        app.config["RATELIMIT_ENABLED"] = False
        self.app, self.client = app, app.test_client()
        self.headers, self.heads = add_token(app, name), add_token(app, "head")
        self.name = name
        self.plan = self.draw_plan()
        self.told: list[Equation] = []
        self.hidden: set[tuple[str, frozenset[int]]] = set()
        with services_of(app).database.read() as session:
            view = self.view(session, "head")
            self.known = self.view(session, name).own_cells if name.startswith("member") else frozenset()
            moved = {cell["id"] for cell in self.moved}
            micro = view.division.owner_at(Level.MICRO_GRID)
            keys = sorted({(micro[cell].code, cell in moved) for cell in view.division.cell_ids})
            atom = {cell: keys.index((micro[cell].code, cell in moved)) for cell in view.division.cell_ids}
            self.count = len(keys)
            self.atoms: dict[str, frozenset[int]] = {}
            for level in LEVELS:
                groups = groups_of(view, level)
                for row in groups.rows:
                    cells = [cell for cell, key in groups.of_cell.items() if key == row.key]
                    self.atoms[row.code] = frozenset(atom[cell] for cell in cells)
            self.own = {atom[cell] for cell in self.known}

    def view(self, session: Any, name: str) -> View:
        found = services_of(self.app)
        account = session.scalars(select(Account.id).where(Account.name == name)).one()
        actor = load_actor(session, account, now=found.clock())
        assert actor is not None
        return open_view(
            session, actor, ViewRequest(), caches=found.cache, now=found.clock(), tz=found.settings.tz
        )

    def draw_plan(self) -> str:
        """A plan of the head's that moves three cells of a grid to its neighbour."""
        plan = self.client.post("/api/v1/plans", json={"name": "moves"}, headers=self.heads).json["id"]
        cells = self.client.get("/api/v1/cells", headers=self.heads).json["features"]
        rows = [{"id": cell["id"], **cell["properties"]} for cell in cells]
        grids = sorted({row["grid"] for row in rows})
        for row in rows:
            for target in grids:
                edit = {"op": "paint", "cells": [row["id"]], "to": target}
                if row["grid"] == target or not row["households"]:
                    continue
                answer = self.client.post(f"/api/v1/plans/{plan}/edits", json=edit, headers=self.heads)
                if answer.status_code == 200:
                    self.moved = [row]
                    return str(plan)
                break  # one try each is enough: some lie on a border
        raise AssertionError("no cell can be moved")

    def ask(self, path: str) -> Any:
        answer = self.client.get(f"/api/v1/{path}", headers=self.headers)
        return answer.json if answer.status_code == 200 else None

    def hear(self, code: str, row: dict[str, Any], names: dict[str, str]) -> None:
        """What a row tells or hides of an area's counts."""
        for name, kind in names.items():
            if name not in row or code not in self.atoms:
                continue
            if row[name] is None:
                self.hidden.add((kind, self.atoms[code]))
            else:
                self.told.append((kind, self.atoms[code], float(row[name])))

    def ranges(
        self, kinds: tuple[str, ...], parts: dict[str, str], *, every: int
    ) -> Iterator[tuple[Any, float, float]]:
        """Each hidden count, or every second or third of them, with the least and the greatest it can be."""
        size, place = self.count, {kind: at * self.count for at, kind in enumerate(kinds)}

        def row(kind: str, atoms: frozenset[int], sign: float = 1.0) -> np.ndarray:
            line = np.zeros(size * len(kinds))
            line[[place[kind] + atom for atom in atoms]] = sign
            return line

        told = [one for one in self.told if one[0] in place]
        told = sorted(set(told), key=lambda one: (one[0], sorted(one[1]), one[2]))
        equal = sparse.csr_array(np.array([row(kind, atoms) for kind, atoms, _ in told]))
        values = np.array([value for *_, value in told])
        within = [
            row(part, frozenset({atom})) + row(whole, frozenset({atom}), -1.0)
            for part, whole in parts.items()
            for atom in range(size)
        ]
        within += [
            row(part, frozenset({atom})) + row(other, frozenset({atom})) + row(whole, frozenset({atom}), -1.0)
            for part, (other, whole) in (APART if "overdue" in kinds else {}).items()
            for atom in range(size)
        ]
        limits = {"A_ub": sparse.csr_array(np.array(within)), "b_ub": np.zeros(len(within))} if within else {}
        hidden = [one for one in self.hidden if one[0] in place and not one[1] <= self.own]
        for kind, atoms in sorted(hidden, key=lambda one: (one[0], sorted(one[1])))[::every]:
            goal = row(kind, atoms)
            ends = [
                linprog(sign * goal, A_eq=equal, b_eq=values, bounds=(0, None), **limits) for sign in (1, -1)
            ]
            assert ends[0].status == 0, ends[0].message
            greatest = np.inf if ends[1].status == 3 else -ends[1].fun
            yield (kind, sorted(atoms)), ends[0].fun, greatest


@pytest.fixture(scope="module")
def nearly_empty(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo where nearly everybody has moved away, so that most counts are small."""
    path = tmp_path_factory.mktemp("differencing") / "demo.sqlite"
    shutil.copy(demo_template, path)
    database = open_database(make_url(f"sqlite:///{path}"), KEYS)
    rng = random.Random(7)
    with database.write() as session:
        ids = sorted(session.scalars(select(Resident.id)))
        gone = [one for one in ids if rng.random() > STAYING]
        for start in range(0, len(gone), 500):
            session.execute(
                update(Resident)
                .where(Resident.id.in_(gone[start : start + 500]))
                .values(residence_status=ResidenceStatus.ABSENT)
            )
    database.close()
    return path


@pytest.fixture
def site(nearly_empty: Path, demo: Database, make_app: Callable[..., OpenAPI]) -> OpenAPI:
    shutil.copy(nearly_empty, str(demo.engine.url.database))
    return make_app(demo)


SOLVED = (3, pytest.param(1, marks=pytest.mark.prove))
"""Of so many hidden counts one is solved for."""


def gather_persons(attack: Attack) -> None:
    """All that is told of persons: areas of every level, cards, coverage at every walk, compounds, plans."""
    plain = {"residents": "residents", "elders": "elders"}
    for level in LEVELS:
        for one in attack.ask(f"areas?level={level.value}&simplify=50")["features"]:
            row = one["properties"]
            attack.hear(row["code"], row, plain)
    for walk in WALKS:
        names = {"elders": "elders", "elders_80": "elders_80", "with_visitor": "with_visitor"}
        for row in (attack.ask(f"coverage/elderly?distance={walk}") or {"rows": []})["rows"]:
            attack.hear(row["code"], row, names | {"reached": f"reached_{walk}", "double_gap": GAPS[walk]})
            hear_visits(attack, row)
            member = {"with_member": "elders"} if row["with_member"] else {}
            attack.hear(row["code"], row, member)
    for row in (attack.ask("needs/figures") or {"rows": []})["rows"]:
        attack.hear(row["code"], row, {name: name for name in NEEDS[1:]})
    for row in (attack.ask("renovation") or {"rows": []})["rows"]:
        attack.hear(row["code"], row, {"elders": "elders"})
    for code in list(attack.atoms)[::9]:
        card = attack.ask(f"areas/{code}")
        if card is not None:
            attack.hear(code, card, plain)
    hear_exports(attack, plain)


def hear_visits(attack: Attack, row: dict[str, Any]) -> None:
    """What a row tells of visits; who isn't visited is what the two others leave."""
    attack.hear(row["code"], row, {name: name for name in ("agreed", "visited", "overdue")})
    assert (row["unseen"] is None) == (None in {row["agreed"], row["visited"]})
    if None not in {row["with_visitor"], row["without_visitor"]}:
        willing = {"willing": row["with_visitor"] + row["without_visitor"]}
        attack.hear(row["code"], willing, {"willing": "willing"})


def hear_exports(attack: Attack, names: dict[str, str]) -> None:
    """The same layers as files."""
    with services_of(attack.app).database.read() as session:
        view = attack.view(session, attack.name)
        for layer in layers_for(view.actor):
            if layer.is_personal or not {column.name for column in layer.columns} & set(names):
                continue
            for level in (Level.GRID, Level.MICRO_GRID) if layer.name == "areas" else (Level.GRID,):
                rows = layer.read(view, ExportRequest(now=services_of(attack.app).clock(), level=level))
                for _shape, row in rows:
                    attack.hear(str(row.get("code")), row, names)


@pytest.mark.parametrize("every", SOLVED)
@pytest.mark.parametrize("name", ["leader", "member01", "grid_leader01"])
def test_no_hidden_count_of_persons_can_be_solved_for(site: OpenAPI, name: str, every: int) -> None:
    attack = Attack(site, name)
    gather_persons(attack)
    assert len(attack.told) > 100
    assert len(attack.hidden) > 50
    for kinds, parts in ((KINDS, PARTS), (NEEDS, NEED_PARTS)):
        for what, least, greatest in attack.ranges(kinds, parts, every=every):
            assert greatest - least > 1 - 1e-6, (what, least, greatest)


def gather_records(attack: Attack, form: str, quarter: tuple[str, str]) -> tuple[str, ...]:
    """All that is told of a form's records in a quarter: kinds of counts, each within the one before."""
    days = f"form={form}&from={quarter[0]}&to={quarter[1]}"
    counts = ("records", "subjects", "met") if form in MET else ("records", "subjects")
    names = {name: f"{form} {quarter[0]} {name}" for name in counts}
    for level in LEVELS[1:]:
        for row in attack.ask(f"records/figures?{days}&level={level.value}")["rows"]:
            attack.hear(row["code"], row, names)
            assert form not in MET or (row["unmet"] is None) == (None in {row["subjects"], row["met"]})
    for row in attack.ask("areas?level=grid&simplify=50")["features"][::3]:
        grid = row["properties"]["code"]
        (span,) = attack.ask(f"records/figures/spans?{days}&by=quarter&grid={grid}")["rows"]
        attack.hear(grid, span, names)
    return tuple(names.values())


def hear_homes(attack: Attack) -> None:
    """How many households there are is told to everybody who sees the map."""
    for level in LEVELS:
        for one in attack.ask(f"areas?level={level.value}&simplify=50")["features"]:
            attack.hear(one["properties"]["code"], one["properties"], {"households": "households"})


@pytest.mark.parametrize("every", SOLVED)
@pytest.mark.parametrize("name", ["leader", "member01"])
def test_no_hidden_count_of_records_can_be_solved_for(site: OpenAPI, name: str, every: int) -> None:
    attack = Attack(site, name)
    hear_homes(attack)
    for form in (*MET, "care_visit"):
        for quarter in (QUARTER, ("2026-04-01", "2026-06-30")):
            kinds = gather_records(attack, form, quarter)
            parts = dict(zip(kinds[1:], kinds, strict=False))  # each subject has a record at least
            if form not in OF_ELDERS:
                kinds, parts = (*kinds, "households"), parts | {kinds[1]: "households"}
            for what, least, greatest in attack.ranges(kinds, parts, every=every):
                assert greatest - least > 1 - 1e-6, (what, least, greatest)
    assert len(attack.told) > 100
    assert len(attack.hidden) > 50


def test_records_of_persons_are_told_for_no_days_that_overlap_others(site: OpenAPI) -> None:
    attack = Attack(site, "leader")
    for first, last in WINDOWS:
        for level in LEVELS[1:]:
            path = f"form=elder_visit&level={level.value}&from={first}&to={last}"
            rows = attack.ask(f"records/figures?{path}")["rows"]
            assert {row[name] for row in rows for name in ("records", "subjects", "met", "unmet")} == {None}


def persons_told(found: Any) -> Iterator[tuple[str, Any]]:
    """Every count of persons in an answer, with the name it has there."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from ((name, value) for name, value in one.items() if name in PERSONS and value is not None)
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def test_a_plan_tells_a_leader_nothing_of_persons_that_a_map_of_today_could_be_taken_from(
    site: OpenAPI,
) -> None:
    attack = Attack(site, "leader")
    plan, other = attack.plan, attack.draw_plan()
    for path in (f"plans/{plan}/impact", f"areas?plan={plan}", f"plans/compare?a={plan}&b={other}"):
        found = attack.ask(path)
        assert found, path
        assert not [one for one in persons_told(found) if one[0] in {"residents", "elders"}], path
    exact = attack.client.get(f"/api/v1/plans/{plan}/impact", headers=attack.heads).json
    assert list(persons_told(exact))


@pytest.mark.parametrize("name", ["leader", "member01"])
def test_days_that_are_over_tell_no_counts_of_persons(site: OpenAPI, name: str) -> None:
    """Today's maps and those of the day before a redraw would tell who lives between the borders."""
    attack = Attack(site, name)
    for day in ("2026-11-23", "2026-10-01", "2020-01-01"):
        for path in (
            *(f"areas?level={level.value}&simplify=50&as_of={day}" for level in LEVELS),
            f"coverage/elderly?as_of={day}",
            f"renovation?as_of={day}",
        ):
            found = attack.ask(path)
            rows = found.get("rows") or [one["properties"] for one in found.get("features", ())]
            for row in rows:
                is_own = attack.atoms.get(row["code"], frozenset()) <= attack.own and attack.own
                assert is_own or not list(persons_told(row)), (path, row)
    for number in (1, 2):
        found = attack.ask(f"coverage/elderly?revision={number}")
        for row in (found or {"rows": []})["rows"]:
            is_own = attack.atoms.get(row["code"], frozenset()) <= attack.own and attack.own
            assert is_own or not list(persons_told(row)), row


@pytest.mark.parametrize("every", SOLVED)
@pytest.mark.parametrize("name", ["leader", "member01"])
def test_no_hidden_count_of_confidential_cases_can_be_solved_for(
    site: OpenAPI, name: str, every: int
) -> None:
    attack = Attack(site, name)
    with services_of(site).database.read() as session:
        codes = list(session.scalars(select(Category.code).where(Category.is_confidential)))
    kinds: list[str] = []
    for code in codes[:: 1 if name == "leader" else 3]:
        kind, before = f"{code} now", f"{code} before"
        kinds += [kind, before]
        for level in ("sub_area", "compound", "grid", "micro_grid"):
            path = f"category={code}&level={level}&from={QUARTER[0]}&to={QUARTER[1]}&compare=previous"
            for row in attack.ask(f"hotspots?{path}")["rows"]:
                attack.hear(row["code"], row, {"count": kind, "previous": before})
            text = attack.client.get(f"/api/v1/hotspots.csv?{path}", headers=attack.headers)
            table = csv.DictReader(io.StringIO(text.get_data(as_text=True).lstrip("\ufeff")))
            for line in table:
                if line["count"].isdecimal():
                    attack.told.append((kind, attack.atoms[line["code"]], float(line["count"])))
    assert attack.told
    assert attack.hidden
    for kind in kinds:  # each category and quarter is a puzzle of its own
        for what, least, greatest in attack.ranges((kind,), {}, every=every):
            assert greatest - least > 1 - 1e-6, (what, least, greatest)


def test_confidential_cases_are_told_for_no_window_that_overlaps_another(site: OpenAPI) -> None:
    attack = Attack(site, "leader")
    with services_of(site).database.read() as session:
        codes = list(session.scalars(select(Category.code).where(Category.is_confidential)))
        shown = session.scalars(select(Category.code).where(Category.is_confidential.is_(False))).first()
    for code in codes:
        for first, last in WINDOWS:
            rows = attack.ask(f"hotspots?category={code}&from={first}&to={last}&compare=previous")["rows"]
            assert {row[name] for row in rows for name in ("count", "previous", "rate")} == {None}
        both = attack.ask(f"hotspots?category={code}&category={shown}&from=2026-07-01&to=2026-09-30")
        assert both is None
        assert attack.ask(f"heat?category={code}") is None
        past = attack.ask(f"hotspots?category={code}&from=2026-07-01&to=2026-09-30&as_of=2026-11-01")
        assert {row["count"] for row in past["rows"]} == {None}
    assert attack.ask(f"hotspots?category={codes[0]}&category={codes[1]}") is None
