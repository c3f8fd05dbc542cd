"""The frame in which rows of a file are kept: batch by batch, compared with what is known, and audited."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, TypeVar

from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.imports import forget_former
from gisgrid.areas.communities import touch
from gisgrid.areas.models import PlacedKind
from gisgrid.places.import_rows import Change, Importing, KeptRows, batches, leave_cells, own_cells, write
from gisgrid.places.registered import BuildingIndex, load_buildings
from gisgrid.storage.base import Base

T = TypeVar("T")

TURNED: Final = "the end must come after the beginning"


@dataclass(frozen=True, slots=True, kw_only=True)
class RowKind:
    """What tells rows of one kind from those of another where they are kept.

    ``key`` is the primary key of the table; ``placed`` the kind of object whose former cells are kept;
    ``fields`` are named in the audit entry.
    """

    name: str
    table: type[Base]
    key: str
    action: Action
    placed: PlacedKind | None = None
    fields: Sequence[str] = ()


@dataclass(slots=True, kw_only=True)
class Saving:
    """What keeping the rows of one file works with; ``own`` are the cells that may be written, None all."""

    running: Importing
    buildings: BuildingIndex
    own: frozenset[str] | None
    kept: KeptRows = field(default_factory=KeptRows)
    _seen: dict[Hashable, int] = field(default_factory=dict)

    @property
    def session(self) -> Session:
        """The transaction it happens in."""
        return self.running.session

    @property
    def community_id(self) -> str:
        """The community the file is for."""
        return self.running.division.community_id

    def refuse(self, row: int, name: str, message: str) -> None:
        """Leave a row out and say why."""
        self.kept.refused.append((row, name, message))

    def remark(self, row: int, key: str, name: str, message: str) -> None:
        """Say something of a row that is taken."""
        self.kept.remarks.append((row, key, name, message))

    def twin(self, key: Hashable, row: int) -> int | None:
        """The earlier row that is the same thing, if there is one."""
        first = self._seen.setdefault(key, row)
        return None if first == row else first


@dataclass(slots=True, kw_only=True)
class Batch:
    """What of one batch is to be written, and ``then``, what can only follow on that."""

    kind: RowKind
    saving: Saving
    fresh: list[dict[str, Any]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    then: Callable[[], None] | None = None

    def change(
        self,
        row: int,
        key: str,
        stored: Mapping[str, Any],
        different: Mapping[str, Any],
        *,
        named: Iterable[str],
        forgets: frozenset[str] = frozenset(),
    ) -> None:
        """A known row gets other values; ``named`` are the fields that are told of it.

        ``forgets``: columns whose values were refused; what they were is known no more, whoever noted it.
        """
        if forgets & different.keys():
            forget_former(self.saving.session, [stored["id"]])
        change = Change(
            key=stored[self.kind.key], id=stored["id"], stored=stored, fresh=different, forgets=forgets
        )
        self.changes.append(change)
        self.saving.kept.updated.append((row, key, tuple(sorted(named))))

    def write(self) -> None:
        """Keep it all."""
        running = self.saving.running
        write(
            running.session,
            self.kind.table,
            key=self.kind.key,
            fresh=self.fresh,
            changes=self.changes,
            notes=running.notes,
        )
        if self.kind.placed is not None:
            leave_cells(running.session, self.kind.placed, self.changes, at=running.at)
        self.saving.kept.new += len(self.fresh)
        if self.then is not None:
            self.then()


def save_rows(
    kind: RowKind, running: Importing, rows: Sequence[T], take: Callable[[Sequence[T], Batch], None]
) -> KeptRows:
    """Keep rows of a file: ``take`` says of each batch what is to be written.

    Raises
    ------
    NotAllowed
        The actor may not import this kind.
    """
    require(running.actor, kind.action)
    saving = Saving(
        running=running,
        buildings=load_buildings(running.session, running.division.community_id),
        own=own_cells(running.division, running.actor),
    )
    done = 0
    for few in batches(rows):
        batch = Batch(kind=kind, saving=saving)
        take(few, batch)
        batch.write()
        done += len(few)
        running.pulse(done)
    kept = saving.kept
    if kept.new or kept.updated:
        touch(running.session, [saving.community_id])
    record(
        running.session,
        running.actor,
        f"{kind.name}:import",
        kind.table.__tablename__,
        now=running.at,
        object_id=saving.community_id,
        count=kept.new + len(kept.updated),
        fields=kind.fields,
    )
    return kept


def refuse_turned(saving: Saving, row: int, first: date | None, last: date | None) -> None:
    """Say of a row that is left out anyway that its days are the wrong way round, too."""
    if first is not None and last is not None and last <= first:
        saving.refuse(row, "lived_to", TURNED)


def is_lived(values: Mapping[str, Any]) -> bool:
    """Whether somebody is somewhere for a day at least."""
    return values["lived_to"] is None or values["lived_to"] > values["lived_from"]
