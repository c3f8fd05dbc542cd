"""A message out of a group chat becomes a case: what it seems to say is proposed, a person confirms it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.areas.look import Caches, Look
from gisgrid.cases.alike import Alike, Joined, alike, me_too
from gisgrid.cases.keys import Repeatable
from gisgrid.cases.models import Category
from gisgrid.cases.phones import mask_numbers, phones_in
from gisgrid.cases.service import ReportCase, Reported, report
from gisgrid.cases.sources import Source
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.places.addressing import load_address_base

LONGEST: Final = 4000
_HEAD: Final = re.compile(
    r"^(?:[^\s,。,;;:!?、]{1,20}\s+)?"
    r"(?:\d{4}[年/-]\d{1,2}[月/-]\d{1,2}日?\s*)?(?:昨天|今天|星期.|周.)?\s*(?:上午|下午|晚上|凌晨)?"
    r"\s*\d{1,2}:\d{2}(?::\d{2})?\s*$"
)
"""Who wrote, and when, on a line of its own, as chats copy it."""
_AT: Final = re.compile(r"@\S{1,30}\s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a message seems to say. ``category``, ``address`` are empty where it tells of none known here."""

    description: str
    category: str
    address: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What a person has confirmed; the address names a building of the community."""

    category: str
    description: str
    address: str
    contact: str = ""
    severity: str = ""


def propose(look: Look, text: str) -> Proposal:
    """What is in a message: address by the address base, category by the words of its name, phones apart.

    Nothing is kept. Names of who wrote, and whom they called, are left out with their lines.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    InvalidInput
        There is no text, or it is too long.
    """
    require(look.actor, Action.CASES_HANDLE)
    if not text.strip():
        raise InvalidInput("paste the message first", field="message")
    if len(text) > LONGEST:
        raise InvalidInput(say("a text has at most {most} characters", most=LONGEST), field="message")
    said = _without_heads(text)
    home = load_address_base(look.session, look.community.id).find_in(said)
    return Proposal(
        description=mask_numbers(said),
        category=_category_of(look, said),
        address=home.std_address if home else "",
        contact=" ".join(phones_in(text))[:100],
    )


def known_there(look: Look, address: str, *, category: str, now: datetime) -> list[Alike]:
    """Open cases at the building of an address that may be the same; none where nobody knows the address."""
    place = place_of(look, address)
    return alike(look, place, category=category, now=now) if place else []


def place_of(look: Look, address: str) -> tuple[float, float] | None:
    """Where the building of an address stands: lon, lat in EPSG:4326; nothing where there is none."""
    home = load_address_base(look.session, look.community.id).find(address) if address.strip() else None
    if home is None or home.building is None:
        return None
    return home.building.point.x, home.building.point.y


def say_the_same(look: Look, address: str, token: str, *, key: str, now: datetime) -> Joined:
    """Count a message on a case that is known already; the same key counts once.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    NotFound
        No open case there has this token any more.
    """
    require(look.actor, Action.CASES_HANDLE)
    place = place_of(look, address)
    if place is None:
        raise NotFound("no such case")
    repeat = Repeatable(key=f"paste-{key[:80]}-same", client=(look.actor.account_id or "local")[:40])
    return me_too(look, look.actor, token, place, repeat=repeat, now=now)


def keep_pasted(
    look: Look, given: Pasted, *, caches: Caches, key: str, now: datetime, tz: tzinfo
) -> Reported:
    """Keep the confirmed message as a case at the building its address means; phones in it are masked.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    InvalidInput
        Every fault of the message at once; nothing is kept.
    """
    require(look.actor, Action.CASES_HANDLE)
    faults = []
    home = load_address_base(look.session, look.community.id).find(given.address)
    if home is None or home.building is None:
        faults.append(Fault(message="no building here has this address", field="address"))
    if not given.description.strip():
        faults.append(Fault(message="a report says what has happened", field="description"))
    category = look.session.get(Category, given.category)
    if category is None or category.closed_at is not None:
        faults.append(Fault(message="there is no such category", field="category"))
    if len(given.description) > LONGEST or len(given.contact) > 100 or not 0 < len(key) <= 80:
        faults.append(Fault(message="the text is too long", field="description"))
    if faults or home is None or home.building is None:
        raise InvalidInput(faults)
    command = ReportCase(
        lon=home.building.point.x,
        lat=home.building.point.y,
        building=home.building.id,
        category=given.category,
        description=mask_numbers(given.description.strip()),
        address=home.std_address,
        contact=given.contact.strip() or None,
        source=Source.WECHAT.value,
    )
    repeat = Repeatable(key=f"paste-{key}", client=(look.actor.account_id or "local")[:40])
    return report(look.session, look.actor, command, caches=caches, now=now, tz=tz, repeat=repeat)


def _without_heads(text: str) -> str:
    lines = [_AT.sub("", line).strip() for line in text.replace("\r", "").split("\n")]
    return "\n".join(line for line in lines if line and not _HEAD.match(line))


def _category_of(look: Look, text: str) -> str:
    """The open category of whose name most pairs of signs stand in a text; empty where none does."""
    statement = (
        select(Category).where(Category.closed_at.is_(None)).order_by(Category.position, Category.code)
    )
    best, most = "", (0, 0.0)
    for row in look.session.scalars(statement):
        pairs = _pairs(row.name)
        hits = sum(pair in text for pair in pairs)
        if hits and (hits, hits / len(pairs)) > most:
            best, most = row.code, (hits, hits / len(pairs))
    return best


def _pairs(name: str) -> Sequence[str]:
    """Neighbouring signs of a name, each pair once: 路灯, 灯不, 不亮."""
    plain = re.sub(r"[\W_与和及]+", " ", name)
    return tuple(
        dict.fromkeys(word[at : at + 2] for word in plain.split() for at in range(max(len(word) - 1, 1)))
    )
