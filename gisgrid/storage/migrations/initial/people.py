"""Residents, what they agreed to, and what they asked for."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference


def residents() -> list[NewTable]:
    """Residents and their needs."""
    return [
        NewTable(
            "resident",
            [
                reference("household_id", "household", nullable=False),
                sa.Column("name", sa.LargeBinary()),
                sa.Column("phone", sa.LargeBinary()),
                sa.Column("birth_date", sa.Date()),
                sa.Column("sex", sa.String(1)),
                sa.Column("residence_status", sa.String(20), nullable=False),
                sa.Column("consent", sa.String(20), nullable=False),
                sa.Column("lived_from", sa.Date(), nullable=False),
                sa.Column("lived_to", sa.Date()),
                sa.Column("external_key", sa.String(64)),
                key(),
                sa.Column("erased_at", INSTANT),
            ],
            checks={
                "consent": "consent IN ('granted', 'refused', 'withdrawn', 'statutory_duty', 'not_asked')",
                "residence_status": "residence_status IN ('registered_here', 'resident', 'floating', 'absent')",
                "sex": "sex IN ('f', 'm')",
                "lived": "lived_to IS NULL OR lived_to > lived_from",
            },
            unique={"uq_resident_external_key": ["external_key"]},
            indexes={"ix_resident_birth": ["birth_date"], "ix_resident_household_id": ["household_id"]},
        ),
        NewTable(
            "need",
            [
                reference("resident_id", "resident", nullable=False),
                sa.Column("kind", sa.String(40), nullable=False),
                sa.Column("grade", sa.Integer()),
                sa.Column("legal_basis", sa.String(120), nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={"interval": "valid_to IS NULL OR valid_to > valid_from"},
            indexes={"ix_need_resident_id": ["resident_id"]},
        ),
    ]


def visits() -> list[NewTable]:
    """Who visits a resident, and who serves one by contract."""
    return [
        NewTable(
            "assigned_visitor",
            [
                reference("resident_id", "resident", nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                reference("worker_id", "worker"),
                sa.Column("name", sa.LargeBinary()),
                reference("agree_with_id", "worker"),
                reference("account_id", "account"),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={
                "kind": "kind IN ('worker', 'volunteer', 'organisation')",
                "interval": "valid_to IS NULL OR valid_to > valid_from",
                "worker": "(kind = 'worker') = (worker_id IS NOT NULL)",
                "one_visitor": "(worker_id IS NULL) <> (name IS NULL)",
            },
            indexes={
                "ix_assigned_visitor_agree_with_id": ["agree_with_id"],
                "ix_assigned_visitor_resident_id": ["resident_id"],
                "ix_assigned_visitor_worker_id": ["worker_id"],
            },
            unique_indexes={"uq_assigned_visitor_open": (["resident_id"], "valid_to IS NULL")},
        ),
        NewTable(
            "service_contract",
            [
                reference("account_id", "account", nullable=False),
                reference("resident_id", "resident", nullable=False),
                sa.Column("service", sa.String(20), nullable=False),
                sa.Column("from_day", sa.Date(), nullable=False),
                sa.Column("until_day", sa.Date()),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("made_by", "account"),
                sa.Column("ended_at", INSTANT),
                reference("ended_by", "account"),
                key(),
            ],
            checks={
                "service": "service IN ('meals', 'cleaning', 'bathing', 'medical', 'company', 'other')",
                "days": "until_day IS NULL OR until_day >= from_day",
            },
            indexes={
                "ix_service_contract_account_id": ["account_id"],
                "ix_service_contract_resident_id": ["resident_id"],
            },
        ),
    ]


def consents() -> list[NewTable]:
    """What people were asked and agreed to, in which words."""
    return [
        NewTable(
            "consent",
            [
                reference("household_id", "household"),
                reference("resident_id", "resident"),
                sa.Column("purpose", sa.String(40), nullable=False),
                sa.Column("status", sa.String(20), nullable=False),
                sa.Column("text_version", sa.String(20), nullable=False),
                sa.Column("asked_at", INSTANT, nullable=False),
                reference("asked_by", "worker"),
                key(),
            ],
            checks={
                "status": "status IN ('granted', 'refused', 'withdrawn', 'statutory_duty')",
                "one_subject": "(household_id IS NULL) <> (resident_id IS NULL)",
            },
            indexes={"ix_consent_household_id": ["household_id"], "ix_consent_resident_id": ["resident_id"]},
        ),
        NewTable(
            "consent_text",
            [
                sa.Column("purpose", sa.String(40), nullable=False),
                sa.Column("version", sa.String(20), nullable=False),
                sa.Column("zh", sa.Text(), nullable=False),
                sa.Column("en", sa.Text(), nullable=False),
                sa.Column("written_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                key(),
            ],
            checks={
                "purpose": "purpose IN ('registration', 'contact', 'elder_visits', 'sensitive_needs', 'contracted_services')"
            },
            unique={"uq_consent_text_purpose_version": ["purpose", "version"]},
        ),
    ]


def requests() -> list[NewTable]:
    """Requests about one's own data."""
    return [
        NewTable(
            "data_request",
            [
                reference("household_id", "household", nullable=False),
                sa.Column("state", sa.String(20), nullable=False),
                sa.Column("attempts", sa.Integer(), nullable=False),
                sa.Column("opened_at", INSTANT, nullable=False),
                reference("opened_by", "account"),
                sa.Column("remind_on", sa.Date()),
                sa.Column("ask_again_from", sa.Date()),
                sa.Column("closed_at", INSTANT),
                key(),
            ],
            checks={
                "state": "state IN ('open', 'mediating', 'cooling', 'granted', 'ended')",
                "attempts": "attempts >= 0",
            },
            indexes={"ix_data_request_household_id": ["household_id"]},
            unique_indexes={"uq_data_request_running": (["household_id"], "closed_at IS NULL")},
        ),
        NewTable(
            "data_request_step",
            [
                reference("request_id", "data_request", nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("outcome", sa.String(20), nullable=False),
                sa.Column("mediator_kind", sa.String(20)),
                sa.Column("mediator", sa.LargeBinary()),
                key(),
            ],
            checks={
                "outcome": "outcome IN ('not_met', 'undecided', 'mediation', 'refused', 'withdrawn', 'granted')",
                "mediator_kind": "mediator_kind IN ('neighbour', 'relative', 'building_steward', 'party_member', 'committee', 'property', 'police')",
            },
            indexes={"ix_data_request_step_request_id": ["request_id"]},
        ),
    ]


def erasures() -> list[NewTable]:
    """Erasures that are asked for, and how many there were."""
    return [
        NewTable(
            "erasure_request",
            [
                reference("community_id", "area", nullable=False),
                reference("household_id", "household", nullable=False),
                reference("resident_id", "resident"),
                sa.Column("state", sa.String(20), nullable=False),
                sa.Column("asked_at", INSTANT, nullable=False),
                reference("asked_by", "account"),
                sa.Column("decided_at", INSTANT),
                reference("decided_by", "account"),
                sa.Column("reason", sa.LargeBinary()),
                key(),
            ],
            checks={"state": "state IN ('asked', 'done', 'taken_back', 'declined')"},
            indexes={
                "ix_erasure_request_community_id": ["community_id"],
                "ix_erasure_request_household_id": ["household_id"],
            },
        ),
        NewTable(
            "erased_count",
            [
                reference("area_id", "area", nullable=False),
                sa.Column("age_band", sa.String(10), nullable=False),
                sa.Column("count", sa.Integer(), nullable=False),
            ],
            primary_key=["area_id", "age_band"],
            checks={
                "count": "count > 0",
                "age_band": "age_band IN ('0-13', '14-17', '18-59', '60-64', '65-69', '70-79', '80+')",
            },
        ),
    ]
