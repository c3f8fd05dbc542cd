"""The hand edit of the register: its history, its clashes, notes about doors, and decisions on duplicates."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference

FIXED: Final = "at, household_id, resident_id, account_id, field, purpose, act_id, undoes_id, id"
"""Columns of the history that no update changes; the sealed ones may be blanked and sealed anew."""


def register_edit() -> NewTable:
    """The history of hand edits."""
    return NewTable(
        "register_edit",
        [
            sa.Column("at", INSTANT, nullable=False),
            reference("household_id", "household", nullable=False),
            reference("resident_id", "resident"),
            reference("account_id", "account"),
            sa.Column("field", sa.String(40), nullable=False),
            sa.Column("purpose", sa.String(40), nullable=False),
            sa.Column("act_id", sa.String(36), nullable=False),
            reference("undoes_id", "register_edit"),
            sa.Column("before", sa.LargeBinary()),
            sa.Column("after", sa.LargeBinary()),
            sa.Column("reason", sa.LargeBinary()),
            key(),
        ],
        indexes={
            "ix_register_edit_household_id": ["household_id"],
            "ix_register_edit_resident_id": ["resident_id"],
        },
    )


def field_clash() -> NewTable:
    """Answers that met a register which had changed meanwhile."""
    return NewTable(
        "field_clash",
        [
            sa.Column("at", INSTANT, nullable=False),
            reference("household_id", "household", nullable=False),
            reference("resident_id", "resident"),
            reference("account_id", "account"),
            sa.Column("field", sa.String(40), nullable=False),
            sa.Column("purpose", sa.String(40), nullable=False),
            sa.Column("answer", sa.LargeBinary()),
            sa.Column("state", sa.String(10), nullable=False),
            sa.Column("look_again_at", INSTANT),
            reference("look_again_by", "account"),
            sa.Column("settled_at", INSTANT),
            reference("settled_by", "account"),
            key(),
        ],
        checks={"state": "state IN ('waiting', 'kept', 'taken', 'gone')"},
        indexes={
            "ix_field_clash_household_id": ["household_id"],
            "ix_field_clash_resident_id": ["resident_id"],
        },
    )


def door_note() -> NewTable:
    """What stewards note of doors, without persons."""
    return NewTable(
        "door_note",
        [
            reference("building_id", "building", nullable=False),
            sa.Column("unit", sa.String(20)),
            sa.Column("room", sa.String(20), nullable=False),
            sa.Column("kind", sa.String(10), nullable=False),
            sa.Column("day", sa.Date(), nullable=False),
            sa.Column("at", INSTANT, nullable=False),
            reference("account_id", "account"),
            sa.Column("outcome", sa.String(10)),
            sa.Column("settled_at", INSTANT),
            reference("settled_by", "account"),
            key(),
        ],
        checks={
            "kind": "kind IN ('moved_in', 'moved_out', 'empty')",
            "outcome": "outcome IN ('registered', 'as_known', 'wrong')",
            "settled": "(outcome IS NULL) = (settled_at IS NULL)",
        },
        indexes={"ix_door_note_building_id": ["building_id"]},
    )


def duplicate_decision() -> NewTable:
    """Whether two people of the register are one."""
    return NewTable(
        "duplicate_decision",
        [
            reference("first_id", "resident", nullable=False),
            reference("second_id", "resident", nullable=False),
            sa.Column("is_same", sa.Boolean(), nullable=False),
            sa.Column("at", INSTANT, nullable=False),
            reference("account_id", "account"),
            key(),
        ],
        checks={"order": "first_id < second_id"},
        unique={"uq_duplicate_decision_first_id_second_id": ["first_id", "second_id"]},
        indexes={"ix_duplicate_decision_second_id": ["second_id"]},
    )
