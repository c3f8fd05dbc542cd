"""Forms, their versions, and outward forms."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from gisgrid.storage.migrations.initial.table import INSTANT, NewTable, key, reference

_SUBJECTS: Final = (
    "'person', 'household', 'building', 'area', 'facility', 'community', 'case', 'worker', 'organisation'"
)
_PURPOSES: Final = (
    "'registration', 'contact', 'elder_visits', 'sensitive_needs', 'contracted_services', 'visit_notes'"
)


def forms() -> list[NewTable]:
    """Forms and their versions."""
    return [
        NewTable(
            "form",
            [
                sa.Column("code", sa.String(60), nullable=False),
                reference("owner_area_id", "area"),
                sa.Column("subject", sa.String(20), nullable=False),
                sa.Column("purpose", sa.String(40)),
                sa.Column("is_confidential", sa.Boolean(), nullable=False),
                sa.Column("legal_basis", sa.String(120)),
                sa.Column("closed_at", INSTANT),
                key(),
            ],
            checks={
                "subject": f"subject IN ({_SUBJECTS})",
                "purpose": f"purpose IN ({_PURPOSES})",
                "needs_purpose": "subject NOT IN ('person', 'household') OR purpose IS NOT NULL",
            },
            unique={"uq_form_owner_area_id_code": ["owner_area_id", "code"]},
            unique_indexes={"uq_form_built_in": (["code"], "owner_area_id IS NULL")},
        ),
        NewTable(
            "form_version",
            [
                reference("form_id", "form", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("state", sa.String(20), nullable=False),
                sa.Column("workbook", sa.LargeBinary(), nullable=False),
                sa.Column("sha256", sa.String(64), nullable=False),
                sa.Column("tree", sa.JSON(), nullable=False),
                sa.Column("languages", sa.JSON(), nullable=False),
                sa.Column("uploaded_at", INSTANT, nullable=False),
                reference("uploaded_by", "account"),
                sa.Column("published_at", INSTANT),
                reference("published_by", "account"),
                sa.Column("retired_at", INSTANT),
                key(),
            ],
            checks={
                "state": "state IN ('draft', 'published', 'retired')",
                "number": "number > 0",
                "published": "(state = 'draft') = (published_at IS NULL)",
                "retired": "(state = 'retired') = (retired_at IS NOT NULL)",
            },
            unique={"uq_form_version_form_id_number": ["form_id", "number"]},
            unique_indexes={"uq_form_version_published": (["form_id"], "state = 'published'")},
        ),
    ]


def outward() -> list[NewTable]:
    """Templates of departments, who let them be filled, and that they were."""
    return [
        NewTable(
            "outward_form",
            [
                reference("owner_area_id", "area", nullable=False),
                sa.Column("code", sa.String(60), nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("department", sa.String(120), nullable=False),
                sa.Column("title", sa.String(120), nullable=False),
                sa.Column("template", sa.LargeBinary(), nullable=False),
                sa.Column("cells", sa.JSON(), nullable=False),
                sa.Column("rows", sa.String(20), nullable=False),
                sa.Column("purpose", sa.String(40)),
                sa.Column("legal_basis", sa.String(120), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("made_by", "account"),
                sa.Column("closed_at", INSTANT),
                key(),
            ],
            checks={
                "rows": "rows IN ('person', 'household', 'building', 'grid')",
                "purpose": f"purpose IN ({_PURPOSES})",
                "number": "number > 0",
            },
            unique={"uq_outward_form_owner_area_id_code_number": ["owner_area_id", "code", "number"]},
        ),
        NewTable(
            "outward_approval",
            [
                reference("outward_form_id", "outward_form", nullable=False),
                reference("area_id", "area", nullable=False),
                reference("asked_by", "account"),
                reference("approved_by", "account"),
                sa.Column("approved_at", INSTANT, nullable=False),
                sa.Column("until", sa.Date(), nullable=False),
                key(),
            ],
            indexes={"ix_outward_approval_form": ["outward_form_id", "area_id"]},
        ),
        NewTable(
            "outward_run",
            [
                reference("outward_form_id", "outward_form", nullable=False),
                reference("community_id", "area", nullable=False),
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
                "ix_outward_run_community_id": ["community_id"],
                "ix_outward_run_outward_form_id": ["outward_form_id"],
            },
        ),
    ]
