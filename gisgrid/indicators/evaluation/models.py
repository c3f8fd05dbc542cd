"""Tables of the third party's evaluation: samples of closed cases, and what was found at each of them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.erasures import erased_to
from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.cases.core.rules import REDACTED
from gisgrid.indicators.evaluation.rules import CheckResult
from gisgrid.storage.base import Base, Id, Keyed


class EvaluationSample(Keyed, Base):
    """Cases of a community closed on some days, drawn once; never changed.

    ``size`` is how many were asked for, ``population`` how many there were to draw from; with ``seed``
    anybody draws the same again by :func:`gisgrid.indicators.evaluation.rules.drawn`.
    """

    __tablename__ = "evaluation_sample"
    __table_args__ = (
        UniqueConstraint("community_id", "first_day"),
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("size > 0 AND population > 0", name="size"),
    )

    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    size: Mapped[int]
    population: Mapped[int]
    seed: Mapped[int]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))


class EvaluationCase(Keyed, Base):
    """A case at its place in a sample, and what was found on site; ``note`` is sealed."""

    __tablename__ = "evaluation_case"
    __table_args__ = (
        UniqueConstraint("sample_id", "place"),
        UniqueConstraint("sample_id", "case_id"),
        one_of("result", CheckResult),
        CheckConstraint("place > 0", name="place"),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        CheckConstraint(
            "(result IS NULL) = (checked_at IS NULL) AND (score IS NULL) = (checked_at IS NULL)",
            name="checked",
        ),
    )

    sample_id: Mapped[Id] = mapped_column(ForeignKey("evaluation_sample.id"))
    place: Mapped[int]
    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), index=True)
    result: Mapped[str | None] = mapped_column(String(20))
    score: Mapped[int | None]
    note: Mapped[str | None] = mapped_column(Encrypted("evaluation_case.note"), info=erased_to(REDACTED))
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
