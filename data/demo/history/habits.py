"""How cases come and go: their categories, channels, words, turns and rhythms, each a table beside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from data.demo.records import DemoCategory
from data.demo.tables import read_records, read_shares, read_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """How cases of a category come: how often, where, when, in which words."""

    code: str
    weight: float
    place: str
    hours: str
    season: str
    texts: tuple[str, ...]
    results: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHabit:
    """How many of all cases come by a channel, and whether it is one of the staff."""

    channel: str
    share: float
    is_staff: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrandTexts:
    """What is asked about cases of a category and what was done; of companies, of organisations by number."""

    category: str
    asked: str
    done: str
    of_company: bool
    of_organisations: tuple[int, ...] = ()


def categories() -> tuple[DemoCategory, ...]:
    """The categories in their order; the first is not confidential."""
    return read_records(DemoCategory, "reference/case_categories")


@cache
def habits() -> dict[str, Habit]:
    """The habits of all categories by code."""
    return {habit.code: habit for habit in read_records(Habit, "demo/history/case_habits")}


def channels() -> tuple[ChannelHabit, ...]:
    """All channels in their order."""
    return read_records(ChannelHabit, "demo/history/case_channels")


@cache
def staff_channels() -> frozenset[str]:
    """Channels by which the staff report."""
    return frozenset(channel.channel for channel in channels() if channel.is_staff)


@cache
def errand_texts() -> dict[str, ErrandTexts]:
    """What organisations are asked, by category; every text is invented."""
    return {texts.category: texts for texts in read_records(ErrandTexts, "demo/history/errand_texts")}


def words_for(step: str) -> tuple[str, ...]:
    """The words in which a step may be told."""
    return read_words("demo/history/case_texts")[step]


def share_of(turn: str) -> float:
    """The share of cases that take a turn; the table says of which."""
    return read_shares("demo/history/case_turns")[turn]


@cache
def rhythm(name: str) -> tuple[float, ...]:
    """Weights of the days of a week, the hours of a day, the months of a year, or of five to one stars."""
    return tuple(float(weight) for weight in read_words("demo/history/case_rhythms")[name])
