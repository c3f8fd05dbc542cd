"""What every edit of a plan is: read from JSON with all its faults at once, drawn, told in the history."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, Self, get_args

from pydantic import BaseModel, ConfigDict, PrivateAttr, ValidationError
from pydantic.fields import FieldInfo

from gisgrid.access.actions import Action
from gisgrid.errors import Conflict, Fault, InvalidInput, Sentence, say, some_of
from gisgrid.geometry.edits import Delta, Ground, apply, compose
from gisgrid.redraw.edits.drawn_plan import Drawing, passed_on
from gisgrid.redraw.edits.fields import Distinct, Needed, Untold
from gisgrid.redraw.ground.plan_ground import PlanGround

_NAMES: Final = ("area", "grid")


class Edit(BaseModel, ABC):
    """An edit: its fields with their limits, what it does, and the right it needs.

    ``takes``: the field that names who takes what lies between, where an edit would tear a grid. ``along``:
    the field that takes further cells.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
    right: ClassVar[Action] = Action.REDRAW_EDIT
    takes: ClassVar[str | None] = None
    along: ClassVar[str | None] = None

    op: str
    _kept: dict[str, Any] = PrivateAttr(default_factory=dict)

    @classmethod
    def op_name(cls) -> str:
        """The value of ``op`` that stands for this edit."""
        return str(get_args(cls.model_fields["op"].annotation)[0])

    @classmethod
    def sent(cls, op: Mapping[str, Any]) -> Self:
        """An edit as it was sent.

        Raises
        ------
        InvalidInput
            With every field that it doesn't know, that is missing or of another kind, or names a thing twice.
        """
        named = cls._named(op)
        faults = list(cls._twice(named))
        try:
            edit = cls.model_validate(named, context=named)
        except ValidationError as error:
            raise InvalidInput([*cls._faults(error), *faults]) from None
        if faults:
            raise InvalidInput(faults)
        return edit

    @classmethod
    def stored(cls, op: Mapping[str, Any]) -> Self:
        """An edit as it was kept: earlier ones may say more than is read today, and name a cell twice."""
        try:
            return cls.model_validate(op, context=op, extra="ignore")
        except ValidationError as error:
            raise InvalidInput(cls._faults(error)) from None

    def model_post_init(self, context: Mapping[str, Any], /) -> None:
        """Remember the JSON that was read: it is kept as it was sent."""
        self._kept = dict(context)

    @property
    def kept(self) -> dict[str, Any]:
        """The JSON that the edit is kept as: what was sent, in its order."""
        return dict(self._kept)

    @classmethod
    def _named(cls, op: Mapping[str, Any]) -> dict[str, Any]:
        """What was sent, with its fields under the names they are kept by."""
        return dict(op)

    @classmethod
    def _faults(cls, error: ValidationError) -> list[Fault]:
        """What is wrong with the fields, one sentence for each; those that are unknown first."""
        unknown, sentences = [], dict[str, Sentence]()
        for detail in error.errors(include_url=False, include_input=False):
            field = str(detail["loc"][0])
            if detail["type"] == "extra_forbidden":
                unknown.append(field)
            elif field not in sentences:
                sentences[field] = _sentence(cls._field(field), detail.get("ctx", {}).get("error"))
        return [
            Fault(message=say("the edit {op} knows no field {field}", op=cls.op_name(), field=field[:60]))
            for field in sorted(unknown)
        ] + [Fault(message=sentence, field=field) for field, sentence in sentences.items()]

    @classmethod
    def _field(cls, name: str) -> FieldInfo:
        return next(field for key, field in cls.model_fields.items() if name in (key, field.alias))

    @classmethod
    def _twice(cls, op: Mapping[str, Any]) -> Iterator[Fault]:
        """What a list names twice that may name everything once."""
        for name, field in cls.model_fields.items():
            cells = op.get(name) if any(isinstance(mark, Distinct) for mark in field.metadata) else None
            if isinstance(cells, list) and all(isinstance(cell, str) for cell in cells):
                for code, count in Counter(cells).items():
                    if count > 1:
                        yield Fault(message=say("{code} is named twice", code=code[:60]), field=name)

    @classmethod
    def history_fields(cls) -> frozenset[str]:
        """The fields that the history of a plan shows: no geometry, no list of cells."""
        shown = (
            field.alias or name
            for name, field in cls.model_fields.items()
            if not any(isinstance(mark, Untold) for mark in field.metadata)
        )
        return frozenset(shown) - {"op"}

    @property
    def taker(self) -> str | None:
        """Who takes what lies between, where this edit would tear a grid."""
        return None if self.takes is None else getattr(self, self.takes)

    def with_cells(self, cells: list[str]) -> Self | None:
        """The edit with further cells; nothing where it takes none."""
        if self.along is None:
            return None
        return self.stored({**self._kept, self.along: [*getattr(self, self.along), *cells]})

    def idle(self) -> Conflict | InvalidInput:
        """What is said where everything is as it was after this edit."""
        return Conflict("this is so already: nothing would change")

    @abstractmethod
    def draw(self, base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing after this edit.

        Raises
        ------
        InvalidInput
            It names what isn't there.
        Conflict
            It would break a grid, touch a locked one, or leave somebody without a grid.
        """


class CellEdit(Edit):
    """An edit that gives cells to others, or makes cells."""

    @abstractmethod
    def _delta(self, base: PlanGround, ground: Ground) -> Delta: ...

    def draw(self, base: PlanGround, drawing: Drawing) -> Drawing:
        """The drawing after this edit: its change is put behind all that went before."""
        delta = self._delta(base, drawing.ground)
        ground = apply(drawing.ground, delta)
        _refuse_locked(drawing, delta, ground)
        return replace(drawing, ground=ground, delta=compose(drawing.delta, delta))

    def idle(self) -> Conflict | InvalidInput:
        """What is said where no cell changes hands."""
        return InvalidInput("this edit would change nothing")


class AreaEdit(Edit):
    """An edit of one area, which both ``area`` and ``grid`` may name."""

    @classmethod
    def _named(cls, op: Mapping[str, Any]) -> dict[str, Any]:
        """What was sent, with the field that names the area under the name it is kept by."""
        kept = next(name for name in _NAMES if name in cls.model_fields)
        given = [op[name] for name in _NAMES if name in op]
        if not given:
            return dict(op)
        if len(given) > 1 and given[0] != given[1]:
            raise InvalidInput("area and grid name two different areas: send one of them", field=kept)
        return {**{field: value for field, value in op.items() if field not in _NAMES}, kept: given[0]}


def _sentence(field: FieldInfo, error: object) -> Sentence:
    """What a field says of itself, else what is said of every other value."""
    if isinstance(error, ValueError) and isinstance(error.args[0], Sentence):
        return error.args[0]
    return next(mark.sentence for mark in field.metadata if isinstance(mark, Needed))


def _refuse_locked(drawing: Drawing, delta: Delta, after: Ground) -> None:
    before = drawing.ground
    hit = {
        grid
        for cell in {*delta.owners, *passed_on(before, after)}
        for ground in (before, after)
        if cell in ground.owner and (grid := ground.grid_at(cell)) in drawing.locked
    }
    if hit:
        raise Conflict(say("locked: {grids}", grids=some_of(hit)))
