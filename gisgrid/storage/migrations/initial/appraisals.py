"""Marks of grid members and checks of closed cases."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference


def marks() -> list[NewTable]:
    """Monthly marks and their rules."""
    return [
        NewTable(
            "appraisal_rule",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("month", sa.Date(), nullable=False),
                sa.Column("external_share", sa.Integer(), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                key(),
            ],
            checks={"share": "external_share BETWEEN 0 AND 100"},
            unique={"uq_appraisal_rule_community_id_number": ["community_id", "number"]},
        ),
        NewTable(
            "external_mark",
            [
                reference("community_id", "area", nullable=False),
                reference("worker_id", "worker", nullable=False),
                sa.Column("month", sa.Date(), nullable=False),
                sa.Column("mark", sa.Integer(), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                key(),
            ],
            checks={"mark": "mark BETWEEN 0 AND 100"},
            indexes={"ix_external_mark_month": ["community_id", "month"]},
        ),
    ]


def appeals() -> list[NewTable]:
    """Appeals against a mark."""
    return [
        NewTable(
            "appraisal_appeal",
            [
                reference("community_id", "area", nullable=False),
                reference("worker_id", "worker", nullable=False),
                sa.Column("month", sa.Date(), nullable=False),
                sa.Column("reason", sa.LargeBinary(), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("answer", sa.LargeBinary()),
                sa.Column("answered_at", INSTANT),
                reference("answered_by_id", "account"),
                sa.Column("adjusted", sa.Integer(), nullable=False, server_default="0"),
                key(),
            ],
            checks={
                "adjusted": "adjusted BETWEEN -100 AND 100",
                "answered": "(answer IS NULL) = (answered_at IS NULL)",
            },
            indexes={"ix_appraisal_appeal_month": ["community_id", "month"]},
        ),
    ]


def evaluations() -> list[NewTable]:
    """Random samples of closed cases that are checked on site."""
    return [
        NewTable(
            "evaluation_sample",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("first_day", sa.Date(), nullable=False),
                sa.Column("last_day", sa.Date(), nullable=False),
                sa.Column("size", sa.Integer(), nullable=False),
                sa.Column("population", sa.Integer(), nullable=False),
                sa.Column("seed", sa.Integer(), nullable=False),
                sa.Column("drawn_at", INSTANT, nullable=False),
                reference("drawn_by", "account"),
                key(),
            ],
            checks={"days": "last_day >= first_day", "size": "size > 0 AND population > 0"},
            unique={"uq_evaluation_sample_community_id_first_day": ["community_id", "first_day"]},
        ),
        NewTable(
            "evaluation_case",
            [
                reference("sample_id", "evaluation_sample", nullable=False),
                sa.Column("place", sa.Integer(), nullable=False),
                reference("case_id", "case_file", nullable=False),
                sa.Column("result", sa.String(20)),
                sa.Column("score", sa.Integer()),
                sa.Column("note", sa.LargeBinary()),
                sa.Column("checked_at", INSTANT),
                reference("checked_by", "account"),
                key(),
            ],
            checks={
                "result": "result IN ('solved', 'partly', 'not')",
                "place": "place > 0",
                "score": "score BETWEEN 1 AND 5",
                "checked": "(result IS NULL) = (checked_at IS NULL) AND (score IS NULL) = (checked_at IS NULL)",
            },
            unique={
                "uq_evaluation_case_sample_id_place": ["sample_id", "place"],
                "uq_evaluation_case_sample_id_case_id": ["sample_id", "case_id"],
            },
            indexes={"ix_evaluation_case_case_id": ["case_id"]},
        ),
    ]
