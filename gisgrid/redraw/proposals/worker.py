"""Works on one proposal: says how far it is, stops when nobody wants it any more, keeps the result."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, select, update

from gisgrid.errors import DatabaseBusy, InvalidInput, say
from gisgrid.redraw.proposals.models import JobState, ProposalJob
from gisgrid.redraw.proposals.solver import solved
from gisgrid.redraw.proposals.task import unpacked
from gisgrid.storage.engine import Database

BEAT_S: Final = 0.5
"""Progress is written at most so often."""
_TRIES: Final = 6
Seconds = Callable[[], float]


def work(database: Database, job_id: str, *, seconds: Seconds = time.monotonic) -> None:
    """Work on a proposal that was marked as running; whatever happens, it doesn't stay so."""
    with database.read() as session:
        row = session.execute(
            select(ProposalJob.task, ProposalJob.started_at).where(
                ProposalJob.id == job_id, ProposalJob.state == JobState.RUNNING
            )
        ).first()
    if row is None or row.started_at is None:
        return
    pulse = _Pulse(database, job_id, begun=row.started_at, seconds=seconds)
    ended = _ended(JobState.FAILED, failure=say("something went wrong while working on it: ask again"))
    try:
        ended = _outcome(row, pulse)
    finally:
        pulse.end(ended)


def _outcome(row: Row[bytes, datetime | None], pulse: _Pulse) -> dict[str, Any]:
    try:
        result = solved(unpacked(row.task), progress=pulse.progress, cancelled=pulse.is_over)
    except InvalidInput as refused:
        return _ended(JobState.FAILED, failure=refused.faults[0].message)
    return {} if result is None else _ended(JobState.DONE, result=result)


def _ended(state: JobState, *, failure: str | None = None, result: Any = None) -> dict[str, Any]:
    sentence = None
    if failure is not None:
        values = dict(getattr(failure, "values", {}))
        sentence = {"template": getattr(failure, "template", failure), "values": values}
    return {"state": state, "failure": sentence, "result": result, "progress": 1.0}


@dataclass(slots=True)
class _Pulse:
    """Tells the database that the work goes on, and hears whether it is still wanted.

    The clock is that of whoever started the work, going on by the seconds since.
    """

    database: Database
    job_id: str
    begun: datetime
    seconds: Seconds
    share: float = 0.0
    over: bool = False
    since: float = field(init=False)
    last: float = field(init=False)

    def __post_init__(self) -> None:
        self.since = self.seconds()
        self.last = self.since - BEAT_S

    def progress(self, share: float) -> None:
        """Take note of the share that is done."""
        self.share = share

    def is_over(self) -> bool:
        """Whether the work is not wanted any more; asked for at most twice a second."""
        if not self.over and self.seconds() - self.last >= BEAT_S:
            self.last = self.seconds()
            with contextlib.suppress(DatabaseBusy):  # the next beat will do
                self.over = not self._write({"progress": self.share, "heartbeat": self._now()})
        return self.over

    def end(self, values: dict[str, Any]) -> None:
        """Keep what came of it, unless it was cancelled meanwhile."""
        for _ in range(_TRIES):
            if not values:
                return
            with contextlib.suppress(DatabaseBusy):
                self._write({**values, "heartbeat": self._now()})
                return

    def _now(self) -> datetime:
        return self.begun + timedelta(seconds=self.seconds() - self.since)

    def _write(self, values: dict[str, Any]) -> bool:
        """Whether the proposal was still being worked on."""
        statement = (
            update(ProposalJob)
            .where(ProposalJob.id == self.job_id, ProposalJob.state == JobState.RUNNING)
            .values(**values)
            .returning(ProposalJob.id)
        )
        with self.database.write() as session:
            return session.execute(statement).first() is not None
