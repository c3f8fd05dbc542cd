"""Phones that hold an account's territory."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference


def devices() -> NewTable:
    """The table of phones."""
    return NewTable(
        "device",
        [
            reference("account_id", "account", nullable=False),
            reference("community_id", "area"),
            sa.Column("phone", sa.String(32), nullable=False),
            sa.Column("label", sa.String(40), nullable=False),
            sa.Column("seen_at", INSTANT, nullable=False),
            sa.Column("prepared_at", INSTANT),
            sa.Column("until", INSTANT),
            sa.Column("holds", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("stopped_at", INSTANT),
            reference("stopped_by", "account"),
            sa.Column("reason", sa.LargeBinary()),
            sa.Column("purged_at", INSTANT),
            key(),
        ],
        unique={"uq_device_account_id_phone": ["account_id", "phone"]},
        indexes={"ix_device_account_id": ["account_id"], "ix_device_community_id": ["community_id"]},
    )
