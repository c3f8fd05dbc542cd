"""What a community sets for itself."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference


def norms() -> list[NewTable]:
    """Norms and the calendar."""
    return [
        NewTable(
            "norm",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("ok_from", sa.Integer(), nullable=False),
                sa.Column("ok_to", sa.Integer(), nullable=False),
                sa.Column("high_to", sa.Integer(), nullable=False),
                sa.Column("per_member", sa.Integer(), nullable=False),
                sa.Column("micro_from", sa.Integer(), nullable=False),
                sa.Column("micro_to", sa.Integer(), nullable=False),
            ],
            primary_key=["community_id"],
            checks={
                "rising": "0 < ok_from AND ok_from <= ok_to AND ok_to <= high_to AND per_member > 0",
                "micro": "0 < micro_from AND micro_from <= micro_to",
            },
        ),
        NewTable(
            "calendar_day",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("day", sa.Date(), nullable=False),
                sa.Column("is_work", sa.Boolean(), nullable=False),
                sa.Column("name", sa.String(60), nullable=False),
            ],
            primary_key=["community_id", "day"],
        ),
    ]


def rules() -> list[NewTable]:
    """Time limits, and rules of disputes."""
    return [
        NewTable(
            "limit_version",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("rules", sa.JSON(), nullable=False),
                key(),
            ],
            checks={"number": "number > 0"},
            unique={"uq_limit_version_community_id_number": ["community_id", "number"]},
        ),
        NewTable(
            "dispute_rules",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("rules", sa.JSON(), nullable=False),
                key(),
            ],
            checks={"number": "number > 0"},
            unique={"uq_dispute_rules_community_id_number": ["community_id", "number"]},
        ),
    ]
