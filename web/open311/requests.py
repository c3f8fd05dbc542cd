"""What a request to the facade asks for, read with all faults at once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from flask import request

from gisgrid.cases.core.rules import parse_case_number
from gisgrid.cases.public.open311 import MOST_ROWS, RequestSearch
from gisgrid.errors import Fault, InvalidInput, say

RECENT: Final = timedelta(days=90)
"""How far back requests go where nobody says since when."""
_MOST_NAMED: Final = 1000
_YEARS: Final = range(1900, 2200)
_MOST_PAGES: Final = 1_000_000
_STATUS: Final = {"open": False, "closed": True}

T = TypeVar("T")


def requests_query(*, now: datetime) -> RequestSearch:
    """The search that the address names; numbers of requests go before all else.

    Raises
    ------
    InvalidInput
        Every fault of the address at once.
    """
    faults: list[Fault] = []

    def take(name: str, read: Callable[[str], T], default: T) -> T:
        text = request.args.get(name, "").strip()
        try:
            return read(text) if text else default
        except InvalidInput as error:
            faults.extend(error.faults)
            return default

    size = take("page_size", lambda text: _whole("page_size", text, MOST_ROWS), MOST_ROWS)
    page = take("page", lambda text: _whole("page", text, _MOST_PAGES), 1)
    numbers = _named("service_request_id")
    services, is_closed = _named("service_code"), take("status", _status, None)
    nothing: datetime | None = None
    start = take("start_date", lambda text: _instant("start_date", text), nothing)
    end = take("end_date", lambda text: _instant("end_date", text), nothing)
    if faults:
        raise InvalidInput(faults)
    if numbers:
        return RequestSearch(numbers=tuple(map(_number, numbers)), page=page, page_size=size)
    if start is None:
        start = (end or now) - RECENT
    return RequestSearch(
        services=services, start=start, end=end, is_closed=is_closed, page=page, page_size=size
    )


def one_request(text: str) -> RequestSearch:
    """The search for one request by its number."""
    return RequestSearch(numbers=(_number(text),), page_size=1)


def sent_place() -> tuple[float, float] | None:
    """``lat`` and ``long`` of a form in degrees of WGS-84 as (lon, lat); nothing where neither is sent.

    Raises
    ------
    InvalidInput
        One is missing or no number.
    """
    names = ("long", "lat")
    texts = {name: request.form.get(name, "").strip() for name in names}
    if not any(texts.values()):
        return None
    faults, coordinates = [], []
    for name in names:
        try:
            coordinates.append(float(texts[name]))
        except ValueError:
            faults.append(Fault(message="lat and long are both needed, as numbers", field=name))
    if faults:
        raise InvalidInput(faults)
    return coordinates[0], coordinates[1]


def sent(name: str, most: int = 4000) -> str:
    """A field of a form without blanks round it; empty where it isn't sent.

    Raises
    ------
    InvalidInput
        It is too long.
    """
    text = request.form.get(name, "").strip()
    if len(text) > most:
        raise InvalidInput(say("a text has at most {most} characters", most=most), field=name)
    return text


def _named(name: str) -> tuple[str, ...]:
    """A list parted by commas; a parameter may also stand several times."""
    texts = ",".join(request.args.getlist(name)).split(",")
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))[:_MOST_NAMED]


def _number(text: str) -> str:
    """A request's number as it is stored; what can't be one stays as it is, and is not found."""
    try:
        return parse_case_number(text)
    except InvalidInput:
        return text


def _whole(name: str, text: str, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9 and 1 <= int(text) <= most):
        raise InvalidInput(say("a whole number from 1 to {most} is needed", most=most), field=name)
    return int(text)


def _status(text: str) -> bool | None:
    wanted = {word.strip().lower() for word in text.split(",") if word.strip()}
    if wanted - _STATUS.keys():
        raise InvalidInput("a status is open or closed", field="status")
    return _STATUS[wanted.pop()] if len(wanted) == 1 else None


def _instant(name: str, text: str) -> datetime:
    """An instant in W3C form; without an offset it is in UTC. A ``+`` may have become a blank on its way."""
    moment: datetime | None = None
    with suppress(ValueError):
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    if moment is None or moment.year not in _YEARS:
        raise InvalidInput("a time looks like 2026-11-24T08:00:00Z", field=name)
    return moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)


def contact() -> str | None:
    """How the sender can be reached, in one line; nothing where nothing is told."""
    names = ("first_name", "last_name", "phone", "email")
    parts: list[Any] = [text for name in names if (text := sent(name, 200))]
    return " ".join(parts)[:400] or None
