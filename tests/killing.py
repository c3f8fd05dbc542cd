"""A process that publishes a plan, to be killed while it does."""

from __future__ import annotations

import multiprocessing
from contextlib import suppress
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

import sqlalchemy as sa

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from gisgrid.access.actors import Actor
from gisgrid.access.keys.encryption import KeyRing, open_database
from gisgrid.areas.view import Caches, ViewRequest, open_view
from gisgrid.redraw.publication import publish
from tests.world import TZ

PATIENCE_S: Final = 60


def publish_here(said: Connection, url: str, actor: Actor, keys: KeyRing, plan: str, at: datetime) -> None:
    """Publish a plan; says when it begins, and when the transaction has ended."""
    database = open_database(sa.make_url(url), keys)
    caches = Caches()
    with database.write() as session:
        view = open_view(session, actor, ViewRequest(community="C1"), caches=caches, now=at, tz=TZ)
        said.send("begins")
        publish(view, plan, "killed perhaps", caches=caches, now=at)
    said.send("done")


class Publisher:
    """Starts such processes, each from one that has imported everything and opened nothing."""

    def __init__(self, url: str, actor: Actor, keys: KeyRing) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload([__name__])
        self.url, self.actor, self.keys = url, actor, keys

    def begin(self, plan: str, at: datetime) -> tuple[BaseProcess, Connection]:
        """A process that is about to publish a plan."""
        ours, theirs = self.context.Pipe(duplex=False)
        arguments = (theirs, self.url, self.actor, self.keys, plan, at)
        process = self.context.Process(target=publish_here, args=arguments, daemon=True)
        process.start()
        theirs.close()
        assert ours.poll(PATIENCE_S), "it never began"
        assert ours.recv() == "begins"
        return process, ours


def kill(process: BaseProcess) -> None:
    """End a process without a chance to tidy up, unless it has ended by itself."""
    with suppress(ProcessLookupError):
        process.kill()
    process.join(PATIENCE_S)
