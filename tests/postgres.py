"""A PostGIS cluster of the tests' own: started on a free port, shared by all workers, stopped by the last."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from filelock import FileLock
from sqlalchemy import Engine

from gisgrid.access.installation import Installation
from gisgrid.storage.base import Base

SHARED = Path(tempfile.gettempdir())
_WRITTEN = """SELECT relname, pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND pg_relation_size(oid) > 0"""
"""Tables that anything was put into since they were truncated."""
_DRAWN = "INSERT INTO installation SELECT 'TESTHAUS22' WHERE NOT EXISTS (SELECT 1 FROM installation)"
"""An id of the installation, where a test took away all tables' rows."""
_LARGE = 4_000_000
"""Bytes of all tables from which on they are truncated."""


def binaries() -> Path | None:
    """The newest PostgreSQL of Debian's packages that has PostGIS, or nothing."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    with_postgis = [
        path.parent
        for path in found
        if list(Path(f"/usr/share/postgresql/{path.parts[-3]}/extension").glob("postgis.control"))
    ]
    return with_postgis[-1] if with_postgis else None


def _as_postgres() -> dict[str, Any]:
    """PostgreSQL refuses to run as root, so root hands over to Debian's postgres account."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start() -> dict[str, Any]:
    tools = binaries()
    assert tools is not None, "PostGIS is missing: install postgresql and postgresql-postgis"
    folder = Path(tempfile.mkdtemp(prefix="gisgrid-postgis-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    cluster, port = folder / "cluster", _free_port()
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "cwd": "/", **_as_postgres()}
    init = ["--no-sync", "-A", "trust", "-U", "gisgrid", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(cluster)]
    subprocess.run([str(tools / "initdb"), *init], check=True, **quiet)
    options = (
        f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        " -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
        " -c shared_preload_libraries=postgis-3"  # loaded once, and not by every connection
    )
    log = str(folder / "log")
    start = ["-w", "-D", str(cluster), "-l", log, "-o", options, "start"]
    subprocess.run([str(tools / "pg_ctl"), *start], check=True, **quiet)
    return {"folder": str(folder), "port": port, "uses": 0}


def _stop(state: dict[str, Any]) -> None:
    tools = binaries()
    assert tools is not None
    cluster = Path(state["folder"]) / "cluster"
    command = [str(tools / "pg_ctl"), "-D", str(cluster), "-m", "immediate", "stop"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", **_as_postgres())
    shutil.rmtree(state["folder"])


@contextmanager
def cluster(run: str) -> Iterator[int]:
    """The port of the run's cluster; counts its users so that the last one stops it."""
    record, lock = SHARED / f"gisgrid-postgis-{run}.json", FileLock(SHARED / f"gisgrid-postgis-{run}.lock")
    with lock:
        state = json.loads(record.read_text()) if record.exists() else _start()
        state["uses"] += 1
        record.write_text(json.dumps(state))
    try:
        yield int(state["port"])
    finally:
        with lock:
            state = json.loads(record.read_text())
            state["uses"] -= 1
            record.write_text(json.dumps(state))
            if state["uses"] == 0:
                _stop(state)
                record.unlink()
        Path(lock.lock_file).unlink(missing_ok=True)


def empty(engine: Engine) -> None:
    """Take all rows out of all tables but the id of the installation, which a revision drew.

    Rows are deleted unless they are many: truncating gives each table and each that refers to it new files,
    which takes ten times as long as the few rows of a test.
    """
    with engine.begin() as connection:
        connection.exec_driver_sql("RESET ALL; SELECT pg_advisory_unlock_all()")
        ours = {table.name for table in Base.metadata.sorted_tables} - {Installation.__tablename__}
        written = {name: size for name, size in connection.execute(sa.text(_WRITTEN)) if name in ours}
        # Neither references nor the triggers of tables that only grow are asked.
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        if sum(written.values()) > _LARGE:
            connection.exec_driver_sql(f"TRUNCATE {', '.join(sorted(written))} CASCADE")
        elif written:
            deletions = [f"DELETE FROM {name}" for name in sorted(written)]  # noqa: S608 - names of tables
            connection.exec_driver_sql(";".join(deletions))
        connection.exec_driver_sql(_DRAWN)
