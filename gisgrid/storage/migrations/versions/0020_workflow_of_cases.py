"""Cases get their whole workflow: more states, routes, co-handlers, feedback, rating, and a log that tells all."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

revision = "0020"
down_revision = "0023"
branch_labels = None
depends_on = None

_BEFORE = "('reported', 'handling', 'closed')"
_AFTER = (
    "('reported', 'accepted', 'verifying', 'filed', 'dispatched', 'receipted', 'handling', 'feedback',"
    " 'checking', 'returned', 'suspended', 'closed', 'rated', 'rejected', 'void')"
)
_NETS = "('management', 'service')"
_ROUTES = "('grid', 'community', 'subdistrict')"
_RESOLUTIONS = "('on_spot', 'handled', 'duplicate')"
_CHANNELS = "('on_spot', 'phone', 'wechat', 'message', 'letter', 'page', 'anonymous', 'imported', 'earlier')"
_CHECKS = {
    "net": f"net IN {_NETS}",
    "route": f"route IN {_ROUTES}",
    "resolution": f"resolution IN {_RESOLUTIONS}",
    "feedback_channel": f"feedback_channel IN {_CHANNELS}",
    "closed_with_feedback": (
        "state NOT IN ('closed', 'rated') OR (feedback_channel IS NOT NULL"
        " AND (result IS NOT NULL OR feedback_channel IN ('imported', 'earlier')))"
    ),
    "suspended": "(state = 'suspended') = (suspended_at IS NOT NULL)",
    "rating": "rating_speed IS NULL OR (rating_speed BETWEEN 1 AND 5 AND rating_result BETWEEN 1 AND 5)",
}
_COLUMNS = (
    "number, receipt, community_id, category_code, severity, state, source, external_number, description, "
    "address, building_id, position, datum, accuracy_m, cell_id, is_on_border, near_border_m, "
    "reported_grid_id, recorded_area, reported_at, due_at, closed_at, reporter_id, handler_id, "
    "reporter_contact, result, fid, id"
)
_INDEXES = {
    "ix_case_file_building_id": ["building_id"],
    "ix_case_file_category_code": ["category_code"],
    "ix_case_file_cell_id": ["cell_id"],
    "ix_case_file_handler_id": ["handler_id"],
    "ix_case_file_reporter_id": ["reporter_id"],
    "ix_case_reported": ["community_id", "reported_at"],
    "ix_case_state": ["community_id", "state"],
}
_NEW_INDEXES = {
    "ix_case_file_address": ["address"],
    "ix_case_file_claim_until": ["claim_until"],
    "ix_case_file_duplicate_of_id": ["duplicate_of_id"],
}


def upgrade() -> None:
    for column in _category_columns():
        op.add_column("category", column)
    op.add_column("case_log", sa.Column("details", sa.JSON(), server_default="{}", nullable=False))
    if _is_sqlite():
        _rebuilt(*_new_columns(), *_new_constraints(), states=_AFTER, added=", feedback_channel, feedback_at")
        indexes = {**_INDEXES, **_NEW_INDEXES}
    else:
        op.drop_constraint(op.f("ck_case_file_state"), "case_file", type_="check")
        for column in _new_columns():
            op.add_column("case_file", column)
        op.execute(f"UPDATE case_file SET {_TOLD}")  # noqa: S608
        op.create_check_constraint(op.f("ck_case_file_state"), "case_file", f"state IN {_AFTER}")
        for name, condition in _CHECKS.items():
            op.create_check_constraint(op.f(f"ck_case_file_{name}"), "case_file", condition)
        op.create_foreign_key(
            op.f("fk_case_file_duplicate_of_id_case_file"),
            "case_file",
            "case_file",
            ["duplicate_of_id"],
            ["id"],
        )
        indexes = _NEW_INDEXES
    for name, columns in indexes.items():
        op.create_index(op.f(name), "case_file", columns)
    _tell_what_is_known()
    _new_tables()


def downgrade() -> None:
    for table in ("case_notice", "case_co_handler", "worker_skill"):
        op.drop_table(table)
    for name in _NEW_INDEXES:
        op.drop_index(op.f(name), "case_file")
    if _is_sqlite():
        _rebuilt(states=_BEFORE)
        for name, columns in _INDEXES.items():
            op.create_index(op.f(name), "case_file", columns)
    else:
        for name in ("state", *_CHECKS):
            op.drop_constraint(op.f(f"ck_case_file_{name}"), "case_file", type_="check")
        op.execute(f"UPDATE case_file SET state = {_STATE_BEFORE}")  # noqa: S608
        op.create_check_constraint(op.f("ck_case_file_state"), "case_file", f"state IN {_BEFORE}")
        op.drop_constraint(op.f("fk_case_file_duplicate_of_id_case_file"), "case_file", type_="foreignkey")
        for column in reversed(_new_columns()):
            op.drop_column("case_file", column.name)
    op.drop_column("case_log", "details")
    for column in reversed(_category_columns()):
        op.drop_column("category", column.name)


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


_STATE_BEFORE = (
    "CASE WHEN state IN ('closed', 'rated', 'rejected', 'void') THEN 'closed'"
    " WHEN state IN ('handling', 'feedback', 'checking', 'suspended') THEN 'handling' ELSE 'reported' END"
)
"""The state a case had before there were more of them."""
_CHANNEL = (
    "CASE WHEN state <> 'closed' THEN NULL WHEN external_number IS NULL THEN 'earlier' ELSE 'imported' END"
)
_TOLD_AT = "CASE WHEN state = 'closed' THEN closed_at END"
_TOLD = f"feedback_channel = {_CHANNEL}, feedback_at = {_TOLD_AT}"


def _category_columns() -> list[sa.Column[Any]]:
    # SQLite takes a check with a new column, but none afterwards.
    nets = sa.CheckConstraint(f"net IN {_NETS}", name=op.f("ck_category_net"))
    return [
        sa.Column("net", sa.String(length=20), nets, server_default="management", nullable=False),
        sa.Column("line_code", sa.String(length=40), nullable=True),
        sa.Column("line_name", sa.String(length=100), nullable=True),
        sa.Column("skill", sa.String(length=40), nullable=True),
    ]


def _moment(name: str, *, nullable: bool = True) -> sa.Column[Any]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("net", sa.String(length=20), server_default="management", nullable=False),
        sa.Column("line_code", sa.String(length=40), nullable=True),
        sa.Column("line_name", sa.String(length=100), nullable=True),
        sa.Column("route", sa.String(length=20), server_default="grid", nullable=False),
        sa.Column("needs_coordination", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("is_supervised", sa.Boolean(), server_default=sa.false(), nullable=False),
        _moment("claim_until"),
        sa.Column("resolution", sa.String(length=20), nullable=True),
        sa.Column("feedback_channel", sa.String(length=20), nullable=True),
        _moment("feedback_at"),
        sa.Column("rating_speed", sa.Integer(), nullable=True),
        sa.Column("rating_result", sa.Integer(), nullable=True),
        _moment("rated_at"),
        _moment("suspended_at"),
        sa.Column("suspended_from", sa.String(length=20), nullable=True),
        sa.Column("suspended_seconds", sa.Integer(), server_default="0", nullable=False),
        sa.Column("duplicate_of_id", sa.String(length=36), nullable=True),
    ]


def _new_constraints() -> list[sa.Constraint]:
    checks: Sequence[sa.Constraint] = [
        sa.CheckConstraint(condition, name=op.f(f"ck_case_file_{name}"))
        for name, condition in _CHECKS.items()
    ]
    key = op.f("fk_case_file_duplicate_of_id_case_file")
    return [*checks, sa.ForeignKeyConstraint(["duplicate_of_id"], ["case_file.id"], name=key)]


def _points_to(table: str, column: str, other: str, key: str = "id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.{key}"], name=op.f(f"fk_{table}_{column}_{other}"))


def _rebuilt(*more: sa.schema.SchemaItem, states: str, added: str = "") -> None:
    """SQLite can't change constraints of a table: it is made anew and filled again, keys and all."""
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.execute(f"CREATE TABLE case_file_kept AS SELECT {_COLUMNS} FROM case_file")  # noqa: S608
    op.execute("SELECT DisableSpatialIndex('case_file', 'position')")
    op.execute("DROP TABLE idx_case_file_position")
    op.execute("SELECT DiscardGeometryColumn('case_file', 'position')")
    op.drop_table("case_file")
    op.create_table(
        "case_file",
        sa.Column("number", sa.String(length=30), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=False),
        sa.Column("community_id", sa.String(length=36), nullable=False),
        sa.Column("category_code", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("external_number", sa.String(length=80), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=True),
        sa.Column("building_id", sa.String(length=36), nullable=True),
        sa.Column("position", Geometry("POINT", srid=4326), nullable=True),
        sa.Column("datum", sa.String(length=10), nullable=False),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("cell_id", sa.String(length=36), nullable=True),
        sa.Column("is_on_border", sa.Boolean(), nullable=False),
        sa.Column("near_border_m", sa.Double(), nullable=True),
        sa.Column("reported_grid_id", sa.String(length=36), nullable=True),
        sa.Column("recorded_area", sa.String(length=120), nullable=True),
        _moment("reported_at", nullable=False),
        _moment("due_at"),
        _moment("closed_at"),
        sa.Column("reporter_id", sa.String(length=36), nullable=True),
        sa.Column("handler_id", sa.String(length=36), nullable=True),
        sa.Column("reporter_contact", sa.LargeBinary(), nullable=True),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("fid", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        *more,
        sa.CheckConstraint(
            "severity IN ('small', 'big', 'hard', 'emergency')", name=op.f("ck_case_file_severity")
        ),
        sa.CheckConstraint(f"state IN {states}", name=op.f("ck_case_file_state")),
        sa.CheckConstraint("accuracy_m IS NULL OR accuracy_m >= 0", name=op.f("ck_case_file_accuracy")),
        sa.CheckConstraint(
            "closed_at IS NULL OR closed_at >= reported_at", name=op.f("ck_case_file_closed_after_reported")
        ),
        _points_to("case_file", "building_id", "building"),
        _points_to("case_file", "category_code", "category", "code"),
        _points_to("case_file", "cell_id", "unit_cell"),
        _points_to("case_file", "community_id", "area"),
        _points_to("case_file", "handler_id", "worker"),
        _points_to("case_file", "reported_grid_id", "area"),
        _points_to("case_file", "reporter_id", "account"),
        sa.PrimaryKeyConstraint("fid", name=op.f("pk_case_file")),
        sa.UniqueConstraint("id", name=op.f("uq_case_file_id")),
        sa.UniqueConstraint("number", name=op.f("uq_case_file_number")),
        sa.UniqueConstraint("receipt", name=op.f("uq_case_file_receipt")),
        sa.UniqueConstraint("source", "external_number", name=op.f("uq_case_file_source_external_number")),
    )
    # The state is written as the new table has it; the others are what they were.
    taken = _COLUMNS if added else _COLUMNS.replace(" state,", f" {_STATE_BEFORE},")
    told = f", {_CHANNEL}, {_TOLD_AT}" if added else ""
    op.execute(
        f"INSERT INTO case_file ({_COLUMNS}{added}) SELECT {taken}{told} FROM case_file_kept"  # noqa: S608
    )
    op.execute("DROP TABLE case_file_kept")


def _tell_what_is_known() -> None:
    """Closed cases say how; their log says who handled them, since the log alone rebuilds a case."""
    at_once = (
        "EXISTS (SELECT 1 FROM case_log l WHERE l.case_id = case_file.id AND l.action = 'close'"
        " AND l.from_state = 'reported')"
    )
    op.execute(
        f"UPDATE case_file SET resolution = CASE WHEN {at_once} THEN 'on_spot' ELSE 'handled' END"  # noqa: S608
        " WHERE state = 'closed' AND external_number IS NULL"
    )
    handler = "(SELECT c.handler_id FROM case_file c WHERE c.id = case_log.case_id)"
    text = f"'{{\"handler\": \"' || {handler} || '\"}}'"
    cast = text if _is_sqlite() else f"CAST({text} AS JSON)"
    op.execute(
        f"UPDATE case_log SET details = {cast}"  # noqa: S608
        f" WHERE action IN ('start', 'hand_over') AND {handler} IS NOT NULL"
    )


def _new_tables() -> None:
    op.create_table(
        "worker_skill",
        sa.Column("worker_id", sa.String(length=36), nullable=False),
        sa.Column("skill", sa.String(length=40), nullable=False),
        _points_to("worker_skill", "worker_id", "worker"),
        sa.PrimaryKeyConstraint("worker_id", "skill", name=op.f("pk_worker_skill")),
    )
    op.create_table(
        "case_co_handler",
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("worker_id", sa.String(length=36), nullable=False),
        _moment("asked_at", nullable=False),
        _moment("receipted_at"),
        _moment("signed_at"),
        _points_to("case_co_handler", "case_id", "case_file"),
        _points_to("case_co_handler", "worker_id", "worker"),
        sa.PrimaryKeyConstraint("case_id", "worker_id", name=op.f("pk_case_co_handler")),
    )
    op.create_index(op.f("ix_case_co_handler_worker_id"), "case_co_handler", ["worker_id"])
    op.create_table(
        "case_notice",
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("case_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        _moment("at", nullable=False),
        _moment("read_at"),
        sa.Column("id", sa.String(length=36), nullable=False),
        _points_to("case_notice", "account_id", "account"),
        _points_to("case_notice", "case_id", "case_file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_notice")),
    )
    op.create_index("ix_case_notice_account", "case_notice", ["account_id", "at"])
    op.create_index(op.f("ix_case_notice_case_id"), "case_notice", ["case_id"])
