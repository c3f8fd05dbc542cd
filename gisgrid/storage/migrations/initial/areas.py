"""Areas, the cells they are made of, and their published versions."""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geometry

from gisgrid.storage.migrations.initial.table import ID, INSTANT, NewTable, key, reference


def areas() -> list[NewTable]:
    """Areas and their names."""
    return [
        NewTable(
            "area",
            [
                sa.Column("level", sa.String(20), nullable=False),
                sa.Column("grid_type", sa.String(20), nullable=False),
                reference("community_id", "area"),
                sa.Column("created_at", INSTANT, nullable=False),
                key(),
            ],
            checks={
                "grid_type": "grid_type IN ('general', 'exclusive')",
                "level": "level IN ('subdistrict', 'community', 'sub_area', 'compound', 'grid', 'micro_grid')",
            },
            indexes={"ix_area_community_id": ["community_id"], "ix_area_level": ["level"]},
        ),
        NewTable(
            "area_name",
            [
                reference("area_id", "area", nullable=False),
                sa.Column("code", sa.String(60), nullable=False),
                sa.Column("name", sa.String(200), nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={"interval": "valid_to IS NULL OR valid_to > valid_from"},
            indexes={"ix_area_name_area_id": ["area_id"], "ix_area_name_code": ["code"]},
            unique_indexes={"uq_area_name_open": (["area_id"], "valid_to IS NULL")},
        ),
    ]


def outlines() -> list[NewTable]:
    """Outlines and parents of areas as they were at each time."""
    return [
        NewTable(
            "area_outline",
            [
                reference("area_id", "area", nullable=False),
                sa.Column("geom", Geometry("MULTIPOLYGON", srid=4326), nullable=False),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            primary_key=["fid"],
            checks={"interval": "valid_to IS NULL OR valid_to > valid_from"},
            unique={"uq_area_outline_id": ["id"]},
            indexes={"ix_area_outline_area_id": ["area_id"]},
            unique_indexes={"uq_area_outline_open": (["area_id"], "valid_to IS NULL")},
        ),
        NewTable(
            "area_parent",
            [
                reference("area_id", "area", nullable=False),
                reference("parent_id", "area", nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={"interval": "valid_to IS NULL OR valid_to > valid_from"},
            indexes={"ix_area_parent_area_id": ["area_id"], "ix_area_parent_parent_id": ["parent_id"]},
            unique_indexes={"uq_area_parent_open": (["area_id"], "valid_to IS NULL")},
        ),
        NewTable(
            "community_state",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("data_version", sa.Integer(), nullable=False),
                sa.Column("metric_epsg", sa.Integer(), nullable=False),
            ],
            primary_key=["community_id"],
        ),
    ]


def cells() -> list[NewTable]:
    """Unit cells, and which came from which."""
    return [
        NewTable(
            "unit_cell",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("geom", Geometry("POLYGON", srid=4326), nullable=False),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            primary_key=["fid"],
            checks={
                "kind": "kind IN ('building', 'block', 'area')",
                "interval": "valid_to IS NULL OR valid_to > valid_from",
            },
            unique={"uq_unit_cell_id": ["id"]},
            indexes={"ix_unit_cell_community_id": ["community_id"]},
            unique_indexes={"uq_unit_cell_open_number": (["community_id", "number"], "valid_to IS NULL")},
        ),
        NewTable(
            "cell_lineage",
            [
                reference("old_id", "unit_cell", nullable=False),
                reference("new_id", "unit_cell", nullable=False),
                sa.Column("share", sa.Double(), nullable=False),
            ],
            primary_key=["old_id", "new_id"],
            checks={"share": "share > 0 AND share <= 1"},
            indexes={"ix_cell_lineage_new_id": ["new_id"]},
        ),
    ]


def memberships() -> list[NewTable]:
    """Who owns a cell, and where an object lay."""
    return [
        NewTable(
            "cell_membership",
            [
                reference("cell_id", "unit_cell", nullable=False),
                reference("area_id", "area", nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={"interval": "valid_to IS NULL OR valid_to > valid_from"},
            indexes={"ix_cell_membership_area_id": ["area_id"], "ix_cell_membership_cell_id": ["cell_id"]},
            unique_indexes={"uq_cell_membership_open": (["cell_id"], "valid_to IS NULL")},
        ),
        NewTable(
            "placement",
            [
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("object_id", ID, nullable=False),
                reference("cell_id", "unit_cell"),
                sa.Column("until", INSTANT, nullable=False),
                key(),
                reference("community_id", "area"),
            ],
            checks={"kind": "kind IN ('building', 'household', 'facility', 'case')"},
            indexes={
                "ix_placement_cell_id": ["cell_id"],
                "ix_placement_community_id": ["community_id"],
                "ix_placement_object": ["object_id", "until"],
            },
        ),
    ]


def revisions() -> list[NewTable]:
    """Published divisions, and those that were withdrawn."""
    return [
        NewTable(
            "revision",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("published_at", INSTANT, nullable=False),
                sa.Column("effective_at", INSTANT, nullable=False),
                sa.Column("is_backdated", sa.Boolean(), nullable=False),
                reference("account_id", "account"),
                sa.Column("reason", sa.Text(), nullable=False),
                key(),
            ],
            unique={"uq_revision_community_id_number": ["community_id", "number"]},
        ),
        NewTable(
            "withdrawn_revision",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("published_at", INSTANT, nullable=False),
                sa.Column("effective_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("reason", sa.Text(), nullable=False),
                sa.Column("withdrawn_at", INSTANT, nullable=False),
                reference("withdrawn_by_id", "account"),
                sa.Column("withdrawn_reason", sa.Text(), nullable=False),
                key(),
            ],
            unique={"uq_withdrawn_revision_community_id_number": ["community_id", "number"]},
        ),
    ]


def lineage() -> list[NewTable]:
    """What became of areas, and the levels they may have."""
    return [
        NewTable(
            "area_lineage",
            [
                reference("area_id", "area", nullable=False),
                reference("other_id", "area", nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                reference("revision_id", "revision", nullable=False),
                key(),
            ],
            checks={"kind": "kind IN ('split_from', 'merged_into')"},
            indexes={
                "ix_area_lineage_area_id": ["area_id"],
                "ix_area_lineage_other_id": ["other_id"],
                "ix_area_lineage_revision_id": ["revision_id"],
            },
        ),
        NewTable(
            "level_version",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("number", sa.Integer(), nullable=False),
                sa.Column("made_at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("reason", sa.Text(), nullable=False),
                sa.Column("levels", sa.JSON(), nullable=False),
                key(),
            ],
            checks={"number": "number > 0"},
            unique={"uq_level_version_community_id_number": ["community_id", "number"]},
        ),
    ]
