"""What a record is about: one of eight keys, which erasures, undone imports and copies follow."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.records.core.rules import SubjectKind
from gisgrid.storage.base import Id

KEYS: Final[dict[SubjectKind, str]] = {
    SubjectKind.PERSON: "resident_id",
    SubjectKind.HOUSEHOLD: "household_id",
    SubjectKind.BUILDING: "building_id",
    SubjectKind.AREA: "area_id",
    SubjectKind.CASE: "case_id",
    SubjectKind.WORKER: "worker_id",
    SubjectKind.ORGANISATION: "account_id",
    SubjectKind.FACILITY: "facility_id",
}
"""The column that names a subject, by its kind; a community needs none."""


class AboutSubject:
    """Mixin of a row about a subject: its kind, and the one key that belongs to it."""

    subject: Mapped[str] = mapped_column(String(20))
    resident_id: Mapped[Id | None] = mapped_column(ForeignKey("resident.id"))
    household_id: Mapped[Id | None] = mapped_column(ForeignKey("household.id"), index=True)
    building_id: Mapped[Id | None] = mapped_column(ForeignKey("building.id"), index=True)
    area_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"), index=True)
    case_id: Mapped[Id | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    worker_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    facility_id: Mapped[Id | None] = mapped_column(ForeignKey("facility.id"), index=True)


def subject_check() -> CheckConstraint:
    """The constraint such a table has: the key of the subject's kind is there, and no other."""
    rules = (f"(subject = '{kind.value}') = ({key} IS NOT NULL)" for kind, key in KEYS.items())
    return CheckConstraint(" AND ".join(rules), name="one_subject")


def subject_columns(kind: SubjectKind, subject_id: str | None) -> dict[str, str | None]:
    """The kind and the keys of a subject as a row has them."""
    keys = dict.fromkeys(KEYS.values())
    if kind in KEYS:
        keys[KEYS[kind]] = subject_id
    return {"subject": kind.value, **keys}


def subject_id_of(row: AboutSubject) -> str | None:
    """The id of what a row is about; nothing where it is the community itself."""
    kind = SubjectKind(row.subject)
    subject_id: str | None = getattr(row, KEYS[kind]) if kind in KEYS else None
    return subject_id
