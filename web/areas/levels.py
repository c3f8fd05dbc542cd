"""What a community sets for itself: which levels of areas it uses and what it calls them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.levels import LevelUse, levels_of, set_levels
from gisgrid.areas.models import Level
from gisgrid.areas.view import Look
from web.answer_models import UNCHANGED
from web.answers import fresh_answer, json_answer, writing_look
from web.blueprints import Api
from web.context import look_at, now
from web.request_models import AskedPlace

settings_api = Api("settings", __name__, part=ApiPart.ADMIN)


class LevelView(BaseModel):
    """A level, top down; an empty name is the usual word."""

    level: Level
    is_used: bool
    name: str
    name_en: str


class LevelViews(BaseModel):
    """The levels of a community."""

    rows: list[LevelView]


class SentLevel(BaseModel):
    """A level as it shall be from now on."""

    model_config = ConfigDict(extra="forbid")

    level: Level
    is_used: bool = True
    name: str = Field(default="", max_length=20)
    name_en: str = Field(default="", max_length=40)


class SentLevels(BaseModel):
    """The levels that change, and why. Those left out stay as they are."""

    model_config = ConfigDict(extra="forbid")

    levels: list[SentLevel] = Field(min_length=1, max_length=6)
    reason: str = Field(min_length=1, max_length=200)


@settings_api.get("/levels", right=Action.AREAS_VIEW, responses={"200": LevelViews, **UNCHANGED})
def levels(query: AskedPlace) -> Response:
    """Which levels of areas the community uses, and what it calls them today."""
    look = look_at(query.asked)
    return fresh_answer(look, Action.AREAS_VIEW, lambda: _levels(look))


@settings_api.post("/levels", right=Action.LEVELS_CHANGE, responses={"200": LevelViews})
def change_levels(query: AskedPlace, body: SentLevels) -> Response:
    """Use other levels, or call them otherwise. A level in use can't be switched off."""
    given = {
        one.level: LevelUse(is_used=one.is_used, name=one.name, name_en=one.name_en) for one in body.levels
    }
    with writing_look(query.asked) as look:
        set_levels(look, given, reason=body.reason, now=now())
    return json_answer(_levels(look_at(query.asked)))


def _levels(look: Look) -> dict[str, Any]:
    return {"rows": [{"level": level.value, **asdict(use)} for level, use in levels_of(look).items()]}
