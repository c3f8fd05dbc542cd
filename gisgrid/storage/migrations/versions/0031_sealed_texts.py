"""What people wrote about cases rests sealed: descriptions, results, errands and the texts of every step.

SQLite keeps bytes as they are in a column declared as text, so nothing of its tables changes. PostgreSQL gets
columns of bytes, and tables that are written anew, without rows that still hold what was in the clear.
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from gisgrid.errors import MissingPart

revision = "0031"
down_revision = "0032"
branch_labels = None
depends_on = None

_TEXTS = {
    "case_file": ("fid", ("description", "result", "public_description")),
    "case_errand": ("id", ("text", "result")),
    "case_log": ("id", ("text",)),
}
"""Each table's key and the columns of texts in it."""
_AT_ONCE = 1000


def upgrade() -> None:
    for table, (key, columns) in _TEXTS.items():
        if _is_sqlite():
            _rewrite(table, key, columns, _seal, held=sa.Text(), kept=sa.LargeBinary())
            continue
        # In hex first: the change of type then copies only what is sealed.
        _rewrite(table, key, columns, _seal_in_hex, held=sa.Text(), kept=sa.Text())
        _alter(table, columns, "BYTEA USING decode({column}, 'hex')")


def downgrade() -> None:
    for table, (key, columns) in _TEXTS.items():
        if _is_sqlite():
            _rewrite(table, key, columns, _open, held=sa.LargeBinary(), kept=sa.Text())
            continue
        _alter(table, columns, "TEXT USING encode({column}, 'hex')")
        _rewrite(table, key, columns, _open_hex, held=sa.Text(), kept=sa.Text())


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _alter(table: str, columns: tuple[str, ...], to: str) -> None:
    """Give columns another type in one step: the table is written anew once."""
    changes = (f"ALTER COLUMN {column} TYPE {to.format(column=column)}" for column in columns)
    op.execute(f"ALTER TABLE {table} {', '.join(changes)}")


def _rewrite(
    name: str,
    key: str,
    columns: tuple[str, ...],
    change: Callable[[Any, Any, str], Any],
    *,
    held: sa.types.TypeEngine[Any],
    kept: sa.types.TypeEngine[Any],
) -> None:
    """Change every text of a table, some rows at a time in the order of their keys."""
    bind = op.get_bind()
    reading = sa.table(name, sa.column(key), *(sa.column(column, held) for column in columns))
    texts = [reading.c[column] for column in columns]
    filled = sa.or_(*(text.is_not(None) for text in texts))
    values = {column: sa.bindparam(f"new_{column}", type_=kept) for column in columns}
    write = reading.update().where(reading.c[key] == sa.bindparam("of")).values(values)
    order = sa.select(reading.c[key], *texts).where(filled).order_by(reading.c[key]).limit(_AT_ONCE)
    last = None
    while True:
        after = order if last is None else order.where(reading.c[key] > last)
        rows = bind.execute(after).all()
        if not rows:
            return
        ring = _ring(bind)
        changes = []
        for number, *found in rows:
            fresh = {
                f"new_{column}": None if value is None else change(ring, value, f"{name}.{column}")
                for column, value in zip(columns, found, strict=True)
            }
            changes.append({"of": number, **fresh})
        bind.execute(write, changes)
        last = rows[-1][0]


def _ring(bind: sa.Connection) -> Any:
    """The keys that the database was opened with (`gisgrid.access.keys.encryption`)."""
    keys = getattr(bind.dialect, "gisgrid_keys", None)
    if keys is None:
        raise MissingPart("the database was opened without its key file")
    return keys.ring() if callable(getattr(keys, "ring", None)) else keys


def _seal(ring: Any, text: str, column: str) -> bytes:
    sealed: bytes = ring.encrypt(text, column)
    return sealed


def _seal_in_hex(ring: Any, text: str, column: str) -> str:
    return _seal(ring, text, column).hex()


def _open(ring: Any, sealed: bytes, column: str) -> str:
    text: str = ring.decrypt(bytes(sealed), column)
    return text


def _open_hex(ring: Any, text: str, column: str) -> str:
    return _open(ring, bytes.fromhex(text), column)
