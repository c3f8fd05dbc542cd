"""Cases and all that belongs to one."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from geoalchemy2 import Geometry

from gisgrid.storage.migrations.initial.table import INSTANT, SEALED_LATER, NewTable, key, reference


def categories() -> list[NewTable]:
    """Categories of cases."""
    return [
        NewTable(
            "category",
            [
                sa.Column("code", sa.String(40), nullable=False),
                sa.Column("name", sa.String(100), nullable=False),
                sa.Column("name_en", sa.String(100)),
                sa.Column("group", sa.String(60), nullable=False),
                sa.Column("is_confidential", sa.Boolean(), nullable=False),
                sa.Column("severity", sa.String(20), nullable=False),
                sa.Column("position", sa.Integer(), nullable=False),
                sa.Column("closed_at", INSTANT),
                sa.Column("net", sa.String(20), nullable=False, server_default="management"),
                sa.Column("line_code", sa.String(40)),
                sa.Column("line_name", sa.String(100)),
                sa.Column("skill", sa.String(40)),
            ],
            primary_key=["code"],
            checks={
                "net": "net IN ('management', 'service')",
                "severity": "severity IN ('small', 'big', 'hard', 'emergency')",
            },
            unique={"uq_category_name": ["name"]},
        ),
    ]


def cases() -> list[NewTable]:
    """Files of cases."""
    return [
        NewTable(
            "case_file",
            [
                *_where_and_what(),
                *_course(),
            ],
            primary_key=["fid"],
            checks={
                "net": "net IN ('management', 'service')",
                "route": "route IN ('grid', 'community', 'subdistrict')",
                "resolution": "resolution IN ('on_spot', 'handled', 'duplicate')",
                "feedback_channel": "feedback_channel IN ('on_spot', 'phone', 'wechat', 'message', 'letter', 'page', 'anonymous', 'imported', 'earlier')",
                "closed_with_result": "state NOT IN ('closed', 'rated') OR result IS NOT NULL OR (feedback_channel IS NOT NULL AND feedback_channel IN ('imported', 'earlier'))",
                "suspended": "(state = 'suspended') = (suspended_at IS NOT NULL)",
                "rating": "rating_speed IS NULL OR (rating_speed BETWEEN 1 AND 5 AND rating_result BETWEEN 1 AND 5)",
                "severity": "severity IN ('small', 'big', 'hard', 'emergency')",
                "state": "state IN ('reported', 'accepted', 'verifying', 'filed', 'dispatched', 'receipted', 'handling', 'feedback', 'checking', 'returned', 'suspended', 'closed', 'rated', 'rejected', 'void')",
                "accuracy": "accuracy_m IS NULL OR accuracy_m >= 0",
                "closed_after_reported": "closed_at IS NULL OR closed_at >= reported_at",
            },
            unique={
                "uq_case_file_id": ["id"],
                "uq_case_file_number": ["number"],
                "uq_case_file_receipt": ["receipt"],
                "uq_case_file_source_external_number": ["source", "external_number"],
            },
            indexes={
                "ix_case_escalates": ["community_id", "escalates_at"],
                "ix_case_file_address": ["address"],
                "ix_case_file_building_id": ["building_id"],
                "ix_case_file_category_code": ["category_code"],
                "ix_case_file_cell_id": ["cell_id"],
                "ix_case_file_claim_until": ["claim_until"],
                "ix_case_file_duplicate_of_id": ["duplicate_of_id"],
                "ix_case_file_handler_id": ["handler_id"],
                "ix_case_file_reporter_id": ["reporter_id"],
                "ix_case_list": [
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
                ],
                "ix_case_state": ["community_id", "state"],
            },
        ),
    ]


def steps() -> list[NewTable]:
    """What happened in a case, and who works on it beside its handler."""
    return [
        NewTable(
            "case_log",
            [
                reference("case_id", "case_file", nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("action", sa.String(30), nullable=False),
                sa.Column("from_state", sa.String(20)),
                sa.Column("to_state", sa.String(20), nullable=False),
                sa.Column("text", SEALED_LATER),
                key(),
                sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
            ],
            indexes={"ix_case_log_case_id": ["case_id"]},
        ),
        NewTable(
            "case_co_handler",
            [
                reference("case_id", "case_file", nullable=False),
                reference("worker_id", "worker", nullable=False),
                sa.Column("asked_at", INSTANT, nullable=False),
                sa.Column("receipted_at", INSTANT),
                sa.Column("signed_at", INSTANT),
            ],
            primary_key=["case_id", "worker_id"],
            indexes={"ix_case_co_handler_worker_id": ["worker_id"]},
        ),
    ]


def referrals() -> list[NewTable]:
    """What is entrusted to an organisation, and who is told of a case."""
    return [
        NewTable(
            "case_errand",
            [
                reference("case_id", "case_file", nullable=False),
                reference("account_id", "account", nullable=False),
                reference("asked_by", "account"),
                sa.Column("asked_at", INSTANT, nullable=False),
                sa.Column("due_at", INSTANT, nullable=False),
                sa.Column("text", SEALED_LATER, nullable=False),
                sa.Column("receipted_at", INSTANT),
                sa.Column("started_at", INSTANT),
                sa.Column("finished_at", INSTANT),
                sa.Column("withdrawn_at", INSTANT),
                sa.Column("result", SEALED_LATER),
                key(),
                sa.Column("returned_at", INSTANT),
            ],
            indexes={
                "ix_case_errand_account": ["account_id", "finished_at"],
                "ix_case_errand_case_id": ["case_id"],
            },
        ),
        NewTable(
            "case_notice",
            [
                reference("account_id", "account", nullable=False),
                reference("case_id", "case_file", nullable=False),
                sa.Column("kind", sa.String(30), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("read_at", INSTANT),
                key(),
                sa.Column("percent", sa.Integer()),
                sa.Column("count", sa.Integer()),
            ],
            indexes={"ix_case_notice_account": ["account_id", "at"], "ix_case_notice_case_id": ["case_id"]},
        ),
    ]


def reports() -> list[NewTable]:
    """Photos, followers, and reports that came twice."""
    return [
        NewTable(
            "case_photo",
            [
                reference("case_id", "case_file", nullable=False),
                reference("account_id", "account"),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("digest", sa.String(64), nullable=False),
                sa.Column("width", sa.Integer(), nullable=False),
                sa.Column("height", sa.Integer(), nullable=False),
                sa.Column("picture", sa.LargeBinary()),
                sa.Column("thumbnail", sa.LargeBinary()),
                key(),
            ],
            checks={"kind": "kind IN ('report', 'before', 'after')", "size": "width > 0 AND height > 0"},
            unique={"uq_case_photo_case_id_kind_digest": ["case_id", "kind", "digest"]},
        ),
        NewTable(
            "case_follower",
            [
                sa.Column("receipt", sa.String(40), nullable=False),
                reference("case_id", "case_file", nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("repeat_key", sa.String(120)),
                sa.Column("repeat_client", sa.String(40)),
            ],
            primary_key=["receipt"],
            unique={"uq_case_follower_repeat_key_repeat_client": ["repeat_key", "repeat_client"]},
            indexes={"ix_case_follower_case_id": ["case_id"]},
        ),
        NewTable(
            "idempotency_key",
            [
                sa.Column("key", sa.String(120), nullable=False),
                sa.Column("account_key", sa.String(40), nullable=False),
                sa.Column("request_digest", sa.String(64), nullable=False),
                reference("case_id", "case_file", nullable=False),
                sa.Column("created_at", INSTANT, nullable=False),
            ],
            primary_key=["key", "account_key"],
        ),
    ]


def disputes() -> list[NewTable]:
    """Disputes and their steps."""
    return [
        NewTable(
            "dispute",
            [
                reference("case_id", "case_file", nullable=False),
                sa.Column("stage", sa.String(20), nullable=False),
                sa.Column("grade", sa.String(20)),
                reference("mediator_id", "worker"),
                sa.Column("outcome", sa.String(20)),
                sa.Column("settled_on", sa.Date()),
                sa.Column("planned", sa.JSON(), nullable=False, server_default="[]"),
                sa.Column("follow_up_on", sa.Date()),
                sa.Column("sessions", sa.Integer(), nullable=False, server_default="0"),
                sa.Column("follow_ups", sa.Integer(), nullable=False, server_default="0"),
                sa.Column("holds", sa.Boolean()),
                reference("merged_into_id", "dispute.case_id"),
                sa.Column("parties", sa.LargeBinary()),
                sa.Column("agreement", sa.LargeBinary()),
            ],
            primary_key=["case_id"],
            checks={
                "stage": "stage IN ('clue', 'sorted', 'mediating', 'follow_up', 'closed', 'merged')",
                "grade": "grade IN ('general', 'complex', 'major')",
                "outcome": "outcome IN ('agreed', 'court', 'higher', 'police', 'withdrawn')",
                "merged": "(stage = 'merged') = (merged_into_id IS NOT NULL)",
                "settled_with_outcome": "stage NOT IN ('follow_up', 'closed') OR outcome IS NOT NULL",
                "closed_after_follow_up": "stage <> 'closed' OR follow_ups > 0",
            },
            indexes={
                "ix_dispute_follow_up": ["follow_up_on"],
                "ix_dispute_mediator_id": ["mediator_id"],
                "ix_dispute_merged_into_id": ["merged_into_id"],
            },
        ),
        NewTable(
            "dispute_entry",
            [
                reference("case_id", "case_file", nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("step", sa.String(20), nullable=False),
                sa.Column("from_stage", sa.String(20), nullable=False),
                sa.Column("to_stage", sa.String(20), nullable=False),
                sa.Column("details", sa.JSON(), nullable=False, server_default="{}"),
                sa.Column("text", sa.LargeBinary()),
                sa.Column("place", sa.LargeBinary()),
                sa.Column("people", sa.LargeBinary()),
                key(),
            ],
            checks={
                "step": "step IN ('note', 'sort', 'grade', 'merge', 'ask', 'meet', 'agree', 'fail', 'visit', 'resume', 'close')"
            },
            indexes={"ix_dispute_entry_case": ["case_id", "at"]},
        ),
    ]


def webhooks() -> list[NewTable]:
    """Addresses that are told of cases, and what is told."""
    return [
        NewTable(
            "webhook",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("label", sa.String(100), nullable=False),
                sa.Column("host", sa.String(200), nullable=False),
                sa.Column("url", sa.LargeBinary()),
                sa.Column("secret", sa.LargeBinary()),
                sa.Column("site", sa.String(200), nullable=False),
                sa.Column("events", sa.JSON(), nullable=False),
                sa.Column("created_at", INSTANT, nullable=False),
                sa.Column("stopped_at", INSTANT),
                key(),
            ],
            indexes={"ix_webhook_community_id": ["community_id"]},
        ),
        NewTable(
            "webhook_message",
            [
                reference("webhook_id", "webhook", nullable=False),
                sa.Column("event", sa.String(20), nullable=False),
                sa.Column("facts", sa.JSON(), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("attempts", sa.Integer(), nullable=False),
                sa.Column("next_at", INSTANT),
                sa.Column("sent_at", INSTANT),
                sa.Column("given_up_at", INSTANT),
                sa.Column("error", sa.String(40)),
                key(),
            ],
            indexes={"ix_webhook_message_next": ["next_at"], "ix_webhook_message_webhook_id": ["webhook_id"]},
        ),
    ]


def _where_and_what() -> list[sa.Column[Any]]:
    """What a case is, where, and who has it."""
    return [
        sa.Column("number", sa.String(30), nullable=False),
        sa.Column("receipt", sa.String(40), nullable=False),
        reference("community_id", "area", nullable=False),
        reference("category_code", "category.code", sa.String(40), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("external_number", sa.String(80)),
        sa.Column("description", SEALED_LATER, nullable=False),
        sa.Column("address", sa.String(300)),
        reference("building_id", "building"),
        sa.Column("position", Geometry("POINT", srid=4326)),
        sa.Column("datum", sa.String(10), nullable=False),
        sa.Column("accuracy_m", sa.Double()),
        reference("cell_id", "unit_cell"),
        sa.Column("is_on_border", sa.Boolean(), nullable=False),
        sa.Column("near_border_m", sa.Double()),
        reference("reported_grid_id", "area"),
        sa.Column("recorded_area", sa.String(120)),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT),
        sa.Column("closed_at", INSTANT),
        reference("reporter_id", "account"),
        reference("handler_id", "worker"),
        sa.Column("reporter_contact", sa.LargeBinary()),
        sa.Column("result", SEALED_LATER),
        sa.Column("fid", sa.Integer(), nullable=False),
        key(),
    ]


def _course() -> list[sa.Column[Any]]:
    """Whose business a case is, and how it goes on."""
    return [
        sa.Column("net", sa.String(20), nullable=False, server_default="management"),
        sa.Column("line_code", sa.String(40)),
        sa.Column("line_name", sa.String(100)),
        sa.Column("route", sa.String(20), nullable=False, server_default="grid"),
        sa.Column("needs_coordination", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("is_supervised", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("claim_until", INSTANT),
        sa.Column("resolution", sa.String(20)),
        sa.Column("feedback_channel", sa.String(20)),
        sa.Column("feedback_at", INSTANT),
        sa.Column("rating_speed", sa.Integer()),
        sa.Column("rating_result", sa.Integer()),
        sa.Column("rated_at", INSTANT),
        sa.Column("suspended_at", INSTANT),
        sa.Column("suspended_from", sa.String(20)),
        sa.Column("suspended_seconds", sa.Integer(), nullable=False, server_default="0"),
        reference("duplicate_of_id", "case_file"),
        sa.Column("target_at", INSTANT),
        sa.Column("time_limit", sa.JSON()),
        sa.Column("escalates_at", INSTANT),
        sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"),
        reference("limit_version_id", "limit_version"),
        sa.Column("public_description", SEALED_LATER),
    ]
