"""Tables of categories, cases, their append-only log, and keys that make a report safe to repeat."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from shapely import Point
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from gisgrid.access.erasures import erased_to
from gisgrid.access.keys.encryption import Encrypted
from gisgrid.access.models import one_of
from gisgrid.cases.core.case_state import Channel, Net, Resolution, Route
from gisgrid.cases.core.limit_models import LimitVersion
from gisgrid.cases.core.rules import REDACTED, Severity
from gisgrid.cases.core.workflow import CaseState
from gisgrid.storage.base import DERIVED, Base, Featured, Id, Keyed
from gisgrid.storage.types import Shape


class Category(Base):
    """A category of cases. ``is_confidential`` ones are never shown singly to roles without case detail.

    ``net``, ``line_code`` and ``line_name`` (the line department) are what its cases begin with; ``skill`` is
    what a worker needs to be given one.
    """

    __tablename__ = "category"
    __table_args__ = (one_of("severity", Severity), one_of("net", Net))

    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    name_en: Mapped[str | None] = mapped_column(String(100))
    group: Mapped[str] = mapped_column(String(60))
    is_confidential: Mapped[bool]
    severity: Mapped[str] = mapped_column(String(20), default=Severity.BIG)
    position: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime | None]
    net: Mapped[str] = mapped_column(String(20), default=Net.MANAGEMENT, server_default=Net.MANAGEMENT)
    line_code: Mapped[str | None] = mapped_column(String(40))
    line_name: Mapped[str | None] = mapped_column(String(100))
    skill: Mapped[str | None] = mapped_column(String(40))


class WorkerSkill(Base):
    """What somebody on duty is able to do, in the words of the categories."""

    __tablename__ = "worker_skill"

    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"), primary_key=True)
    skill: Mapped[str] = mapped_column(String(40), primary_key=True)


class Case(Featured, Base):
    """Something that happened at a place, and how it was settled.

    ``position`` is on the lattice in EPSG:4326; ``datum`` is what it was given in. A case outside all
    cells keeps its position and has no cell: it stands in the community's review list. What steps change is
    the standing of :mod:`gisgrid.cases.core.case_state`; a case is never closed without its result.
    ``public_description`` is what everybody may read of it; nothing until staff made a text public. What
    people wrote is sealed, of every case: a category may become confidential at any time.
    """

    __tablename__ = "case_file"
    __table_args__ = (
        one_of("state", CaseState),
        one_of("severity", Severity),
        one_of("net", Net),
        one_of("route", Route),
        one_of("resolution", Resolution),
        one_of("feedback_channel", Channel),
        UniqueConstraint("source", "external_number"),
        CheckConstraint("closed_at IS NULL OR closed_at >= reported_at", name="closed_after_reported"),
        CheckConstraint(
            "state NOT IN ('closed', 'rated') OR result IS NOT NULL"
            " OR (feedback_channel IS NOT NULL AND feedback_channel IN ('imported', 'earlier'))",
            name="closed_with_result",
        ),
        CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name="accuracy"),
        CheckConstraint("(state = 'suspended') = (suspended_at IS NOT NULL)", name="suspended"),
        CheckConstraint(
            "rating_speed IS NULL OR (rating_speed BETWEEN 1 AND 5 AND rating_result BETWEEN 1 AND 5)",
            name="rating",
        ),
        # In the order of lists, with all they ask for: counting and turning pages reads nothing else.
        Index(
            "ix_case_list",
            "community_id",
            "reported_at",
            "state",
            "category_code",
            "severity",
            "source",
            "cell_id",
            "reporter_id",
            "due_at",
            "closed_at",
        ),
        Index("ix_case_state", "community_id", "state"),
        Index("ix_case_escalates", "community_id", "escalates_at"),
    )

    number: Mapped[str] = mapped_column(String(30), unique=True)
    receipt: Mapped[str] = mapped_column(String(40), unique=True)
    community_id: Mapped[Id] = mapped_column(ForeignKey("area.id"))
    category_code: Mapped[str] = mapped_column(ForeignKey("category.code"), index=True)
    severity: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    source: Mapped[str] = mapped_column(String(40))
    external_number: Mapped[str | None] = mapped_column(String(80))
    description: Mapped[str] = mapped_column(Encrypted("case_file.description"), info=erased_to(REDACTED))
    address: Mapped[str | None] = mapped_column(String(300), index=True)
    building_id: Mapped[Id | None] = mapped_column(ForeignKey("building.id"), index=True)
    position: Mapped[Point | None] = mapped_column(Shape("POINT"))
    datum: Mapped[str] = mapped_column(String(10), default="WGS-84")
    accuracy_m: Mapped[float | None]
    cell_id: Mapped[Id | None] = mapped_column(ForeignKey("unit_cell.id"), index=True, info=DERIVED)
    is_on_border: Mapped[bool] = mapped_column(default=False, info=DERIVED)
    near_border_m: Mapped[float | None] = mapped_column(info=DERIVED)
    reported_grid_id: Mapped[Id | None] = mapped_column(ForeignKey("area.id"))
    recorded_area: Mapped[str | None] = mapped_column(String(120))
    reported_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    reporter_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"), index=True)
    handler_id: Mapped[Id | None] = mapped_column(ForeignKey("worker.id"), index=True)
    reporter_contact: Mapped[str | None] = mapped_column(
        Encrypted("case_file.reporter_contact"), info=erased_to(REDACTED)
    )
    result: Mapped[str | None] = mapped_column(Encrypted("case_file.result"), info=erased_to(REDACTED))
    public_description: Mapped[str | None] = mapped_column(
        Encrypted("case_file.public_description"), info=erased_to(None)
    )
    net: Mapped[str] = mapped_column(String(20), default=Net.MANAGEMENT, server_default=Net.MANAGEMENT)
    line_code: Mapped[str | None] = mapped_column(String(40))
    line_name: Mapped[str | None] = mapped_column(String(100))
    route: Mapped[str] = mapped_column(String(20), default=Route.GRID, server_default=Route.GRID)
    needs_coordination: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_supervised: Mapped[bool] = mapped_column(default=False, server_default=false())
    claim_until: Mapped[datetime | None] = mapped_column(index=True)
    """Until when members of the branch may claim it; then it is given to somebody."""
    resolution: Mapped[str | None] = mapped_column(String(20))
    feedback_channel: Mapped[str | None] = mapped_column(String(20))
    feedback_at: Mapped[datetime | None]
    rating_speed: Mapped[int | None]
    rating_result: Mapped[int | None]
    rated_at: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    suspended_from: Mapped[str | None] = mapped_column(String(20))
    suspended_seconds: Mapped[int] = mapped_column(default=0, server_default="0")
    """How long it was suspended in all, up to the last time it went on."""
    duplicate_of_id: Mapped[Id | None] = mapped_column(ForeignKey("case_file.id"), index=True)
    target_at: Mapped[datetime | None]
    """When it turns amber; without, at three quarters of its time."""
    time_limit: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The rule it was reported under; see `gisgrid.cases.deadlines.deadlines.CaseDeadline`."""
    limit_version_id: Mapped[Id | None] = mapped_column(ForeignKey(LimitVersion.id))
    escalates_at: Mapped[datetime | None] = mapped_column(info=DERIVED)
    """When the next level of its time limit is reached, if nothing suspends it."""
    escalated: Mapped[int] = mapped_column(default=0, server_default="0", info=DERIVED)
    """The highest level of its time limit that somebody was told of, in percent."""


class CaseCoHandler(Base):
    """Who helps to handle a case, with receipt and sign-off of their own."""

    __tablename__ = "case_co_handler"

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), primary_key=True)
    worker_id: Mapped[Id] = mapped_column(ForeignKey("worker.id"), primary_key=True, index=True)
    asked_at: Mapped[datetime]
    receipted_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]


class CaseErrand(Keyed, Base):
    """What the account of a property company or social organisation is asked to do about a case.

    ``text`` says what, written for it by staff: all it reads of the case beside category and place.
    ``result`` is what it told when it finished, or why it returned the errand. Both are sealed.
    """

    __tablename__ = "case_errand"
    __table_args__ = (Index("ix_case_errand_account", "account_id", "finished_at"),)

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), index=True)
    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"))
    asked_by: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    text: Mapped[str] = mapped_column(Encrypted("case_errand.text"), info=erased_to(REDACTED))
    receipted_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    result: Mapped[str | None] = mapped_column(Encrypted("case_errand.result"), info=erased_to(REDACTED))


class CaseLog(Keyed, Base):
    """One step of a case. Append-only; ``details`` hold ids, words and moments: it rebuilds the state.

    ``text`` is sealed.
    """

    __tablename__ = "case_log"

    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), index=True)
    at: Mapped[datetime]
    account_id: Mapped[Id | None] = mapped_column(ForeignKey("account.id"))
    action: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str | None] = mapped_column(String(20))
    to_state: Mapped[str] = mapped_column(String(20))
    text: Mapped[str | None] = mapped_column(Encrypted("case_log.text"), info=erased_to(REDACTED))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")


class CaseNotice(Keyed, Base):
    """Tells an account of something about a case. No free text: reasons stay with the case.

    ``percent``: of a level of the time limit, at how much of the time it was told. ``count``: how many cases
    an import brought, of which this is one.
    """

    __tablename__ = "case_notice"
    __table_args__ = (Index("ix_case_notice_account", "account_id", "at"),)

    account_id: Mapped[Id] = mapped_column(ForeignKey("account.id"))
    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), index=True)
    kind: Mapped[str] = mapped_column(String(30))
    percent: Mapped[int | None]
    count: Mapped[int | None]
    at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class IdempotencyKey(Base):
    """A client's key for one report: the same key again gives the same case, not a second one."""

    __tablename__ = "idempotency_key"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    account_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"))
    created_at: Mapped[datetime]


class CaseFollower(Base):
    """Who said the same of a case, by the code given for following it; it names nobody.

    Only a key short enough to be guessed is kept with whose it was, as in `IdempotencyKey`.
    """

    __tablename__ = "case_follower"
    __table_args__ = (UniqueConstraint("repeat_key", "repeat_client"),)

    receipt: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[Id] = mapped_column(ForeignKey("case_file.id"), index=True)
    at: Mapped[datetime]
    repeat_key: Mapped[str | None] = mapped_column(String(120))
    repeat_client: Mapped[str | None] = mapped_column(String(40))
