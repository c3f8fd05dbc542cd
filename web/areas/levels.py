"""What a community sets for itself: which levels of areas it uses and what it calls them."""

from __future__ import annotations

from flask import Response
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.areas.levels import LevelUse, levels_of, set_levels
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from web.answer_models import UNCHANGED, Rows
from web.answers import fresh_answer, json_answer, writing_view
from web.blueprints import Api
from web.context import now, view_of
from web.request_models import PlaceQuery

settings_api = Api("settings", __name__, part=ApiPart.ADMIN)


class LevelView(TypedDict):
    """A level, top down; an empty name is the usual word."""

    level: Level
    is_used: bool
    name: str
    name_en: str


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


@settings_api.get("/levels", right=Action.AREAS_VIEW, responses={"200": Rows[LevelView], **UNCHANGED})
def levels(query: PlaceQuery) -> Response:
    """Which levels of areas the community uses, and what it calls them today."""
    view = view_of(query.view_request)
    return fresh_answer(view, Action.AREAS_VIEW, lambda: _levels(view))


@settings_api.post("/levels", right=Action.LEVELS_CHANGE, responses={"200": Rows[LevelView]})
def change_levels(query: PlaceQuery, body: SentLevels) -> Response:
    """Use other levels, or call them otherwise. A level in use can't be switched off."""
    uses = {
        use.level: LevelUse(is_used=use.is_used, name=use.name, name_en=use.name_en) for use in body.levels
    }
    with writing_view(query.view_request) as view:
        set_levels(view, uses, reason=body.reason, now=now())
    return json_answer(_levels(view_of(query.view_request)))


def _levels(view: View) -> Rows[LevelView]:
    rows: list[LevelView] = [
        {"level": level, "is_used": use.is_used, "name": use.name, "name_en": use.name_en}
        for level, use in levels_of(view).items()
    ]
    return {"rows": rows}
