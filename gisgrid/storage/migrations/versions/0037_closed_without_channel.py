"""A case may be closed without a word on how the person served was told: nobody has to say what isn't so."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_TABLE = "case_file"
_BEFORE = (
    "closed_with_feedback",
    (
        "state NOT IN ('closed', 'rated') OR (feedback_channel IS NOT NULL"
        " AND (result IS NOT NULL OR feedback_channel IN ('imported', 'earlier')))"
    ),
)
_AFTER = (
    "closed_with_result",
    (
        "state NOT IN ('closed', 'rated') OR result IS NOT NULL"
        " OR (feedback_channel IS NOT NULL AND feedback_channel IN ('imported', 'earlier'))"
    ),
)


def upgrade() -> None:
    _rule(_BEFORE, _AFTER)


def downgrade() -> None:
    # Before there had to be a channel; "earlier" says that none was noted.
    case = sa.table(_TABLE, *map(sa.column, ("state", "feedback_channel", "feedback_at", "closed_at")))
    untold = sa.and_(case.c.state.in_(("closed", "rated")), case.c.feedback_channel.is_(None))
    told = {"feedback_channel": "earlier", "feedback_at": case.c.closed_at}
    op.execute(case.update().where(untold).values(told))
    _rule(_AFTER, _BEFORE)


def _rule(old: tuple[str, str], new: tuple[str, str]) -> None:
    """Put one check in the place of another.

    SQLite takes no check from a table. Since the rows stay as they are, its text is changed in the schema, as
    SQLite's own documentation of ALTER TABLE says; writing a million cases anew would take minutes.
    """
    names = [op.f(f"ck_{_TABLE}_{name}") for name, _condition in (old, new)]
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(names[0], _TABLE, type_="check")
        op.create_check_constraint(names[1], _TABLE, new[1])
        return
    connection = op.get_bind()
    texts = [
        f"CONSTRAINT {name} CHECK ({rule})" for name, (_name, rule) in zip(names, (old, new), strict=True)
    ]
    version = connection.scalar(sa.text("PRAGMA schema_version"))
    op.execute("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :old, :new)"
            " WHERE type = 'table' AND name = :table AND instr(sql, :old)"
        ),
        {"old": texts[0], "new": texts[1], "table": _TABLE},
    ).rowcount
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
    if changed != 1:
        raise RuntimeError(f"the table {_TABLE} has no check that reads: {texts[0]}")
