"""From the demo's small keys to the ids of the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from data.demo.history.clock import zone
from gisgrid.access.actors import Actor, load_actor
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.storage.base import Base, new_id


@dataclass
class Loading:
    """One community on its way in: ids by kind of record and key, filled as the tables fill."""

    session: Session
    actor: Actor
    now: datetime
    community_id: str = ""
    ids: dict[str, dict[str, str]] = field(default_factory=dict)
    caches: Caches = field(default_factory=Caches)

    def new(self, kind: str, keys: Iterable[str]) -> None:
        """Give every key of a kind an id, in order."""
        self.ids.setdefault(kind, {}).update({key: new_id() for key in keys})

    def know(self, kind: str, key: str, made: str) -> None:
        """Keep the id that a service gave to a key."""
        self.ids.setdefault(kind, {})[key] = made

    def id_of(self, kind: str, key: str | None) -> str | None:
        """The id of a key, or nothing for no key."""
        return None if key is None else self.ids[kind][key]

    def view_as(self, account: str, at: datetime) -> View:
        """What an account (by its id) sees of the community at a moment: with it the services act for it."""
        actor = load_actor(self.session, account, now=self.now)
        code = next(code for code, known in self.ids["area"].items() if known == self.community_id)
        asked = ViewRequest(community=code)
        return open_view(self.session, actor or Actor(), asked, caches=self.caches, now=at, tz=zone())

    def add(self, table: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows in one go."""
        if rows:
            # Without it rows that know something else go in one by one.
            statement = insert(table).execution_options(render_nulls=True)
            self.session.execute(statement, list(rows))
