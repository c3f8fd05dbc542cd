"""What the hand edit of the register is sent, as models: every fault of a request is told at once."""

from __future__ import annotations

from pydantic import BaseModel, Field, StrictInt, StrictStr

from gisgrid.people.edits.service import FieldEdit, Unseen

SentValue = StrictStr | StrictInt | dict[str, StrictStr | StrictInt | None] | None
"""A value as the field's type has it: a text, a number, ``{day, why}`` or ``{grade, since, legal_basis}``."""


class SentEditReason(BaseModel):
    """Why it is done: heads say it, others may."""

    reason: str | None = Field(default=None, max_length=400)


class SentFieldEdit(BaseModel):
    """A field, its new value, and what was seen of it: that value, or the ``base`` that came with it."""

    field: str = Field(max_length=60)
    value: SentValue
    seen: SentValue = None
    base: str | None = Field(default=None, max_length=80)

    @property
    def edit(self) -> FieldEdit:
        """In the core's form."""
        seen = self.seen if "seen" in self.model_fields_set else Unseen.UNSEEN
        return FieldEdit(field=self.field, value=self.value, seen=seen, base=self.base)


class SentEdits(SentEditReason):
    """Edits of fields of one household or person."""

    edits: list[SentFieldEdit] = Field(max_length=40)


class SentPerson(SentEditReason):
    """A new person with an id (UUID) made by the sender; days are ISO dates."""

    id: str = Field(max_length=36)
    birth_date: str = Field(max_length=10)
    residence_status: str = Field(max_length=20)
    name: str | None = Field(default=None, max_length=100)
    sex: str | None = Field(default=None, max_length=1)
    phone: str | None = Field(default=None, max_length=100)
    lived_from: str | None = Field(default=None, max_length=10)


class SentHousehold(SentEditReason):
    """A new door with an id (UUID) made by the sender; ``kind`` may be `vacant` alone."""

    id: str = Field(max_length=36)
    room: str = Field(max_length=40)
    unit: str | None = Field(default=None, max_length=40)
    kind: str | None = Field(default=None, max_length=20)


class SentBirth(SentEditReason):
    """A birth with an id (UUID) made by the sender, and its day."""

    id: str = Field(max_length=36)
    day: str = Field(max_length=10)


class SentLeaving(SentEditReason):
    """The first day on which a person lives here no more, and why: `moved` or `died`."""

    day: str = Field(max_length=10)
    why: str = Field(max_length=10)


class SentMove(SentEditReason):
    """The first day on which nobody of a household lives here."""

    day: str = Field(max_length=10)


class SentNeed(SentEditReason):
    """A need from a day on, with its legal basis, and a grade where the kind has grades."""

    kind: str = Field(max_length=40)
    since: str = Field(max_length=10)
    legal_basis: str = Field(max_length=200)
    grade: StrictInt | None = None


class SentNeedService(SentEditReason):
    """Who serves a need from a day on: a kind, and what names somebody of that kind.

    A `member` is a worker's id, an `organisation` or a `property` company its account's, a `station` that of
    a facility; a `volunteer` has a name.
    """

    server: str = Field(max_length=20)
    since: str = Field(max_length=10)
    worker: str | None = Field(default=None, max_length=36)
    organisation: str | None = Field(default=None, max_length=36)
    facility: str | None = Field(default=None, max_length=36)
    name: str | None = Field(default=None, max_length=200)


class SentSettlement(SentEditReason):
    """Whether the answer is taken in the place of what the register holds."""

    takes_answer: bool


class SentDoorNote(BaseModel):
    """What was seen at a door: `moved_in`, `moved_out` or `empty`, with an id (UUID) made by the sender."""

    id: str = Field(max_length=36)
    building: str = Field(max_length=36)
    room: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    day: str = Field(max_length=10)
    unit: str | None = Field(default=None, max_length=40)


class SentOutcome(BaseModel):
    """What came of a note: `registered`, `as_known` or `wrong`."""

    outcome: str = Field(max_length=20)


class SentDecision(BaseModel):
    """Whether two people are one."""

    is_same: bool


class NeedPath(BaseModel):
    """A person and a kind of need."""

    id: str = Field(max_length=36)
    kind: str = Field(max_length=40)


class PairPath(BaseModel):
    """Two ids with a point between them."""

    id: str = Field(max_length=80)
