"""Where people live and what they go to."""

from __future__ import annotations

import sqlalchemy as sa
from geoalchemy2 import Geometry

from gisgrid.storage.migrations.initial.table import ID, INSTANT, NewTable, key, reference


def ground() -> list[NewTable]:
    """Compounds, landscape and streets."""
    return [
        NewTable(
            "compound",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("name", sa.String(120), nullable=False),
                reference("area_id", "area"),
                key(),
            ],
            unique={"uq_compound_community_id_name": ["community_id", "name"]},
        ),
        NewTable(
            "landscape",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("name", sa.Text()),
                sa.Column("geom", Geometry("GEOMETRY", srid=4326), nullable=False),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
            ],
            primary_key=["fid"],
            checks={"kind": "kind IN ('water', 'green')"},
            unique={"uq_landscape_id": ["id"]},
            indexes={"ix_landscape_community_id": ["community_id"]},
        ),
        NewTable(
            "street",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("name", sa.String(200)),
                sa.Column("kind", sa.String(60)),
                sa.Column("tunnel", sa.Boolean(), nullable=False),
                sa.Column("bridge", sa.Boolean(), nullable=False),
                sa.Column("layer", sa.Integer(), nullable=False),
                sa.Column("geom", Geometry("GEOMETRY", srid=4326), nullable=False),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
            ],
            primary_key=["fid"],
            unique={"uq_street_id": ["id"]},
            indexes={"ix_street_community_id": ["community_id"]},
        ),
    ]


def buildings() -> list[NewTable]:
    """Buildings."""
    return [
        NewTable(
            "building",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("code", sa.String(60)),
                sa.Column("address", sa.String(200), nullable=False),
                sa.Column("name", sa.String(80)),
                reference("compound_id", "compound"),
                sa.Column("floors", sa.Integer()),
                sa.Column("built_year", sa.Integer()),
                sa.Column("condition", sa.String(1)),
                sa.Column("has_lift", sa.Boolean()),
                sa.Column("dwellings", sa.Integer()),
                sa.Column("footprint", Geometry("GEOMETRY", srid=4326), nullable=False),
                reference("cell_id", "unit_cell"),
                sa.Column("search_text", sa.String(200), nullable=False),
                sa.Column("search_pinyin", sa.String(600), nullable=False),
                sa.Column("search_initials", sa.String(120), nullable=False),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
            ],
            primary_key=["fid"],
            checks={
                "condition": "condition IS NULL OR condition IN ('A', 'B', 'C', 'D')",
                "dwellings": "dwellings IS NULL OR dwellings >= 0",
                "floors": "floors IS NULL OR floors > 0",
            },
            unique={"uq_building_community_id_code": ["community_id", "code"], "uq_building_id": ["id"]},
            indexes={
                "ix_building_cell_id": ["cell_id"],
                "ix_building_compound_id": ["compound_id"],
                "ix_building_search": ["community_id", "search_text"],
            },
        ),
    ]


def households() -> list[NewTable]:
    """Households, and pins that were moved."""
    return [
        NewTable(
            "household",
            [
                reference("community_id", "area", nullable=False),
                reference("building_id", "building"),
                sa.Column("unit", sa.String(20)),
                sa.Column("room", sa.String(20)),
                sa.Column("std_address", sa.String(200), nullable=False),
                sa.Column("position", Geometry("POINT", srid=4326)),
                reference("cell_id", "unit_cell"),
                sa.Column("consent", sa.String(20)),
                sa.Column("lived_from", sa.Date(), nullable=False),
                sa.Column("lived_to", sa.Date()),
                sa.Column("last_verified_at", INSTANT),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
                sa.Column("kind", sa.String(20)),
                sa.Column("contact", sa.LargeBinary()),
            ],
            primary_key=["fid"],
            checks={
                "kind": "kind IS NULL OR kind IN ('owned', 'rented', 'collective', 'vacant')",
                "consent": "consent IS NULL OR consent IN ('granted', 'refused', 'withdrawn', 'statutory_duty')",
            },
            unique={
                "uq_household_community_id_std_address": ["community_id", "std_address"],
                "uq_household_id": ["id"],
            },
            indexes={"ix_household_building_id": ["building_id"], "ix_household_cell_id": ["cell_id"]},
        ),
        NewTable(
            "pin_change",
            [
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("object_id", ID, nullable=False),
                sa.Column("at", INSTANT, nullable=False),
                reference("account_id", "account"),
                sa.Column("former", sa.JSON(), nullable=False),
                sa.Column("fresh", sa.JSON(), nullable=False),
                sa.Column("undone_at", INSTANT),
                key(),
            ],
            checks={"kind": "kind IN ('building', 'household', 'facility', 'case')"},
            indexes={"ix_pin_change_object": ["object_id", "at"]},
        ),
    ]


def facilities() -> list[NewTable]:
    """Facilities."""
    return [
        NewTable(
            "facility",
            [
                reference("community_id", "area", nullable=False),
                sa.Column("type", sa.String(30), nullable=False),
                sa.Column("name", sa.String(120), nullable=False),
                sa.Column("address", sa.String(200)),
                sa.Column("office_phone", sa.String(40)),
                sa.Column("capacity", sa.Integer()),
                sa.Column("floor_area_m2", sa.Double()),
                sa.Column("position", Geometry("POINT", srid=4326), nullable=False),
                reference("cell_id", "unit_cell"),
                sa.Column("fid", sa.Integer(), nullable=False),
                key(),
                sa.Column("code", sa.String(60)),
            ],
            primary_key=["fid"],
            checks={
                "type": "type IN ('service_center', 'service_station', 'volunteer_point', 'home_care_station', 'red_post')"
            },
            unique={"uq_facility_id": ["id"]},
            indexes={"ix_facility_cell_id": ["cell_id"], "ix_facility_community_id": ["community_id"]},
            unique_indexes={"uq_facility_code": (["community_id", "code"], None)},
        ),
    ]


def duties() -> list[NewTable]:
    """Who is on duty where."""
    return [
        NewTable(
            "duty",
            [
                reference("worker_id", "worker", nullable=False),
                reference("area_id", "area"),
                reference("building_id", "building"),
                sa.Column("kind", sa.String(20), nullable=False),
                sa.Column("is_primary", sa.Boolean(), nullable=False),
                key(),
                sa.Column("valid_from", INSTANT, nullable=False),
                sa.Column("valid_to", INSTANT),
            ],
            checks={
                "kind": "kind IN ('grid_member', 'grid_leader', 'grid_supervisor', 'community_police', 'party_cadre', 'building_steward', 'specialist')",
                "one_subject": "(area_id IS NULL) <> (building_id IS NULL)",
                "interval": "valid_to IS NULL OR valid_to > valid_from",
            },
            indexes={
                "ix_duty_area_id": ["area_id"],
                "ix_duty_building_id": ["building_id"],
                "ix_duty_valid_from": ["valid_from"],
                "ix_duty_valid_to": ["valid_to"],
                "ix_duty_worker_id": ["worker_id"],
            },
            unique_indexes={
                "uq_duty_primary_member": (
                    ["area_id"],
                    "is_primary AND kind = 'grid_member' AND valid_to IS NULL",
                )
            },
        ),
        NewTable(
            "mediator",
            [
                reference("worker_id", "worker", nullable=False),
                sa.Column("specialties", sa.JSON(), nullable=False, server_default="[]"),
                reference("building_id", "building"),
                reference("facility_id", "facility"),
                sa.Column("is_resting", sa.Boolean(), nullable=False, server_default=sa.false()),
            ],
            primary_key=["worker_id"],
            checks={"one_place": "building_id IS NULL OR facility_id IS NULL"},
            indexes={"ix_mediator_building_id": ["building_id"], "ix_mediator_facility_id": ["facility_id"]},
        ),
    ]
