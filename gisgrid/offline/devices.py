"""The phones that hold a territory: what each was told, which were stopped, which deleted what they held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, Select, false, or_, select, true
from sqlalchemy.orm import Session
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import load_actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account, Role, Worker
from gisgrid.areas.models import AreaName
from gisgrid.areas.view import View
from gisgrid.days import local_text, local_text_or_none
from gisgrid.errors import InvalidInput, NotFound, say
from gisgrid.figures.cards import members_of
from gisgrid.offline.grants import Grant
from gisgrid.offline.models import Device
from gisgrid.places.models import Building

DELETE_AFTER: Final = timedelta(days=7)
"""So long without contact, and a phone deletes what it holds."""
_LONGEST_REASON: Final = 200


class DeviceState(StrEnum):
    """How a phone stands."""

    OPEN = "open"
    STOPPED = "stopped"
    PURGED = "purged"
    EXPIRED = "expired"


class DeviceRow(TypedDict):
    """A phone in the list. ``until``: when it shuts by itself; ``deleted_by``: when it deletes by itself."""

    id: str
    account: str
    name: str | None
    label: str
    prepared_at: str | None
    seen_at: str
    until: str | None
    deleted_by: str | None
    state: DeviceState
    purged_at: str | None
    is_own: bool
    may_stop: bool


class LostGrant(TypedDict):
    """What a phone held and may hold no more; ``to``: who serves there now."""

    id: str
    name: str
    to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A phone that calls: its own number and the kind of its browser."""

    phone: str
    label: str


def device_of(session: Session, account_id: str | None, phone: str) -> Device | None:
    """A phone of an account as it is known."""
    return session.scalar(select(Device).where(Device.account_id == account_id, Device.phone == phone))


def note_contact(view: View, contact: Contact, *, until: datetime, now: datetime) -> Device:
    """Note that a phone called and until when it may open what it holds; a stopped one is only seen.

    Raises
    ------
    NotAllowed
        The account works with no phone.
    """
    require(view.actor, Action.OFFLINE_USE)
    session, account = view.session, view.actor.account_id
    device = device_of(session, account, contact.phone)
    if device is None:
        device = Device(account_id=account, phone=contact.phone, label=contact.label, holds=[])
        session.add(device)
    device.seen_at, device.label, device.community_id = now, contact.label, view.community.id
    if device.stopped_at is None:
        device.until = until
    session.flush()
    return device


def note_handing_out(
    view: View, device: Device, grants: Sequence[Grant], *, parts: int, persons: int, now: datetime
) -> None:
    """Note that a phone was given parts: from now on it holds what the grants name. Leaves an audit entry.

    What it may hold no more stays noted until it says that it has deleted it.
    """
    device.holds = list(dict.fromkeys([*device.holds, *(grant.id for grant in grants)]))
    device.prepared_at = device.prepared_at or now
    device.purged_at = None
    record(
        view.session,
        view.actor,
        "offline:load",
        "device",
        now=now,
        object_id=device.id,
        count=persons,
        fields=("parts", str(parts), *sorted(grant.code for grant in grants)),
    )


def note_purge(
    view: View, device: Device, grants: Sequence[Grant], *, everything: bool, now: datetime
) -> None:
    """Note that a phone has deleted all it held, or what it may hold no more. Leaves one audit entry."""
    kept = {grant.id for grant in grants} if not everything else set()
    device.holds = [held for held in device.holds if held in kept]
    device.purged_at = now if everything else device.purged_at
    record(view.session, view.actor, "offline:purge", "device", now=now, object_id=device.id)


def lost_grants(view: View, device: Device, grants: Sequence[Grant]) -> list[LostGrant]:
    """What a phone was given and may hold no more, with who serves there now."""
    kept = {grant.id for grant in grants}
    return [_lost(view, held) for held in device.holds if held not in kept]


def _lost(view: View, held: str) -> LostGrant:
    area = view.present.tree.areas.get(held)
    if area is not None:
        return {"id": held, "name": area.name, "to": _member_of(view, area.id)}
    name = view.session.scalar(select(Building.address).where(Building.id == held))
    former = view.session.scalar(
        select(AreaName.name).where(AreaName.area_id == held).order_by(AreaName.valid_from.desc()).limit(1)
    )
    return {"id": held, "name": name or former or "", "to": None}


def _member_of(view: View, area_id: str) -> str | None:
    serving = [row for row in members_of(view, view.present.tree.areas[area_id]) if row["primary"]]
    return serving[0]["name"] if serving else None


def list_devices(view: View, *, now: datetime) -> list[DeviceRow]:
    """The phones the actor may see: the own ones, and those of members of the own grids or the community.

    Leaves one audit entry.
    """
    if not may(view.actor, Action.DEVICES_STOP):
        require(view.actor, Action.OFFLINE_USE)
    rows = view.session.execute(_devices(view).order_by(Device.seen_at.desc(), Device.id)).all()
    shown = [row for row in rows if _is_within(view, row.Device)]
    record(view.session, view.actor, "devices:list", "device", now=now, count=len(shown))
    return [_row(view, row.Device, row.name, now=now) for row in shown]


def stop_device(view: View, device_id: str, reason: str, *, now: datetime) -> None:
    """Let a phone hold nothing more: it is told at its next call. Leaves one audit entry.

    Raises
    ------
    NotFound
        No such phone within what the actor may see.
    InvalidInput
        The reason is missing or too long.
    """
    if not may(view.actor, Action.DEVICES_STOP):
        require(view.actor, Action.OFFLINE_USE)
    device = view.session.scalar(_devices(view).with_only_columns(Device).where(Device.id == device_id))
    if device is None or not _is_within(view, device):
        raise NotFound(say("no such phone"))
    if not 0 < len(reason.strip()) <= _LONGEST_REASON:
        raise InvalidInput(say("a reason of 1 to 200 characters is needed"), field="reason")
    if device.stopped_at is None:
        device.stopped_at, device.stopped_by, device.reason = now, view.actor.account_id, reason.strip()
        record(view.session, view.actor, "devices:stop", "device", now=now, object_id=device.id)


def _devices(view: View) -> Select[Device, str]:
    statement: Select[Device, str] = select(Device, Account.name).join(
        Account, Account.id == Device.account_id
    )
    return statement.where(or_(Device.account_id == view.actor.account_id, _of_others(view)))


def _of_others(view: View) -> ColumnElement[bool]:
    if view.actor.role in {Role.ADMIN, Role.LOCAL}:
        return true()
    if may(view.actor, Action.DEVICES_STOP):
        return Device.community_id == view.community.id
    return false()


def _is_within(view: View, device: Device) -> bool:
    """Whether a phone is the actor's or its holder serves where the actor does; of staff, in own grids."""
    if device.account_id == view.actor.account_id or view.actor.role != Role.STAFF:
        return True
    holder = load_actor(view.session, device.account_id, now=view.when.at)
    served = set(device.holds) | (set(holder.areas) if holder else set())
    return bool(view.present.cells_of(served & set(view.present.tree.areas)) & view.own_cells)


def _row(view: View, device: Device, account: str, *, now: datetime) -> DeviceRow:
    return {
        "id": device.id,
        "account": account,
        "name": _worker_name(view.session, device.account_id),
        "label": device.label,
        "prepared_at": local_text_or_none(device.prepared_at, view.tz),
        "seen_at": local_text(device.seen_at, view.tz),
        "until": local_text_or_none(device.until, view.tz),
        "deleted_by": local_text(device.seen_at + DELETE_AFTER, view.tz) if device.holds else None,
        "state": device_state(device, now=now),
        "purged_at": local_text_or_none(device.purged_at, view.tz),
        "is_own": device.account_id == view.actor.account_id,
        "may_stop": device.stopped_at is None,
    }


def device_state(device: Device, *, now: datetime) -> DeviceState:
    """How a phone stands: deleted, stopped and not heard of since, shut by the clock, or in use."""
    if not device.holds:
        return DeviceState.PURGED if device.purged_at or device.prepared_at is None else DeviceState.OPEN
    if device.stopped_at is not None:
        return DeviceState.STOPPED
    return DeviceState.EXPIRED if device.until is not None and device.until <= now else DeviceState.OPEN


def _worker_name(session: Session, account_id: str) -> str | None:
    return session.scalar(
        select(Worker.name).join(Account, Account.worker_id == Worker.id).where(Account.id == account_id)
    )
