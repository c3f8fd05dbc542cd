"""Rules of tasks, notes to tasks, and rounds."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference
from gisgrid.storage.migrations.later.subjects import ONE_SUBJECT, subject_columns, subject_indexes


def rules() -> list[NewTable]:
    """Rules of tasks, and notes to tasks."""
    return [
        NewTable(
            "task_rule",
            [
                sa.Column("code", sa.String(60), nullable=False),
                reference("owner_area_id", "area"),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("rule", sa.JSON(), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("made_by", "account"),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={
                "interval": "valid_to IS NULL OR valid_to > valid_from",
                "number": "number > 0",
            },
            unique={"uq_task_rule_owner_area_id_code_number": ["owner_area_id", "code", "number"]},
            unique_indexes={"uq_task_rule_built_in": (["code", "number"], "owner_area_id IS NULL")},
        ),
        NewTable(
            "task_note",
            [
                *subject_columns(),
                sa.Column("rule_code", sa.String(60), nullable=False),
                sa.Column("of", sa.String(60), nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("until", sa.Date()),
                reference("to_worker_id", "worker"),
                sa.Column("reason", sa.LargeBinary()),
                sa.Column("at", INSTANT, nullable=False),
                reference("by_account_id", "account"),
                key(),
            ],
            checks={
                "kind": "kind IN ('postponed', 'impossible', 'given_to')",
                "one_subject": ONE_SUBJECT,
                "until": "(kind = 'postponed') = (until IS NOT NULL)",
                "given_to": "(kind = 'given_to') = (to_worker_id IS NOT NULL)",
            },
            indexes={
                **subject_indexes("task_note"),
                "ix_task_note_resident": ["resident_id", "rule_code"],
            },
        ),
    ]


def rounds() -> list[NewTable]:
    """Rounds and what they are about."""
    return [
        NewTable(
            "round",
            [
                reference("community_id", "area", nullable=False),
                reference("form_version_id", "form_version", nullable=False),
                sa.Column("title", sa.String(120), nullable=False),
                sa.Column("first_day", sa.Date(), nullable=False),
                sa.Column("last_day", sa.Date(), nullable=False),
                sa.Column("state", sa.String(20), nullable=False),
                sa.Column("selector", sa.JSON()),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("made_by", "account"),
                sa.Column("opened_at", INSTANT),
                sa.Column("closed_at", INSTANT),
                key(),
            ],
            checks={
                "state": "state IN ('draft', 'running', 'closed')",
                "days": "last_day >= first_day",
            },
            indexes={"ix_round_community_id": ["community_id"]},
        ),
        NewTable(
            "round_subject",
            [
                *subject_columns(),
                reference("round_id", "round", nullable=False),
                reference("cell_id", "unit_cell"),
                sa.Column("excused", sa.String(20)),
                key(),
            ],
            checks={
                "excused": "excused IN ('refused', 'vacant', 'moved', 'erased')",
                "one_subject": ONE_SUBJECT,
            },
            indexes={
                **subject_indexes("round_subject"),
                "ix_round_subject_round_id": ["round_id"],
                "ix_round_subject_resident": ["resident_id", "round_id"],
            },
        ),
    ]
