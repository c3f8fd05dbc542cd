"""The bundle of a territory: its parts by name, each with a tag by which a phone knows whether it changed."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.areas.view import View
from gisgrid.figures.hotspots import categories
from gisgrid.offline.casework import cases_part
from gisgrid.offline.doors import HeldDoors, held_doors
from gisgrid.offline.ground import facilities_part, ground_part
from gisgrid.offline.houses import buildings_part
from gisgrid.people.consent.texts import current_texts
from gisgrid.records.publication.queries import list_forms, open_form
from gisgrid.records.work.queries import work_today

BUILDING: Final = "b/"
"""Before the id of a building, the name of the part of its doors."""
NO_BUILDING: Final = "b/-"
"""The part of households that stand in no building."""
_PURPOSE: Final = "offline part"


@dataclass(frozen=True)
class Bundle:
    """What a phone may hold of an account's territory at a moment: parts by name, each of plain JSON.

    The parts: ``ground`` (borders, streets, land), ``buildings``, ``b/ID`` (the doors of a building),
    ``cases`` (the account's own open ones), ``words`` (categories and texts of consent), ``forms``, ``work``,
    ``facilities``. A tag is a keyed digest of account and content: equal as long as nothing has changed.
    """

    view: View
    now: datetime

    @cached_property
    def doors(self) -> HeldDoors:
        """The doors of the territory."""
        return held_doors(self.view)

    @cached_property
    def parts(self) -> Mapping[str, Any]:
        """Every part by its name."""
        view = self.view
        doors = self.doors.by_building
        return {
            "ground": ground_part(view),
            "buildings": buildings_part(view),
            "facilities": facilities_part(view),
            "words": _words(view),
            "forms": _forms(view),
            "work": work_today(view),
            "cases": cases_part(view, now=self.now) if may(view.actor, Action.CASES_VIEW) else [],
            **{_name(building): {"building": building, "doors": rows} for building, rows in doors.items()},
        }

    @cached_property
    def texts(self) -> Mapping[str, str]:
        """Every part as one text, the same for equal content."""
        return {name: _as_text(data) for name, data in self.parts.items()}

    @cached_property
    def tags(self) -> Mapping[str, str]:
        """The tag of every part."""
        digests = Digests(key_ring(self.view.session), _PURPOSE)
        account = self.view.actor.account_id or ""
        return {name: digests.current([account, name, text]) for name, text in self.texts.items()}

    @property
    def size(self) -> int:
        """How many bytes all parts have once they are packed for the way."""
        return len(zlib.compress("".join(self.texts.values()).encode()))


def _name(building: str) -> str:
    return f"{BUILDING}{building}" if building else NO_BUILDING


def _words(view: View) -> dict[str, Any]:
    texts = current_texts(view.session)
    return {
        "categories": categories(view),
        "consents": {
            purpose.value: {"version": text.version, "zh": text.zh, "en": text.en}
            for purpose, text in texts.items()
        },
    }


def _forms(view: View) -> list[Any]:
    return [open_form(view, row["code"]) for row in list_forms(view) if row["may_fill"]]


def _as_text(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
