"""Processes of their own for proposals: as many at once as a machine can bear, the others wait."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import URL, select
from sqlalchemy.orm import Session

from gisgrid.processes import start_module
from gisgrid.redraw.proposals.jobs import ACTIVE, SILENCE
from gisgrid.redraw.proposals.models import JobState, ProposalJob
from gisgrid.storage.engine import Database

AT_ONCE: Final = 2
"""So many proposals are worked out at once on one machine: each keeps a core busy."""
Launch = Callable[[str, URL], object]


def start_waiting(database: Database, *, now: datetime, launch: Launch | None = None) -> list[str]:
    """Start what waits, the oldest first, as far as there is room; gives the ids of what was started.

    Called whenever somebody asks for a proposal or after one that waits, by any process of the server.
    """
    with database.write() as session:
        started = claimed(session, host=socket.gethostname(), now=now)
    for job_id in started:
        (launch or in_a_process)(job_id, database.engine.url)
    return started


def claimed(session: Session, *, host: str, now: datetime) -> list[str]:
    """Mark waiting proposals as running where there is room; gives their ids.

    All that wait or run are locked first, so that two processes of the server don't both see room.
    """
    jobs = session.scalars(
        select(ProposalJob).where(ProposalJob.state.in_(ACTIVE)).order_by(ProposalJob.id).with_for_update()
    ).all()
    alive = [job for job in jobs if _is_alive(job, host=host, now=now)]
    waiting = [job for job in jobs if job.state == JobState.QUEUED]
    chosen = waiting[: max(0, AT_ONCE - len(alive))]
    for job in chosen:
        job.state, job.host = JobState.RUNNING, host
        job.started_at = job.heartbeat = now
    session.flush()
    return [job.id for job in chosen]


def _is_alive(job: ProposalJob, *, host: str, now: datetime) -> bool:
    runs_here = job.state == JobState.RUNNING and job.host == host
    return runs_here and job.heartbeat is not None and job.heartbeat >= now - SILENCE


def in_a_process(job_id: str, url: URL) -> subprocess.Popen[bytes]:
    """Work on a proposal in a process of its own."""
    said = {"job": job_id, "database": url.render_as_string(hide_password=False)}
    return start_module("gisgrid.redraw.proposals", said)
