"""Who serves the needs of people."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference

_KINDS = "server IN ('member', 'volunteer', 'organisation', 'property', 'station')"


def need_service() -> NewTable:
    """Who serves a need, from when to when."""
    return NewTable(
        "need_service",
        [
            reference("resident_id", "resident", nullable=False),
            sa.Column("kind", sa.String(40), nullable=False),
            sa.Column("server", sa.String(20), nullable=False),
            reference("worker_id", "worker"),
            reference("organisation_id", "account"),
            reference("facility_id", "facility"),
            sa.Column("name", sa.LargeBinary()),
            sa.Column("since", sa.Date(), nullable=False),
            sa.Column("until", sa.Date()),
            sa.Column("noted_at", INSTANT, nullable=False),
            reference("noted_by", "account"),
            sa.Column("ended_at", INSTANT),
            reference("ended_by", "account"),
            key(),
        ],
        checks={
            "server": _KINDS,
            "days": "until IS NULL OR until >= since",
            "worker": "(server = 'member') = (worker_id IS NOT NULL)",
            "organisation": "(server IN ('organisation', 'property')) = (organisation_id IS NOT NULL)",
            "facility": "(server = 'station') = (facility_id IS NOT NULL)",
            "name": "name IS NULL OR server = 'volunteer'",
        },
        indexes={
            f"ix_need_service_{column}": [column]
            for column in ("resident_id", "worker_id", "organisation_id", "facility_id")
        },
        unique_indexes={"uq_need_service_running": (["resident_id", "kind"], "until IS NULL")},
    )
