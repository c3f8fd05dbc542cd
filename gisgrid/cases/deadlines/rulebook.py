"""The rules by which cases of a community fall due, with the defaults: one version of them, as a document.

A stored version never changes. The founding paper gives two sentences: "small matters are settled on the
spot, big ones within the day" (the strict one, here the target) and "small matters don't outlast the night,
big ones not the day, hard ones not the week" (the deadline). Neither names a clock time, so every number is
a setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, tzinfo
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from typing_extensions import TypedDict

from gisgrid.cases.core.rules import Severity
from gisgrid.cases.deadlines.levels import STANDARD_LEVELS, Levels, WarningLevel
from gisgrid.cases.deadlines.limits import Limit, Rule, Span, Until, hours, work_days
from gisgrid.cases.deadlines.workdays import DUTY_HOURS, Holidays, Shift, WorkCalendar, check_hours
from gisgrid.cases.deadlines.worktime import LimitUnit
from gisgrid.errors import Fault, InvalidInput, say


class HotlineClass(StrEnum):
    """How urgent the hotline 12345 says a work order is."""

    EMERGENCY = "emergency"
    """Life or property is in danger."""
    SUPPLY = "supply"
    """Water, electricity, gas or heating."""
    GENERAL = "general"
    COMPLEX = "complex"


CLAIM_MINUTES: Final = 120
_MOST_TO_CLAIM: Final = 7 * 24 * 60
DEFAULT_LIMITS: Final[Mapping[Severity, Rule]] = MappingProxyType(
    {
        Severity.SMALL: Rule(target=hours(1), deadline=Until(days=1, at=time(6))),
        Severity.BIG: Rule(target=Until(days=1, at=time(0)), deadline=hours(24)),
        Severity.HARD: Rule(target=hours(3 * 24), deadline=hours(7 * 24)),
        Severity.EMERGENCY: Rule(target=Span(amount=5), deadline=hours(2)),
    }
)
DEFAULT_HOTLINE_LIMITS: Final[Mapping[HotlineClass, Limit]] = MappingProxyType(
    {
        HotlineClass.EMERGENCY: hours(2),
        HotlineClass.SUPPLY: hours(24),
        HotlineClass.GENERAL: hours(7 * 24),
        HotlineClass.COMPLEX: hours(15 * 24),
    }
)


class SpanJson(TypedDict):
    """A limit of so many minutes or working days."""

    amount: int
    unit: str


class UntilJson(TypedDict):
    """A limit until a time of day, some days after the report."""

    days: int
    at: str


LimitJson = SpanJson | UntilJson


class RuleJson(TypedDict):
    """When a case turns amber and red, as it is stored."""

    target: LimitJson | None
    deadline: LimitJson | None


class RulebookJson(TypedDict):
    """The rules of a version, as they are stored."""

    severities: dict[str, RuleJson]
    categories: dict[str, RuleJson]
    hotline: dict[str, LimitJson | None]
    hours: list[list[str]]
    holidays: str
    claim_minutes: int
    levels: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """One version of the rules. ``categories`` have limits of their own, by their code.

    ``claim_minutes``: how long members of the branch may claim a new case before it is given to somebody.
    ``levels``: at how much of the time who is told.
    An emergency goes by the rule of emergencies whatever else is said of it, and any other work order of the
    hotline by the limit of its class.
    """

    severities: Mapping[Severity, Rule] = field(default_factory=lambda: dict(DEFAULT_LIMITS))
    categories: Mapping[str, Rule] = field(default_factory=dict)
    hotline: Mapping[HotlineClass, Limit] = field(default_factory=lambda: dict(DEFAULT_HOTLINE_LIMITS))
    hours: tuple[Shift, ...] = DUTY_HOURS
    holidays: Holidays = Holidays.CHINA
    claim_minutes: int = CLAIM_MINUTES
    levels: Levels = STANDARD_LEVELS

    def __post_init__(self) -> None:
        """Refuses duty hours that can't be."""
        check_hours(self.hours)

    def rule_for(self, category: str, severity: Severity, hotline: HotlineClass | None = None) -> Rule:
        """The rule a case falls under; a class of the hotline has no target of its own."""
        if hotline is not None and self.goes_by_class(severity, hotline):
            return Rule(deadline=self.hotline[hotline])
        own = self.categories.get(category)
        return own if own and self.goes_by_category(category, severity) else self.severities[severity]

    def goes_by_category(self, category: str, severity: Severity) -> bool:
        """Whether a case falls under a rule of its category."""
        return category in self.categories and severity != Severity.EMERGENCY

    @staticmethod
    def goes_by_class(severity: Severity, hotline: HotlineClass | None) -> bool:
        """Whether a case falls under the limit of its class of the hotline."""
        return hotline is not None and severity != Severity.EMERGENCY

    def calendar(self, tz: tzinfo, exceptions: Mapping[date, bool] | None = None) -> WorkCalendar:
        """Its working days and hours in a zone, with a community's own exceptions."""
        return WorkCalendar(tz=tz, hours=self.hours, holidays=self.holidays, exceptions=exceptions or {})

    def as_json(self) -> RulebookJson:
        """The document, as it is stored and shown."""
        return {
            "severities": {key.value: _rule_json(rule) for key, rule in self.severities.items()},
            "categories": {key: _rule_json(rule) for key, rule in sorted(self.categories.items())},
            "hotline": {key.value: limit_json(limit) for key, limit in self.hotline.items()},
            "hours": [[_clock(shift.start), _clock(shift.end)] for shift in self.hours],
            "holidays": self.holidays.value,
            "claim_minutes": self.claim_minutes,
            "levels": self.levels.as_json(),
        }


DEFAULT: Final = Rulebook()
"""What holds where a community has set nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A limit from published practice, offered where limits of categories are set."""

    name: str
    name_en: str
    limit: Limit


EXAMPLES: Final = (
    Example(name="井盖缺失、移位", name_en="manhole cover missing or shifted", limit=hours(2)),
    Example(
        name="井盖破损",
        name_en="manhole cover broken",
        limit=hours(4, LimitUnit.WORK_HOUR),
    ),
    Example(name="井盖异响", name_en="manhole cover rattles", limit=work_days(2)),
    Example(name="井周路面沉陷", name_en="road around a manhole sunken", limit=work_days(5)),
    Example(name="暴露垃圾", name_en="exposed rubbish", limit=hours(4, LimitUnit.WORK_HOUR)),
    Example(name="道路不洁", name_en="road not clean", limit=hours(2, LimitUnit.WORK_HOUR)),
    Example(name="积水", name_en="standing water", limit=hours(4, LimitUnit.WORK_HOUR)),
    Example(name="渣土", name_en="heap of soil", limit=work_days(2)),
    Example(name="绿地养护", name_en="lawn care", limit=work_days(5)),
    Example(
        name="违章建筑:责令停工",
        name_en="illegal building: work stopped",
        limit=hours(4, LimitUnit.WORK_HOUR),
    ),
    Example(name="违章建筑:处罚", name_en="illegal building: penalty", limit=work_days(7)),
    Example(name="违章建筑:拆除", name_en="illegal building: taken down", limit=work_days(20)),
)
"""Limits of subclasses from rules of city administration; nothing goes by them until somebody sets it."""


def read_rulebook(document: Mapping[str, Any]) -> Rulebook:
    """A document as rules; what it leaves out is as in `DEFAULT`.

    Raises
    ------
    InvalidInput
        Every fault of the document at once, each with its field.
    """
    faults: list[Fault] = []
    rules = Rulebook(
        severities=dict(DEFAULT.severities) | _read_severities(document.get("severities") or {}, faults),
        categories=_read_rules(document.get("categories") or {}, "categories", faults),
        hotline=dict(DEFAULT.hotline) | _read_hotline(document.get("hotline") or {}, faults),
        hours=_read_hours(document.get("hours"), faults),
        holidays=_read_holidays(document.get("holidays", Holidays.CHINA), faults),
        claim_minutes=_read_claim(document.get("claim_minutes", CLAIM_MINUTES), faults),
        levels=_read_levels(document.get("levels") or {}, faults),
    )
    if faults:
        raise InvalidInput(faults)
    return rules


def limit_json(limit: Limit | None) -> LimitJson | None:
    """A limit as it is stored: ``{"amount": 120, "unit": "work_hour"}`` or ``{"days": 1, "at": "06:00"}``."""
    if limit is None:
        return None
    if isinstance(limit, Until):
        return {"days": limit.days, "at": _clock(limit.at)}
    return {"amount": limit.amount, "unit": limit.unit.value}


def read_limit(value: Any) -> Limit:
    """A stored limit.

    Raises
    ------
    InvalidInput
        It says no limit.
    """
    if not isinstance(value, Mapping):
        raise InvalidInput("a time limit is a number with its unit, or a time of day")
    if "at" in value:
        return Until(days=_whole(value.get("days"), "days"), at=_read_clock(value["at"], "at"))
    unit = value.get("unit")
    if unit not in set(LimitUnit):
        known = ", ".join(LimitUnit)
        raise InvalidInput(say("a unit of a time limit is one of {known}", known=known), field="unit")
    return Span(amount=_whole(value.get("amount"), "amount"), unit=LimitUnit(unit))


def _read_severities(document: Mapping[str, Any], faults: list[Fault]) -> dict[Severity, Rule]:
    known = {key: value for key, value in document.items() if key in set(Severity)}
    faults += [
        Fault(message="there is no such urgency", field=f"severities.{key}")
        for key in document
        if key not in known
    ]
    return {Severity(key): rule for key, rule in _read_rules(known, "severities", faults).items()}


def _read_rules(document: Mapping[str, Any], part: str, faults: list[Fault]) -> dict[str, Rule]:
    read = {key: _read_rule(value, f"{part}.{key}", faults) for key, value in document.items()}
    return {key: rule for key, rule in read.items() if rule}


def _read_hotline(document: Mapping[str, Any], faults: list[Fault]) -> dict[HotlineClass, Limit]:
    limits = {}
    for key, value in document.items():
        if key not in set(HotlineClass):
            faults.append(Fault(message="there is no such class of the hotline", field=f"hotline.{key}"))
        elif limit := _read_limit(value, f"hotline.{key}", faults):
            limits[HotlineClass(key)] = limit
    return limits


def _read_holidays(value: Any, faults: list[Fault]) -> Holidays:
    if value in set(Holidays):
        return Holidays(value)
    faults.append(Fault(message="holidays are china or none", field="holidays"))
    return Holidays.CHINA


def _read_claim(value: Any, faults: list[Fault]) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST_TO_CLAIM:
        return value
    message = "the time to claim a case lasts from one minute to a week"
    faults.append(Fault(message=message, field="claim_minutes"))
    return CLAIM_MINUTES


def _read_levels(document: Any, faults: list[Fault]) -> Levels:
    if not isinstance(document, Mapping):
        faults.append(Fault(message="levels are percents by who is told", field="levels"))
        return STANDARD_LEVELS
    known = {key: value for key, value in document.items() if key in set(WarningLevel)}
    faults += [
        Fault(message="there is no such level", field=f"levels.{key}") for key in document if key not in known
    ]
    try:
        return Levels(**known)
    except InvalidInput as error:
        faults += error.faults
        return STANDARD_LEVELS


def _read_rule(value: Any, field_name: str, faults: list[Fault]) -> Rule | None:
    if not isinstance(value, Mapping):
        faults.append(Fault(message="a rule has a deadline", field=field_name))
        return None
    deadline = _read_limit(value.get("deadline"), f"{field_name}.deadline", faults)
    target = value.get("target")
    amber = _read_limit(target, f"{field_name}.target", faults) if target else None
    return Rule(deadline=deadline, target=amber) if deadline else None


def _read_limit(value: Any, field_name: str, faults: list[Fault]) -> Limit | None:
    try:
        return read_limit(value)
    except InvalidInput as error:
        for fault in error.faults:
            part = f".{fault.field}" if fault.field else ""
            faults.append(Fault(message=fault.message, field=f"{field_name}{part}"))
        return None


def _read_hours(value: Any, faults: list[Fault]) -> tuple[Shift, ...]:
    if value is None:
        return DUTY_HOURS
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        faults.append(Fault(message="duty hours are times from and to", field="hours"))
        return DUTY_HOURS
    try:
        shifts = tuple(
            Shift(start=_read_clock(start, "hours"), end=_read_clock(end, "hours")) for start, end in value
        )
        check_hours(shifts)
    except InvalidInput as error:
        faults += error.faults
        return DUTY_HOURS
    return shifts


def _read_clock(value: Any, field_name: str) -> time:
    """A time of day as HH:MM; 24:00 is the midnight that ends the day."""
    text = str(value)
    try:
        return time(0) if text == "24:00" else time.fromisoformat(text).replace(second=0, microsecond=0)
    except ValueError:
        raise InvalidInput("a time of day looks like 08:30", field=field_name) from None


def _whole(value: Any, field_name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise InvalidInput("a whole number is needed", field=field_name)
    return value


def _clock(at: time) -> str:
    return at.strftime("%H:%M")


def _rule_json(rule: Rule) -> RuleJson:
    return {"target": limit_json(rule.target), "deadline": limit_json(rule.deadline)}
