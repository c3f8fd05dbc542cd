"""Setting the position of one household or case by hand: building, cell and grid follow by the one tie rule.

What a pin means stands in `gisgrid.positions.pins`. Former cells stay in the placements; how the object stood
before is kept, so that the last pin can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shapely import Point
from sqlalchemy import ColumnElement, or_, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.answers import GridPlace, grid_place
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.locate import Spot
from gisgrid.areas.models import PinChange, PlacedKind, Placement
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import areas_of
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.notifications import on_duty_at, tell_moved
from gisgrid.cases.core.parties import who_is
from gisgrid.cases.core.scope import case_within
from gisgrid.cases.core.store import case_snapshot, write_note
from gisgrid.cases.core.workflow import Who
from gisgrid.errors import Conflict, NotFound
from gisgrid.figures.counts import is_here
from gisgrid.places.address_base import load_address_base
from gisgrid.places.models import Building, Household
from gisgrid.positions.pins import WHOLE_COMMUNITY, Pin, building_of, chosen_place, refuse_place, spot_of

_LISTED: Final = 10
_SORTING: Final = frozenset({Who.STAFF, Who.HEAD})
_WORKING: Final = frozenset({Who.HANDLER, Who.MEMBER})


class PinnedBuilding(TypedDict):
    """A building something lies in."""

    id: str
    address: str
    name: str | None


class SuggestedBuilding(TypedDict):
    """The building an address means, with its middle in EPSG:4326."""

    id: str
    address: str
    lon: float
    lat: float


class PinChangeRow(TypedDict):
    """A position that was set by hand."""

    at: str
    by: str | None
    undone: bool


class PinView(GridPlace):
    """Where something is: its point in EPSG:4326, its building, and the areas above it, top down."""

    id: str
    title: str
    lon: float | None
    lat: float | None
    building: PinnedBuilding | None
    path: list[str]
    on_border: bool
    near_border_m: float | None


class PinCard(PinView):
    """The same with the building the address means, where it isn't that one, and who set it before."""

    suggested: SuggestedBuilding | None
    can_undo: bool
    changes: list[PinChangeRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pinned:
    """How an object stands: its point, its building, and where that lies."""

    id: str
    title: str
    point: Point | None
    building: Building | None
    spot: Spot


def pin_row(view: View, kind: PlacedKind, object_id: str, *, now: datetime) -> PinCard:
    """A household or case with its place, the building its address means, and who set it by hand before.

    ``suggested`` is that building where the object isn't in it. Leaves an audit entry.

    Raises
    ------
    NotAllowed
        The role sets no positions.
    NotFound
        No such thing within what the actor may place.
    """
    require(view.actor, Action.POSITIONS_SET)
    subject = _subject(view, kind, object_id, lock=False)
    record(view.session, view.actor, _viewed(kind), kind.value, now=now, object_id=subject.id)
    changes = _changes(view, kind, subject.id)
    return {
        **_describe(_as_it_stands(view, subject)),
        "suggested": _suggested(view, subject),
        "can_undo": _last(view, kind, subject) is not None,
        "changes": [
            {
                "at": change.at.astimezone(view.tz).isoformat(),
                "by": name,
                "undone": change.undone_at is not None,
            }
            for change, name in changes
        ],
    }


def pin_title(view: View, kind: PlacedKind, object_id: str) -> str:
    """The address or number of a household or case, where the actor may place it.

    Raises
    ------
    NotAllowed
        The role sets no positions.
    NotFound
        No such thing within what the actor may place.
    """
    require(view.actor, Action.POSITIONS_SET)
    return _title(_subject(view, kind, object_id, lock=False))


def set_pin(view: View, kind: PlacedKind, object_id: str, pin: Pin, *, now: datetime) -> PinView:
    """Put a household or case at a place. Of a case who is on duty there is told.

    Raises
    ------
    NotAllowed
        The role sets no positions.
    NotFound
        No such thing within what the actor may place.
    InvalidInput
        Neither a point nor a building, an unknown building, a place in no grid, or one outside the grids the
        actor serves.
    Conflict
        Nothing would change, or the division has changed in between.
    """
    require(view.actor, Action.POSITIONS_SET)
    wait_for_others(view.session, view.community.id)
    subject = _subject(view, kind, object_id, lock=True)
    point, building = chosen_place(view, subject, pin)
    spot = spot_of(view, point, building)
    refuse_place(view, kind, subject, spot)
    former, on_duty = _state(subject), _on_duty(view, subject, now=now)
    _store(view, kind, subject, point=point, building=building, spot=spot, now=now)
    if isinstance(subject, Case):
        subject.accuracy_m = None
    fresh = _state(subject)
    if fresh == former:
        raise Conflict("this is so already: nothing would change")
    _tell(view, subject, on_duty, now=now)
    view.session.add(
        PinChange(
            kind=kind,
            object_id=subject.id,
            at=now,
            account_id=view.actor.account_id,
            former=former,
            fresh=fresh,
        )
    )
    _note(view, kind, subject, "place", former=former, now=now)
    return _describe(_as_it_stands(view, subject))


def try_pin(view: View, kind: PlacedKind, object_id: str, pin: Pin) -> PinView:
    """Where a household or case would be by a pin; nothing is kept.

    Raises
    ------
    NotAllowed, NotFound, InvalidInput, Conflict
        As `set_pin`.
    """
    require(view.actor, Action.POSITIONS_SET)
    subject = _subject(view, kind, object_id, lock=False)
    point, building = chosen_place(view, subject, pin)
    spot = spot_of(view, point, building)
    refuse_place(view, kind, subject, spot)
    return _describe(Pinned(id=subject.id, title=_title(subject), point=point, building=building, spot=spot))


def undo_pin(view: View, kind: PlacedKind, object_id: str, *, now: datetime) -> PinView:
    """Take the last position that was set by hand back.

    Raises
    ------
    NotAllowed
        The role sets no positions.
    NotFound
        No such thing within what the actor may place.
    Conflict
        Nobody has set it, or it has been changed in another way since.
    """
    require(view.actor, Action.POSITIONS_SET)
    wait_for_others(view.session, view.community.id)
    subject = _subject(view, kind, object_id, lock=True)
    change = _last(view, kind, subject)
    if change is None:
        raise Conflict("there is no position to take back: none was set by hand, or it was changed since")
    before, former = _state(subject), change.former
    point = None if former["lon"] is None else Point(former["lon"], former["lat"])
    building = building_of(view, former["building"])
    spot = spot_of(view, point, building)
    if change.account_id != view.actor.account_id:  # one's own may always be taken back
        refuse_place(view, kind, subject, spot)
    on_duty = _on_duty(view, subject, now=now)
    _store(view, kind, subject, point=point, building=building, spot=spot, now=now)
    _tell(view, subject, on_duty, now=now)
    if isinstance(subject, Case):
        subject.accuracy_m = former.get("accuracy_m")
    change.undone_at = now
    _note(view, kind, subject, "place_back", former=before, now=now)
    return _describe(_as_it_stands(view, subject))


def _subject(view: View, kind: PlacedKind, object_id: str, *, lock: bool) -> Household | Case:
    """What is to be placed, within the actor's scope."""
    if kind is PlacedKind.CASE:
        case = case_within(view, object_id, lock=lock)
        who = who_is(view, case, case_snapshot(view.session, case))
        if who.isdisjoint(_SORTING | _WORKING):
            raise NotFound("no such case")
        return case
    own = (Household.community_id == view.community.id) & is_here(view) & _placeable(view)
    statement = select(Household).where(Household.id == object_id, own)
    household = view.session.scalar(statement.with_for_update() if lock else statement)
    if household is None:
        raise NotFound("no such household")
    return household


def _placeable(view: View) -> ColumnElement[bool]:
    """Households the actor may place: of own grids; those in no grid for who has the review list."""
    if view.actor.role in WHOLE_COMMUNITY:
        return Household.id.is_not(None)
    own: ColumnElement[bool] = Household.cell_id.in_(view.own_cells)
    return or_(own, Household.cell_id.is_(None)) if may(view.actor, Action.REVIEW_VIEW) else own


def _store(
    view: View,
    kind: PlacedKind,
    subject: Household | Case,
    *,
    point: Point | None,
    building: Building | None,
    spot: Spot,
    now: datetime,
) -> None:
    """Write place, building and cell; a cell that is left goes to the placements."""
    if subject.cell_id is not None and subject.cell_id != spot.cell_id:
        view.session.add(Placement(kind=kind, object_id=subject.id, cell_id=subject.cell_id, until=now))
    subject.position = point
    subject.building_id = building.id if building else None
    subject.cell_id = spot.cell_id
    if isinstance(subject, Case):
        subject.is_on_border, subject.near_border_m = spot.is_on_border, spot.near_border_m
    view.session.flush()


def _on_duty(view: View, subject: Household | Case, *, now: datetime) -> set[str]:
    """Accounts on duty where a case lies; nobody for a household."""
    if not isinstance(subject, Case):
        return set()
    return on_duty_at(view.session, subject, areas_of(view.present, subject.cell_id), now=now)


def _tell(view: View, subject: Household | Case, before: set[str], *, now: datetime) -> None:
    """Tell who is on duty where a case lies now, as far as they weren't where it lay before."""
    if isinstance(subject, Case):
        where = areas_of(view.present, subject.cell_id)
        tell_moved(view.session, subject, before, where, now=now, but=view.actor.account_id)


def _state(subject: Household | Case) -> dict[str, Any]:
    point = subject.position
    state: dict[str, Any] = {
        "lon": point.x if point is not None else None,
        "lat": point.y if point is not None else None,
        "building": subject.building_id,
    }
    return {**state, "accuracy_m": subject.accuracy_m} if isinstance(subject, Case) else state


def _note(
    view: View,
    kind: PlacedKind,
    subject: Household | Case,
    step: str,
    *,
    former: dict[str, Any],
    now: datetime,
) -> None:
    """What was done, in the audit trail and in a case's log; names of fields, never where it is."""
    if isinstance(subject, Case):
        write_note(view.session, view.actor, subject, step, now=now)
    fresh = _state(subject)
    fields = ["position"] if (former["lon"], former["lat"]) != (fresh["lon"], fresh["lat"]) else []
    fields += ["building"] if former["building"] != fresh["building"] else []
    record(
        view.session,
        view.actor,
        f"{kind}s:{step}",
        kind.value,
        now=now,
        object_id=subject.id,
        fields=fields,
    )
    touch(view.session, [view.community.id])
    view.session.flush()


def _changes(view: View, kind: PlacedKind, object_id: str) -> list[tuple[PinChange, str | None]]:
    statement = (
        select(PinChange, Account.name)
        .outerjoin(Account, Account.id == PinChange.account_id)
        .where(PinChange.kind == kind, PinChange.object_id == object_id)
        .order_by(PinChange.at.desc(), PinChange.id.desc())
        .limit(_LISTED)
    )
    return [(change, name) for change, name in view.session.execute(statement)]


def _last(view: View, kind: PlacedKind, subject: Household | Case) -> PinChange | None:
    """The last change that stands, where the object is still as it made it."""
    in_force = PinChange.undone_at.is_(None)
    change = view.session.scalar(
        select(PinChange)
        .where(PinChange.kind == kind, PinChange.object_id == subject.id, in_force)
        .order_by(PinChange.at.desc(), PinChange.id.desc())
        .limit(1)
    )
    return change if change is not None and change.fresh == _state(subject) else None


def _as_it_stands(view: View, subject: Household | Case) -> Pinned:
    building = building_of(view, subject.building_id)
    return Pinned(
        id=subject.id,
        title=_title(subject),
        point=subject.position,
        building=building,
        spot=spot_of(view, subject.position, building),
    )


def _title(subject: Household | Case) -> str:
    if isinstance(subject, Household):
        return subject.std_address
    return f"{subject.number} {subject.address or ''}".strip()


def _describe(pinned: Pinned) -> PinView:
    grid = pinned.spot.grid
    return {
        "id": pinned.id,
        "title": pinned.title,
        "lon": pinned.point.x if pinned.point is not None else None,
        "lat": pinned.point.y if pinned.point is not None else None,
        "building": _building_row(pinned.building),
        **grid_place(grid),
        "path": [area.name for area in pinned.spot.path],
        "on_border": pinned.spot.is_on_border,
        "near_border_m": pinned.spot.near_border_m,
    }


def _building_row(building: Building | None) -> PinnedBuilding | None:
    if building is None:
        return None
    return {"id": building.id, "address": building.address, "name": building.name}


def _suggested(view: View, subject: Household | Case) -> SuggestedBuilding | None:
    """The building that the address means, with its middle, where the object isn't in it."""
    address = subject.std_address if isinstance(subject, Household) else subject.address
    home = load_address_base(view.session, view.community.id).find(address) if address else None
    if home is None or home.building is None or home.building.id == subject.building_id:
        return None
    known = home.building
    return {"id": known.id, "address": known.address, "lon": known.point.x, "lat": known.point.y}


def _viewed(kind: PlacedKind) -> str:
    return "cases:view" if kind is PlacedKind.CASE else "households:view"
