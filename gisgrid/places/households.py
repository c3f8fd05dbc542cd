"""Keeps households that come from a file: known by address or room, placed by the one tie rule."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Final

import numpy as np
from shapely import Point

from gisgrid.access.actions import Action
from gisgrid.areas.division import Division
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.nearness import FAR, far_outside
from gisgrid.errors import InvalidInput, row_said, say
from gisgrid.geometry.lattice import as_array
from gisgrid.places.import_batches import TURNED, Batch, RowKind, Saving, is_lived, refuse_turned, save_rows
from gisgrid.places.import_rows import (
    Importing,
    KeptRows,
    cells_of,
    differences,
    points_of,
    stored_rows,
    whole_rows,
)
from gisgrid.places.known import known_homes
from gisgrid.places.models import Household, HouseholdKind
from gisgrid.places.registered import Place, RegisteredAddress
from gisgrid.storage.base import new_id

_REFUSED: Final = frozenset({"refused", "withdrawn"})
_LIMITS: Final[Mapping[str, int]] = {"std_address": 200, "unit": 20, "room": 20}
_EMPTY: Final[Mapping[str, Any]] = dict.fromkeys(
    (
        "building_id",
        "unit",
        "room",
        "position",
        "cell_id",
        "consent",
        "lived_to",
        "last_verified_at",
        "kind",
        "contact",
    )
)


Answered = tuple[str, str, datetime, str | None]
"""Id of a household, what it answered to being registered, when, and to which text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consenting:
    """What is known of answers, and what follows on them.

    ``keep`` keeps answers of households, which stand already, and gives how many were new; ``silent`` gives
    those of some households that said no to being called; ``refuse`` lets the no of households (the answer by
    their id) hold for their people.
    """

    keep: Callable[[Sequence[Answered]], int]
    silent: Callable[[Collection[str]], set[str]]
    refuse: Callable[[Mapping[str, str]], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedHousehold:
    """A household as a file has it; what the file leaves open is None.

    ``lon``, ``lat`` in EPSG:4326, both nan without a position of its own. ``consent`` is one of the four
    answers; where it says when it was asked, the answer is told on. ``contact`` is a phone number.
    """

    row: int
    place: Place
    lon: float = float("nan")
    lat: float = float("nan")
    kind: HouseholdKind | None = None
    contact: str | None = None
    consent: str | None = None
    asked_at: datetime | None = None
    text_version: str | None = None
    lived_from: date | None = None
    lived_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoundHome:
    """A row with the home it means and its point, if any."""

    one: ImportedHousehold
    home: RegisteredAddress
    point: Point | None


_KIND: Final = RowKind(
    name="households",
    table=Household,
    key="fid",
    action=Action.HOUSEHOLDS_IMPORT,
    placed=PlacedKind.HOUSEHOLD,
    fields=("address", "contact", "consent"),
)


def save_households(
    running: Importing, households: Sequence[ImportedHousehold], *, consenting: Consenting
) -> KeptRows:
    """Keep households: new by standard address; known ones take what the file says of them.

    A field the file leaves empty keeps its value. One without a position stands at its building's deciding
    point. Where a household leaves its cell, the cell goes to its placements. One that has refused, or will
    not be called, keeps no contact, and a refusal that stands here stays; its people are refused with it.
    Who serves some grids only may write those of these grids. Answers that name their day are kept as soon
    as their households stand.
    """
    return save_rows(_KIND, running, households, partial(_take, consenting=consenting))


def _take(given: Sequence[ImportedHousehold], batch: Batch, *, consenting: Consenting) -> None:
    saving = batch.saving
    answers: list[Answered] = []
    points = points_of([household.lon for household in given], [household.lat for household in given])
    far = far_outside(saving.running.division, as_array(points))
    entries = [
        entry
        for household, point, is_far in zip(given, points, far.tolist(), strict=True)
        if (entry := _found(household, point, saving, is_far=is_far)) is not None
    ]
    ids = known_homes(saving.session, saving.community_id, (entry.home for entry in entries))
    statement = whole_rows(Household).where(Household.id.in_(ids.values()))
    rows = {row["id"]: row for row in stored_rows(saving.session, statement)} if ids else {}
    stored_by_address = {address: rows[household_id] for address, household_id in ids.items()}
    cells = _cells(entries, saving.running.division)
    silent, refused = consenting.silent(rows), dict[str, str]()
    for entry, cell in zip(entries, cells, strict=True):
        stored = stored_by_address.get(entry.home.std_address)
        if not _may_write(entry, cell, stored, saving):
            continue
        if stored is None:
            answers += _make(entry, cell, batch)
        else:
            faults = len(saving.kept.refused)
            answers += _change(entry, cell, stored, batch, is_silent=stored["id"] in silent)
            if entry.one.consent in _REFUSED and len(saving.kept.refused) == faults:
                refused[stored["id"]] = entry.one.consent

    def then() -> None:
        saving.kept.count("answers", consenting.keep(answers))
        consenting.refuse(refused)

    batch.then = then


def _found(
    given: ImportedHousehold, point: Point | None, saving: Saving, *, is_far: bool
) -> _FoundHome | None:
    if is_far:
        saving.refuse(given.row, "lon", FAR)
    try:
        home = saving.buildings.home(given.place)
    except InvalidInput as error:
        fault = error.faults[0]
        saving.refuse(given.row, fault.field or "address", fault.message)
        refuse_turned(saving, given.row, given.lived_from, given.lived_to)
        return None
    faults: list[str] = [
        say("at most {limit} characters", limit=limit)
        for name, limit in _LIMITS.items()
        if len(getattr(home, name) or "") > limit
    ]
    twin = saving.twin(home.std_address, given.row)
    if twin is not None:
        faults.append(say("{place} has the same standard address", place=row_said(twin)))
    if home.building is None and point is None:
        faults.append(say("no building here has this address, and the row has no position"))
    for message in faults:
        saving.refuse(given.row, "address", message)
    if faults or is_far:
        refuse_turned(saving, given.row, given.lived_from, given.lived_to)
        return None
    return _FoundHome(one=given, home=home, point=point)


def _cells(entries: Sequence[_FoundHome], division: Division) -> list[str | None]:
    """The cell of each row's point, else of its building's deciding point."""
    homes = [entry.home.building.cell_id if entry.home.building else None for entry in entries]
    hints = np.array([division.positions.get(cell or "", -1) for cell in homes], dtype=np.int64)
    return cells_of(division, [_own_point(entry) for entry in entries], hints=hints)


def _own_point(entry: _FoundHome) -> Point | None:
    if entry.point is not None:
        return entry.point
    building = entry.home.building
    return None if building is None or building.point.is_empty else building.point


def _may_write(entry: _FoundHome, cell: str | None, stored: Mapping[str, Any] | None, saving: Saving) -> bool:
    if saving.own is None:
        return True
    touched = {cell if entry.point is not None or stored is None else stored["cell_id"]}
    touched |= {stored["cell_id"]} if stored is not None else set()
    if touched <= saving.own:
        return True
    saving.refuse(entry.one.row, "address", say("this address lies outside the grids this account serves"))
    refuse_turned(saving, entry.one.row, entry.one.lived_from, entry.one.lived_to)
    return False


def _describe(entry: _FoundHome) -> dict[str, Any]:
    """What a row says of a household; fields it leaves open are not in it."""
    household, home = entry.one, entry.home
    said = {
        "building_id": home.building.id if home.building else None,
        "unit": home.unit,
        "room": home.room,
        "kind": household.kind.value if household.kind else None,
        "contact": household.contact,
        "consent": household.consent,
        "lived_from": household.lived_from,
        "lived_to": household.lived_to,
    }
    return {name: value for name, value in said.items() if value is not None}


def _without_contact(
    entry: _FoundHome, said: dict[str, Any], *, consent: str | None, saving: Saving, is_silent: bool = False
) -> dict[str, Any]:
    """Who has refused is not called: no contact is kept, and a known one goes."""
    if consent not in _REFUSED and not is_silent:
        return said
    if entry.one.contact:
        message = say("consent was refused: the contact is not kept")
        saving.remark(entry.one.row, entry.home.std_address, "contact", message)
    return {**said, "contact": None}


def _make(entry: _FoundHome, cell: str | None, batch: Batch) -> list[Answered]:
    """Prepare a new row; the answer that goes with it, if any."""
    saving = batch.saving
    said = _without_contact(entry, _describe(entry), consent=entry.one.consent, saving=saving)
    values = {
        **_EMPTY,
        **said,
        "id": new_id(),
        "community_id": saving.community_id,
        "std_address": entry.home.std_address,
        "position": _own_point(entry),
        "cell_id": cell,
        "lived_from": entry.one.lived_from or saving.running.today,
    }
    if not is_lived(values):
        saving.refuse(entry.one.row, "lived_to", TURNED)
        return []
    saving.kept.count("without_building", entry.home.building is None)
    saving.kept.count("outside", cell is None)
    batch.fresh.append(values)
    return _answers(entry, values["id"])


def _answers(entry: _FoundHome, household_id: str) -> list[Answered]:
    household = entry.one
    if not household.consent or not household.asked_at:
        return []
    return [(household_id, household.consent, household.asked_at, household.text_version)]


def _change(
    entry: _FoundHome, cell: str | None, stored: Mapping[str, Any], batch: Batch, *, is_silent: bool
) -> list[Answered]:
    """Prepare what changes in a known row; the answer that goes with it, if any."""
    said, saving, row = _describe(entry), batch.saving, entry.one.row
    if stored["consent"] in _REFUSED and said.get("consent", "refused") not in _REFUSED:
        del said["consent"]
        message = say("consent was refused or withdrawn here: that stays until somebody asks again")
        saving.remark(row, entry.home.std_address, "consent", message)
    consent = said.get("consent", stored["consent"])
    said = _without_contact(entry, said, consent=consent, saving=saving, is_silent=is_silent)
    moves = entry.point is not None or said.get("building_id", stored["building_id"]) != stored["building_id"]
    if moves or stored["position"] is None:
        said["position"] = _own_point(entry)
    different = differences(stored, said)
    if not is_lived({**stored, **different}):
        if different:
            saving.refuse(row, "lived_to", TURNED)
        else:
            saving.kept.unchanged += 1
        return []
    answers = _answers(entry, stored["id"]) if "consent" in said else []
    if not different:
        saving.kept.unchanged += 1
        return answers
    named = {"building" if name == "building_id" else name for name in different}
    if {"position", "building_id"} & different.keys() and cell != stored["cell_id"]:
        different["cell_id"] = cell
    forgets = frozenset({"contact"} if said.get("contact", "") is None else ())
    batch.change(row, entry.home.std_address, stored, different, named=named, forgets=forgets)
    return answers
