"""Approvals of outward forms that may wait, and runs that say for which area and month."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference

CHANGED: Final = ("outward_approval", "outward_run")
"""Tables that nothing wrote before this revision, so that they are made anew."""


def approvals_and_runs() -> list[NewTable]:
    """The two tables as they are from here on."""
    return [
        NewTable(
            "outward_approval",
            [
                reference("outward_form_id", "outward_form", nullable=False),
                reference("area_id", "area", nullable=False),
                sa.Column("asked_at", INSTANT, nullable=False),
                reference("asked_by", "account"),
                sa.Column("reason", sa.LargeBinary()),
                sa.Column("decided_at", INSTANT),
                reference("decided_by", "account"),
                sa.Column("is_approved", sa.Boolean()),
                sa.Column("until", sa.Date()),
                key(),
            ],
            checks={
                "decided": "(decided_at IS NULL) = (is_approved IS NULL)",
                "until": "(until IS NULL) = (is_approved IS NULL OR is_approved = false)",
            },
            indexes={"ix_outward_approval_form": ["outward_form_id", "area_id"]},
            unique_indexes={
                "uq_outward_approval_waiting": (["outward_form_id", "area_id"], "decided_at IS NULL")
            },
        ),
        NewTable(
            "outward_run",
            [
                reference("outward_form_id", "outward_form", nullable=False),
                reference("community_id", "area", nullable=False),
                reference("area_id", "area", nullable=False),
                sa.Column("month", sa.Date(), nullable=False),
                sa.Column("as_of", sa.Date(), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("made_by", "account"),
                *(
                    sa.Column(name, sa.Integer(), nullable=False)
                    for name in ("row_count", "cell_count", "prefilled", "empty", "no_consent")
                ),
                sa.Column("sha256", sa.String(64), nullable=False),
                key(),
            ],
            indexes={
                "ix_outward_run_area_id": ["area_id"],
                "ix_outward_run_community_id": ["community_id"],
                "ix_outward_run_outward_form_id": ["outward_form_id"],
            },
        ),
    ]
