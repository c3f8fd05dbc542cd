"""Time limits of cases: the rules in force, all versions, days of a community's own; new ones for heads."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.view import View
from gisgrid.cases.deadlines.rule_versions import (
    OwnDay,
    add_version,
    drop_own_day,
    list_versions,
    own_days,
    rules_of,
    set_own_day,
)
from gisgrid.cases.deadlines.rulebook import read_rulebook
from web.answers import json_answer, writing_view
from web.blueprints import Api
from web.context import now, view_of
from web.request_models import Moment, PlaceQuery

limits_api = Api("limits", __name__, part=ApiPart.ADMIN)


class LimitPart(BaseModel):
    """`amount` of a `unit` (minutes, or working days), or a time `at` of the day `days` after the report."""

    model_config = ConfigDict(extra="forbid")

    amount: int | None = None
    unit: str | None = Field(default=None, max_length=20)
    days: int | None = None
    at: str | None = Field(default=None, max_length=8)


class RulePart(BaseModel):
    """When a case turns amber (`target`) and red (`deadline`).

    Without a target it is amber after three quarters of its time, whatever the levels are.
    """

    model_config = ConfigDict(extra="forbid")

    target: LimitPart | None = None
    deadline: LimitPart


class LevelsPart(BaseModel):
    """At which percent of a case's time who is told: rising, and the deadline is 100."""

    model_config = ConfigDict(extra="forbid")

    owner: int = Field(default=75, description="1 to 99: the owner, before the deadline.")
    community: int = Field(default=100, description="Heads, and the staff of the grid; between the others.")
    subdistrict: int = Field(
        default=150,
        description="100 to 1000: leaders of the subdistrict; the case is supervised then.",
    )


class RulesDocument(BaseModel):
    """The rules of one version; what is left out is as in the standard rules."""

    model_config = ConfigDict(extra="forbid")

    severities: dict[str, RulePart] | None = Field(
        default=None, description="By small, big, hard, emergency."
    )
    categories: dict[str, RulePart] | None = Field(default=None, description="By the code of a category.")
    hotline: dict[str, LimitPart] | None = Field(
        default=None, description="By emergency, supply, general, complex."
    )
    hours: list[list[str]] | None = Field(default=None, max_length=10, description="Times from and to.")
    holidays: str = Field(default="china", max_length=10)
    claim_minutes: int = Field(default=120, description="So long a new case may be claimed.")
    levels: LevelsPart = Field(default_factory=LevelsPart, description="Who is told when time runs out.")


class LimitVersionRow(BaseModel):
    """A version of the rules, with who made it."""

    number: int
    valid_from: str
    made_at: str
    by: str | None
    is_in_force: bool
    rules: RulesDocument


class OwnDayRow(BaseModel):
    """A day on which the community works, or doesn't, other than the calendar says."""

    day: date
    is_work: bool
    name: str


class LimitsView(BaseModel):
    """The rules in force and own days; `versions`, the newest first, for those who may change them."""

    rules: RulesDocument
    days: list[OwnDayRow]
    versions: list[LimitVersionRow] | None


class SentLimits(BaseModel):
    """New rules, from now or from a moment on; cases keep those they were reported under."""

    model_config = ConfigDict(extra="forbid")

    rules: RulesDocument
    valid_from: Moment | None = None


class SentOwnDay(BaseModel):
    """A day on which the community works, or doesn't, other than the calendar says."""

    model_config = ConfigDict(extra="forbid")

    day: date
    is_work: bool
    name: str = Field(min_length=1, max_length=60)


class NamedDay(BaseModel):
    """A day in a path."""

    day: date


@limits_api.get("/limits", right=Action.LIMITS_VIEW, responses={"200": LimitsView})
def limits(query: PlaceQuery) -> Response:
    """The rules in force, and for those who may change them every version there has been or will be."""
    return json_answer(_describe(view_of(query.view_request)))


@limits_api.post("/limits", right=Action.LIMITS_CHANGE, responses={"200": LimitsView})
def change_limits(query: PlaceQuery, body: SentLimits) -> Response:
    """New rules as a version of their own."""
    rules = read_rulebook(body.rules.model_dump(exclude_none=True))
    with writing_view(query.view_request) as view:
        add_version(view, rules, valid_from=body.valid_from or now(), now=now())
        answer = _describe(view)
    return json_answer(answer)


@limits_api.post("/limits/days", right=Action.LIMITS_CHANGE, responses={"200": LimitsView})
def change_day(query: PlaceQuery, body: SentOwnDay) -> Response:
    """Say whether the community works on a day."""
    with writing_view(query.view_request) as view:
        set_own_day(view, OwnDay(day=body.day, is_work=body.is_work, name=body.name), now=now())
        answer = _describe(view)
    return json_answer(answer)


@limits_api.delete("/limits/days/<day>", right=Action.LIMITS_CHANGE, responses={"200": LimitsView})
def drop_day(path: NamedDay, query: PlaceQuery) -> Response:
    """Let the calendar decide on a day again."""
    with writing_view(query.view_request) as view:
        drop_own_day(view, path.day, now=now())
        answer = _describe(view)
    return json_answer(answer)


def _describe(view: View) -> dict[str, Any]:
    require(view.actor, Action.LIMITS_VIEW)
    days = [{"day": day.day.isoformat(), "is_work": day.is_work, "name": day.name} for day in own_days(view)]
    changes = may(view.actor, Action.LIMITS_CHANGE)
    return {
        "rules": rules_of(view, at=now()).as_json(),
        "days": days,
        "versions": _versions(view) if changes else None,
    }


def _versions(view: View) -> list[dict[str, Any]]:
    return [
        {
            "number": version.number,
            "valid_from": version.valid_from.astimezone(view.tz).isoformat(),
            "made_at": version.made_at.astimezone(view.tz).isoformat(),
            "by": version.by,
            "is_in_force": version.is_in_force,
            "rules": version.rules.as_json(),
        }
        for version in list_versions(view, now=now())
    ]
