"""Asking without pressure: rest after a no, an end after three, whatever the order of steps."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from gisgrid.people.core.request_rules import (
    ASKING,
    Manners,
    RequestOutcome,
    RequestProgress,
    RequestState,
    after,
    may_ask,
)

DAY = date(2026, 11, 24)


def test_a_no_begins_a_rest_of_ninety_days() -> None:
    rested = after(RequestProgress(), RequestOutcome.REFUSED, DAY)
    assert rested == RequestProgress(
        state=RequestState.COOLING,
        attempts=1,
        remind_on=date(2027, 2, 22),
        ask_again_from=date(2027, 2, 22),
    )
    assert not may_ask(rested, date(2027, 2, 21))
    assert may_ask(rested, date(2027, 2, 22))


def test_after_the_third_no_nobody_asks_again() -> None:
    progress, day = RequestProgress(), DAY
    for _ in range(3):
        assert may_ask(progress, day)
        progress = after(progress, RequestOutcome.REFUSED, day)
        day += timedelta(days=90)
    assert progress == RequestProgress(state=RequestState.ENDED, attempts=3)
    assert not may_ask(progress, date(2199, 1, 1))


def test_meeting_nobody_is_no_attempt_but_is_looked_after() -> None:
    progress = RequestProgress()
    for _ in range(10):
        progress = after(progress, RequestOutcome.NOT_MET, DAY)
    assert progress == RequestProgress(state=RequestState.OPEN, remind_on=DAY + timedelta(days=7))


def test_a_mediator_has_two_weeks_and_stays_until_there_is_an_answer() -> None:
    mediated = after(RequestProgress(), RequestOutcome.MEDIATION, DAY)
    assert (mediated.state, mediated.remind_on) == (RequestState.MEDIATING, DAY + timedelta(days=14))
    still = after(mediated, RequestOutcome.UNDECIDED, DAY)
    assert (still.state, still.attempts) == (RequestState.MEDIATING, 1)
    assert after(still, RequestOutcome.GRANTED, DAY).state == RequestState.GRANTED


def test_who_withdraws_rests_too_without_an_attempt_being_counted() -> None:
    withdrawn = after(RequestProgress(state=RequestState.GRANTED), RequestOutcome.WITHDRAWN, DAY)
    assert (withdrawn.state, withdrawn.attempts) == (RequestState.COOLING, 0)


@given(
    steps=st.lists(st.tuples(st.sampled_from(RequestOutcome), st.integers(0, 200)), max_size=30),
    manners=st.builds(
        Manners, attempts=st.integers(1, 5), rest=st.integers(1, 400), remind=st.integers(1, 30)
    ),
)
def test_no_course_asks_more_often_or_sooner_than_the_manners_say(
    steps: list[tuple[RequestOutcome, int]], manners: Manners
) -> None:
    progress, day, refused_on, attempts = RequestProgress(), DAY, None, 0
    for outcome, wait in steps:
        day += timedelta(days=wait)
        if not may_ask(progress, day):
            assert progress.state in {RequestState.COOLING, RequestState.ENDED}
            continue
        if refused_on is not None:
            assert day >= refused_on + timedelta(days=manners.rest)
        progress = after(progress, outcome, day, manners)
        attempts += outcome in {RequestOutcome.REFUSED, RequestOutcome.UNDECIDED}
        assert progress.attempts == attempts
        assert attempts <= manners.attempts
        refused_on = day if outcome in {RequestOutcome.REFUSED, RequestOutcome.WITHDRAWN} else None
        if outcome == RequestOutcome.GRANTED:
            break
        assert (progress.state == RequestState.ENDED) == (attempts == manners.attempts)
        assert (progress.remind_on is None) == (progress.state == RequestState.ENDED)
        assert progress.state in ASKING or not may_ask(progress, day)
