"""Accounts, what they may do and what they did."""

from __future__ import annotations

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import ID, INSTANT, NewTable, key, reference


def accounts() -> list[NewTable]:
    """Workers, their skills, and accounts."""
    return [
        NewTable(
            "worker",
            [
                sa.Column("name", sa.String(100), nullable=False),
                sa.Column("office_phone", sa.String(40)),
                sa.Column("birth_year", sa.Integer()),
                sa.Column("education", sa.String(40)),
                key(),
                sa.Column("code", sa.String(60)),
            ],
            indexes={"ix_worker_code": ["code"]},
        ),
        NewTable(
            "worker_skill",
            [
                reference("worker_id", "worker", nullable=False),
                sa.Column("skill", sa.String(40), nullable=False),
            ],
            primary_key=["worker_id", "skill"],
        ),
        NewTable(
            "account",
            [
                sa.Column("name", sa.String(80), nullable=False),
                sa.Column("role", sa.String(20), nullable=False),
                reference("worker_id", "worker"),
                sa.Column("password_hash", sa.String(200)),
                sa.Column("session_version", sa.Integer(), nullable=False),
                sa.Column("failed_logins", sa.Integer(), nullable=False),
                sa.Column("locked_until", INSTANT),
                sa.Column("disabled_at", INSTANT),
                sa.Column("created_at", INSTANT, nullable=False),
                key(),
                sa.Column("must_change_password", sa.Boolean(), nullable=False, server_default=sa.false()),
                sa.Column("pin_hash", sa.String(200)),
                sa.Column("pin_failures", sa.Integer(), nullable=False, server_default="0"),
                sa.Column("organisation", sa.String(100)),
                sa.Column("may_instruct", sa.Boolean(), nullable=False, server_default=sa.false()),
            ],
            checks={
                "role": "role IN ('admin', 'head', 'staff', 'member', 'grid_leader', 'steward', 'leader', 'property', 'org', 'evaluator', 'resident', 'local')"
            },
            unique={"uq_account_name": ["name"]},
            indexes={"ix_account_worker_id": ["worker_id"]},
        ),
    ]


def logins() -> list[NewTable]:
    """Tokens and sessions of accounts."""
    return [
        NewTable(
            "api_token",
            [
                reference("account_id", "account", nullable=False),
                sa.Column("digest", sa.String(64), nullable=False),
                sa.Column("label", sa.String(100), nullable=False),
                sa.Column("created_at", INSTANT, nullable=False),
                sa.Column("expires_at", INSTANT, nullable=False),
                sa.Column("revoked_at", INSTANT),
                key(),
                sa.Column("may_write", sa.Boolean(), nullable=False, server_default=sa.true()),
                sa.Column("parts", sa.JSON(), nullable=False, server_default="[]"),
            ],
            unique={"uq_api_token_digest": ["digest"]},
            indexes={"ix_api_token_account_id": ["account_id"]},
        ),
        NewTable(
            "login_session",
            [
                reference("account_id", "account", nullable=False),
                sa.Column("version", sa.Integer(), nullable=False),
                sa.Column("begun_at", INSTANT, nullable=False),
                sa.Column("until", INSTANT, nullable=False),
                key(),
            ],
            indexes={"ix_login_session_account_id": ["account_id"], "ix_login_session_until": ["until"]},
        ),
    ]


def scopes() -> list[NewTable]:
    """What an account is allowed to see."""
    return [
        NewTable(
            "account_scope",
            [
                reference("account_id", "account", nullable=False),
                reference("area_id", "area"),
                reference("household_id", "household"),
                key(),
            ],
            checks={"one_subject": "(area_id IS NULL) <> (household_id IS NULL)"},
            indexes={"ix_account_scope_account_id": ["account_id"]},
        ),
    ]


def audit() -> list[NewTable]:
    """The audit trail, the check of the keys and the installation's id."""
    return [
        NewTable(
            "audit_entry",
            [
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("operator", sa.String(80)),
                sa.Column("action", sa.String(60), nullable=False),
                sa.Column("object_kind", sa.String(30), nullable=False),
                sa.Column("object_id", ID),
                sa.Column("count", sa.Integer(), nullable=False),
                sa.Column("fields", sa.JSON(), nullable=False),
                sa.Column("reason", sa.LargeBinary()),
                sa.Column("details", sa.JSON(), nullable=False),
                key(),
            ],
            indexes={
                "ix_audit_entry_account_id": ["account_id"],
                "ix_audit_entry_at": ["at"],
                "ix_audit_entry_object": ["object_kind", "object_id"],
            },
        ),
        NewTable(
            "key_check",
            [
                sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
                sa.Column("value", sa.LargeBinary(), nullable=False),
            ],
            checks={"only": "id = 1"},
        ),
        NewTable("installation", [sa.Column("code", sa.String(10), nullable=False)], primary_key=["code"]),
    ]


def backgrounds() -> list[NewTable]:
    """Images of the ground."""
    return [
        NewTable(
            "background_image",
            [
                sa.Column("name", sa.String(60), nullable=False),
                sa.Column("attribution", sa.String(200), nullable=False),
                reference("community_id", "area"),
                sa.Column("is_public", sa.Boolean(), nullable=False),
                sa.Column("file_name", sa.String(200), nullable=False),
                sa.Column("west", sa.Double(), nullable=False),
                sa.Column("south", sa.Double(), nullable=False),
                sa.Column("east", sa.Double(), nullable=False),
                sa.Column("north", sa.Double(), nullable=False),
                sa.Column("min_zoom", sa.Integer(), nullable=False),
                sa.Column("max_zoom", sa.Integer(), nullable=False),
                sa.Column("tiles", sa.Integer(), nullable=False),
                sa.Column("size", sa.BigInteger(), nullable=False),
                sa.Column("added_at", INSTANT, nullable=False),
                reference("added_by", "account"),
                sa.Column("removed_at", INSTANT),
                reference("removed_by", "account"),
                key(),
            ],
            checks={
                "bounds": "west < east AND south < north",
                "zooms": "min_zoom >= 0 AND min_zoom <= max_zoom",
                "size": "tiles > 0 AND size > 0",
            },
            unique_indexes={"uq_background_image_name": (["name"], "removed_at IS NULL")},
        ),
    ]


def imports() -> list[NewTable]:
    """What was imported and how its columns were named."""
    return [
        NewTable(
            "import_run",
            [
                reference("community_id", "area"),
                reference("account_id", "account"),
                sa.Column("operator", sa.String(80)),
                sa.Column("at", INSTANT, nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("file_name", sa.String(255), nullable=False),
                sa.Column("sha256", sa.String(64), nullable=False),
                sa.Column("counts", sa.JSON(), nullable=False),
                sa.Column("undone_at", INSTANT),
                reference("undone_by", "account"),
                key(),
                sa.Column("is_unfinished", sa.Boolean(), nullable=False, server_default=sa.false()),
            ],
            indexes={
                "ix_import_run_account_id": ["account_id"],
                "ix_import_run_at": ["at"],
                "ix_import_run_community_id": ["community_id"],
                "ix_import_run_undone_by": ["undone_by"],
            },
        ),
        NewTable(
            "import_change",
            [
                sa.Column("id", sa.Integer(), nullable=False),
                reference("import_id", "import_run", nullable=False),
                sa.Column("object_kind", sa.String(30), nullable=False),
                sa.Column("object_id", ID, nullable=False),
                sa.Column("before", sa.LargeBinary()),
                sa.Column("after", sa.String(60), nullable=False),
            ],
            indexes={
                "ix_import_change_import_id": ["import_id"],
                "ix_import_change_object_id": ["object_id"],
            },
        ),
        NewTable(
            "import_columns",
            [
                reference("account_id", "account", nullable=False),
                reference("community_id", "area"),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("headers", sa.String(64), nullable=False),
                sa.Column("columns", sa.JSON(), nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                key(),
            ],
            unique={"uq_import_columns_choice": ["account_id", "kind", "headers"]},
            indexes={"ix_import_columns_community_id": ["community_id"]},
        ),
    ]
