"""Messages out of a group chat become cases: what each seems to say is proposed, a person decides."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.phones import mask_numbers, phones_in
from gisgrid.areas.view import Caches, View
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Category
from gisgrid.cases.core.sources import CaseSource
from gisgrid.cases.intake.chat_messages import Message, messages_of
from gisgrid.cases.intake.duplicates import DuplicateCandidate, Joined, find_duplicates, me_too
from gisgrid.cases.intake.service import ReportCase, Reported, report
from gisgrid.errors import Fault, InvalidInput, NotFound, say
from gisgrid.places.address_base import AddressBase, load_address_base

LONGEST: Final = 4000
MOST_MESSAGES: Final = 50
_LONGEST_PASTED: Final = 40_000
_AT: Final = re.compile(r"@\S{1,30}\s?")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageProposal:
    """What a message seems to say. ``category``, ``address`` are empty where it tells of none known here.

    ``said_at`` is when it was written, as the chat says it; ``goes_on``: by whoever wrote the one before.
    """

    description: str
    category: str
    address: str
    contact: str
    said_at: str = ""
    goes_on: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """What a person has confirmed; the address names a building of the community."""

    category: str
    description: str
    address: str
    contact: str = ""
    severity: str = ""


class Deed(StrEnum):
    """What is done with a message."""

    KEEP = "keep"
    JOIN = "join"
    DROP = "drop"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What a person wants done with a message; nothing where nobody has said yet.

    ``key`` makes it safe to send it again; ``token`` is that of the known case.
    """

    deed: Deed | None
    given: Pasted
    key: str
    token: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What became of messages: the cases made, by id and number, and how many stand behind each known one."""

    made: Sequence[tuple[str, str]]
    said_by: Sequence[int]


def propose(view: View, text: str) -> list[MessageProposal]:
    """What is in each message: address by the address base, category by the words of its name, phones apart.

    Nothing is kept. Names of who wrote, and whom they called, are left out with their lines.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    InvalidInput
        There is no text, or it is too long.
    """
    require(view.actor, Action.CASES_HANDLE)
    if not text.strip():
        raise InvalidInput("paste the message first", field="message")
    if len(text) > _LONGEST_PASTED:
        raise InvalidInput(say("a text has at most {most} characters", most=_LONGEST_PASTED), field="message")
    messages = messages_of(text)
    if len(messages) > MOST_MESSAGES:
        raise InvalidInput(
            say(
                "at most {most} messages at once: there are {count}", most=MOST_MESSAGES, count=len(messages)
            ),
            field="message",
        )
    if any(len(message.text) > LONGEST for message in messages):
        raise InvalidInput(say("a text has at most {most} characters", most=LONGEST), field="message")
    base = load_address_base(view.session, view.community.id)
    names = [message.sender for message in messages]
    return [
        _proposal(view, base, message, goes_on=bool(message.sender) and message.sender == before)
        for message, before in zip(messages, ["", *names], strict=False)
    ]


def _proposal(view: View, base: AddressBase, message: Message, *, goes_on: bool) -> MessageProposal:
    said = _without_calls(message.text)
    home = base.find_in(said)
    return MessageProposal(
        description=mask_numbers(said),
        category=_category_of(view, said),
        address=home.std_address if home else "",
        contact=" ".join(phones_in(f"{message.sender}\n{message.text}"))[:100],
        said_at=message.said_at,
        goes_on=goes_on,
    )


def joined(decided: Sequence[Decided]) -> list[Decided]:
    """The messages once those to be joined stand in the ones before; of these the first thing said counts.

    Raises
    ------
    InvalidInput
        There is none before, or it isn't kept.
    """
    messages: list[Decided] = []
    faults = []
    for row, message in enumerate(decided, start=1):
        if message.deed is not Deed.JOIN:
            messages.append(message)
        elif messages and messages[-1].deed in (Deed.KEEP, None):
            messages[-1] = replace(messages[-1], given=_together(messages[-1].given, message.given))
        else:
            faults.append(Fault(message="there is no message before that is kept", row=row, field="deed"))
    if faults:
        raise InvalidInput(faults)
    return messages


def _together(first: Pasted, second: Pasted) -> Pasted:
    contacts = dict.fromkeys([*first.contact.split(), *second.contact.split()])
    return Pasted(
        category=first.category or second.category,
        description=f"{first.description.strip()}\n{second.description.strip()}",
        address=first.address or second.address,
        contact=" ".join(contacts)[:100],
    )


def settle(view: View, decided: Sequence[Decided], *, caches: Caches, now: datetime, tz: tzinfo) -> Settled:
    """Do with each message what was decided, all of them or none.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    InvalidInput
        Every fault of every message at once, with the message's number; nothing is kept.
    """
    require(view.actor, Action.CASES_HANDLE)
    faults = [
        replace(fault, row=row)
        for row, message in enumerate(decided, start=1)
        for fault in _refused(view, message)
    ]
    if faults:
        raise InvalidInput(faults)
    new_cases, said_by = [], []
    for message in decided:
        if message.deed is Deed.KEEP:
            case = keep_pasted(view, message.given, caches=caches, key=message.key, now=now, tz=tz).case
            new_cases.append((case.id, case.number))
        elif message.deed is Deed.SAME:
            said_by.append(
                say_the_same(view, message.given.address, message.token, key=message.key, now=now).said_by
            )
    return Settled(made=new_cases, said_by=said_by)


def _refused(view: View, message: Decided) -> list[Fault]:
    if message.deed in (None, Deed.JOIN):
        return [Fault(message="say what is to be done with it", field="deed")]
    return _faults(view, message.given, key=message.key) if message.deed is Deed.KEEP else []


def known_there(view: View, address: str, *, category: str, now: datetime) -> list[DuplicateCandidate]:
    """Open cases at the building of an address that may be the same; none where nobody knows the address."""
    place = place_of(view, address)
    return find_duplicates(view, place, category=category, now=now) if place else []


def place_of(view: View, address: str) -> tuple[float, float] | None:
    """Where the building of an address stands: lon, lat in EPSG:4326; nothing where there is none."""
    home = load_address_base(view.session, view.community.id).find(address) if address.strip() else None
    if home is None or home.building is None:
        return None
    return home.building.point.x, home.building.point.y


def say_the_same(view: View, address: str, token: str, *, key: str, now: datetime) -> Joined:
    """Count a message on a case that is known already; the same key counts once.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    NotFound
        No open case there has this token any more.
    """
    require(view.actor, Action.CASES_HANDLE)
    place = place_of(view, address)
    if place is None:
        raise NotFound("no such case")
    repeat = Repeatable(key=f"paste-{key[:80]}-same", client=(view.actor.account_id or "local")[:40])
    return me_too(view, view.actor, token, place, repeat=repeat, now=now)


def keep_pasted(
    view: View, given: Pasted, *, caches: Caches, key: str, now: datetime, tz: tzinfo
) -> Reported:
    """Keep the confirmed message as a case at the building its address means; phones in it are masked.

    Raises
    ------
    NotAllowed
        The role takes no cases on for others.
    InvalidInput
        Every fault of the message at once; nothing is kept.
    """
    require(view.actor, Action.CASES_HANDLE)
    faults = _faults(view, given, key=key)
    home = load_address_base(view.session, view.community.id).find(given.address)
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
        source=CaseSource.WECHAT.value,
    )
    repeat = Repeatable(key=f"paste-{key}", client=(view.actor.account_id or "local")[:40])
    return report(view.session, view.actor, command, caches=caches, now=now, tz=tz, repeat=repeat)


def _faults(view: View, given: Pasted, *, key: str) -> list[Fault]:
    """What is wrong with a message that is to become a case."""
    faults = []
    home = load_address_base(view.session, view.community.id).find(given.address)
    if home is None or home.building is None:
        faults.append(Fault(message="no building here has this address", field="address"))
    if not given.description.strip():
        faults.append(Fault(message="a report says what has happened", field="description"))
    category = view.session.get(Category, given.category)
    if category is None or category.closed_at is not None:
        faults.append(Fault(message="there is no such category", field="category"))
    if len(given.description) > LONGEST or len(given.contact) > 100 or not 0 < len(key) <= 80:
        faults.append(Fault(message="the text is too long", field="description"))
    return faults


def _without_calls(text: str) -> str:
    """The text without whom it calls."""
    lines = [_AT.sub("", line).strip() for line in text.split("\n")]
    return "\n".join(line for line in lines if line)


def _category_of(view: View, text: str) -> str:
    """The open category of whose name most pairs of signs stand in a text; empty where none does."""
    statement = (
        select(Category).where(Category.closed_at.is_(None)).order_by(Category.position, Category.code)
    )
    best, most = "", (0, 0.0)
    for row in view.session.scalars(statement):
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
