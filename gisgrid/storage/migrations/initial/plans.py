"""Plans of a new division."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference


def plans() -> list[NewTable]:
    """Plans and their edits."""
    return [
        NewTable(
            "plan",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("base_revision", sa.Integer(), nullable=False),
                sa.Column("name", sa.String(120), nullable=False),
                sa.Column("state", sa.String(20), nullable=False),
                reference("drafter_id", "account"),
                sa.Column("created_at", INSTANT, nullable=False),
                sa.Column("published_revision", sa.Integer()),
                key(),
            ],
            checks={
                "state": "state IN ('open', 'submitted', 'approved', 'returned', 'published', 'discarded')"
            },
            indexes={"ix_plan_drafter_id": ["drafter_id"], "ix_plan_state": ["community_id", "state"]},
        ),
        NewTable(
            "plan_edit",
            [
                reference("plan_id", "plan", nullable=False),
                sa.Column("position", sa.Integer(), nullable=False),
                sa.Column("op", sa.JSON(), nullable=False),
                reference("account_id", "account"),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("is_undone", sa.Boolean(), nullable=False),
                key(),
            ],
            checks={"position": "position > 0"},
            unique={"uq_plan_edit_plan_id_position": ["plan_id", "position"]},
            indexes={"ix_plan_edit_account_id": ["account_id"], "ix_plan_edit_plan_id": ["plan_id"]},
        ),
    ]


def notes() -> list[NewTable]:
    """What was said about a plan, and who was told."""
    return [
        NewTable(
            "plan_note",
            [
                reference("plan_id", "plan", nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                reference("account_id", "account"),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("text", sa.Text(), nullable=False),
                key(),
                sa.Column("details", sa.JSON()),
            ],
            checks={
                "kind": "kind IN ('comment', 'submit', 'approve', 'return', 'publish', 'withdraw', 'recall')"
            },
            indexes={"ix_plan_note_plan_id": ["plan_id"]},
        ),
        NewTable(
            "notice",
            [
                reference("account_id", "account", nullable=False),
                reference("plan_id", "plan", nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("grids", sa.JSON(), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("read_at", INSTANT),
                key(),
                reference("note_id", "plan_note"),
                sa.Column("names", sa.JSON()),
                sa.Column("has_sheet", sa.Boolean(), nullable=False),
            ],
            checks={
                "kind": "kind IN ('submitted', 'published', 'to_approve', 'arriving', 'arrived', 'own_published', 'returned', 'approved', 'commented', 'withdrawn', 'recalled')"
            },
            indexes={"ix_notice_account": ["account_id", "at"], "ix_notice_plan_id": ["plan_id"]},
        ),
    ]


def proposals() -> list[NewTable]:
    """Divisions that the program proposes."""
    return [
        NewTable(
            "proposal_job",
            [
                reference("plan_id", "plan", nullable=False),
                reference("community_id", "area", nullable=False),
                reference("account_id", "account"),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("options", sa.JSON(), nullable=False),
                sa.Column("stand", sa.String(64), nullable=False),
                sa.Column("told", sa.JSON(), nullable=False),
                sa.Column("task", sa.LargeBinary(), nullable=False),
                sa.Column("state", sa.String(20), nullable=False),
                sa.Column("progress", sa.Double(), nullable=False),
                sa.Column("host", sa.String(120)),
                sa.Column("created_at", INSTANT, nullable=False),
                sa.Column("started_at", INSTANT),
                sa.Column("heartbeat", INSTANT),
                sa.Column("failure", sa.JSON()),
                sa.Column("result", sa.JSON()),
                key(),
            ],
            checks={
                "state": "state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'accepted')",
                "kind": "kind IN ('balance', 'micro_grids', 'tidy')",
            },
            indexes={"ix_proposal_job_plan_id": ["plan_id"], "ix_proposal_job_state": ["state"]},
        ),
    ]
