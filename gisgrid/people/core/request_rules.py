"""How a household is asked to register: no pressure, somebody who mediates, rest after a refusal.

Days are those of the deployment's zone. A visit at which nobody was met is no attempt; being asked is one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class RequestState(StrEnum):
    """Where the asking of a household stands."""

    OPEN = "open"
    MEDIATING = "mediating"
    COOLING = "cooling"
    GRANTED = "granted"
    ENDED = "ended"
    """Refused as often as one may ask: from now on only the household itself can come back to it."""


class RequestOutcome(StrEnum):
    """What came of one step."""

    NOT_MET = "not_met"
    UNDECIDED = "undecided"
    MEDIATION = "mediation"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    GRANTED = "granted"


class Mediator(StrEnum):
    """Who speaks with the household besides the member."""

    NEIGHBOUR = "neighbour"
    RELATIVE = "relative"
    BUILDING_STEWARD = "building_steward"
    PARTY_MEMBER = "party_member"
    COMMITTEE = "committee"
    PROPERTY = "property"
    POLICE = "police"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How often and how soon a household is asked.

    ``attempts``: refusals or open ends after which nobody asks any more; ``rest``: days without asking
    after a refusal; ``remind``: days until an open end is looked after; ``mediate``: days a mediator has.
    """

    attempts: int = 3
    rest: int = 90
    remind: int = 7
    mediate: int = 14


MANNERS: Final = Manners()

ASKING: Final = frozenset({RequestState.OPEN, RequestState.MEDIATING})
"""States in which somebody is at it."""

RUNNING: Final = ASKING | {RequestState.COOLING, RequestState.ENDED}
"""States that aren't closed: a household has at most one such request."""

_ATTEMPTS: Final = frozenset({RequestOutcome.UNDECIDED, RequestOutcome.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestProgress:
    """Where a request stands: its state, attempts, next day to look after it, first day to ask again."""

    state: RequestState = RequestState.OPEN
    attempts: int = 0
    remind_on: date | None = None
    ask_again_from: date | None = None


def may_ask(progress: RequestProgress | None, today: date) -> bool:
    """Whether the household may be asked today: not while it rests, never after the last attempt."""
    if progress is None or progress.state in ASKING:
        return True
    if progress.state == RequestState.COOLING:
        return progress.ask_again_from is None or progress.ask_again_from <= today
    return progress.state == RequestState.GRANTED


def after(
    progress: RequestProgress, outcome: RequestOutcome, today: date, manners: Manners = MANNERS
) -> RequestProgress:
    """Where a request stands after a step; whether the step may be taken is asked by :func:`may_ask`."""
    attempts = progress.attempts + (outcome in _ATTEMPTS)
    if outcome == RequestOutcome.GRANTED:
        return RequestProgress(state=RequestState.GRANTED, attempts=attempts)
    if outcome in {RequestOutcome.REFUSED, RequestOutcome.UNDECIDED} and attempts >= manners.attempts:
        return RequestProgress(state=RequestState.ENDED, attempts=attempts)
    if outcome in {RequestOutcome.REFUSED, RequestOutcome.WITHDRAWN}:
        again = today + timedelta(days=manners.rest)
        return RequestProgress(
            state=RequestState.COOLING, attempts=attempts, remind_on=again, ask_again_from=again
        )
    is_mediated = outcome == RequestOutcome.MEDIATION or progress.state == RequestState.MEDIATING
    days = manners.mediate if outcome == RequestOutcome.MEDIATION else manners.remind
    return RequestProgress(
        state=RequestState.MEDIATING if is_mediated else RequestState.OPEN,
        attempts=attempts,
        remind_on=today + timedelta(days=days),
    )
