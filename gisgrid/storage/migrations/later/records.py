"""Records, their photos, and which fields of the register they confirmed or wrote."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference
from gisgrid.storage.migrations.later.subjects import ONE_SUBJECT, subject_columns, subject_indexes


def records() -> list[NewTable]:
    """Records with what hangs on them."""
    return [_record(), _photo(), _field()]


def _record() -> NewTable:
    return NewTable(
        "record",
        [
            *subject_columns(),
            reference("form_version_id", "form_version", nullable=False),
            sa.Column("form_code", sa.String(60), nullable=False),
            reference("community_id", "area", nullable=False),
            reference("cell_id", "unit_cell"),
            reference("parent_id", "record"),
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("is_day_doubtful", sa.Boolean(), nullable=False),
            sa.Column("filled_at", INSTANT, nullable=False),
            sa.Column("received_at", INSTANT, nullable=False),
            reference("author_account_id", "account"),
            reference("author_worker_id", "worker"),
            reference("corrects_id", "record"),
            sa.Column("reason", sa.LargeBinary()),
            sa.Column("answers", sa.LargeBinary(), nullable=False),
            sa.Column("marks", sa.LargeBinary(), nullable=False),
            sa.Column("sent", sa.LargeBinary(), nullable=False),
            sa.Column("position", sa.LargeBinary()),
            sa.Column("met", sa.Boolean()),
            sa.Column("task_key", sa.String(160)),
            reference("round_id", "round"),
            sa.Column("redacted_at", INSTANT),
            reference("redacted_by", "account"),
            key(),
        ],
        checks={
            "one_subject": ONE_SUBJECT,
            "corrects": "corrects_id IS NULL OR corrects_id <> id",
        },
        unique={"uq_record_corrects_id": ["corrects_id"]},
        indexes={
            **subject_indexes("record"),
            "ix_record_form_version_id": ["form_version_id"],
            "ix_record_community_id": ["community_id"],
            "ix_record_parent_id": ["parent_id"],
            "ix_record_author_account_id": ["author_account_id"],
            "ix_record_author_worker_id": ["author_worker_id"],
            "ix_record_round_id": ["round_id"],
            "ix_record_resident": ["resident_id", "form_code", "day"],
            "ix_record_form": ["form_code", "day"],
            "ix_record_cell": ["cell_id", "day"],
        },
    )


def _photo() -> NewTable:
    return NewTable(
        "record_photo",
        [
            reference("record_id", "record"),
            reference("resident_id", "resident"),
            sa.Column("question", sa.String(120)),
            reference("author_account_id", "account"),
            sa.Column("at", INSTANT, nullable=False),
            sa.Column("digest", sa.String(64), nullable=False),
            sa.Column("width", sa.Integer(), nullable=False),
            sa.Column("height", sa.Integer(), nullable=False),
            sa.Column("picture", sa.LargeBinary()),
            sa.Column("thumbnail", sa.LargeBinary()),
            key(),
        ],
        checks={
            "size": "width > 0 AND height > 0",
            "waits": "(record_id IS NULL) = (question IS NULL)",
        },
        indexes={
            "ix_record_photo_record_id": ["record_id"],
            "ix_record_photo_resident_id": ["resident_id"],
        },
        unique_indexes={"uq_record_photo_waiting": (["author_account_id", "digest"], "record_id IS NULL")},
    )


def _field() -> NewTable:
    return NewTable(
        "record_field",
        [
            reference("record_id", "record", nullable=False),
            sa.Column("field", sa.String(60), nullable=False),
            reference("resident_id", "resident"),
            reference("household_id", "household"),
            sa.Column("became", sa.String(20), nullable=False),
            sa.Column("at", INSTANT, nullable=False),
            key(),
        ],
        checks={
            "became": "became IN ('confirmed', 'written', 'clash', 'refused')",
            "one_subject": "(resident_id IS NULL) <> (household_id IS NULL)",
        },
        indexes={
            "ix_record_field_record_id": ["record_id"],
            "ix_record_field_resident": ["resident_id", "field"],
            "ix_record_field_household": ["household_id", "field"],
        },
    )
