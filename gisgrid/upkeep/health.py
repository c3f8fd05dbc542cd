"""Whether an installation is well: database, revision, room on the disk, the last backup, what waits."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.models import AuditEntry
from gisgrid.redraw.proposals.models import JobState, ProposalJob
from gisgrid.storage.dialect import bytes_of_database, versions_of
from gisgrid.storage.migrate import newest, revision_of
from gisgrid.upkeep.names import BACKUP

BACKUP_AGE: Final = timedelta(hours=26)
"""A nightly backup that is older than this was missed."""
LEAST_FREE_BYTES: Final = 2 * 1024**3
"""Less room than this on a disk is said in red."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What an administrator looks at in the morning. Sizes in bytes; ``disk`` is where the files lie."""

    database: str
    size: int
    revision: str | None
    newest: str
    free: int
    disk: int
    backed_up_at: datetime | None
    is_backup_old: bool
    waiting: int
    running: int

    @property
    def is_current(self) -> bool:
        """Whether the tables are those of this version."""
        return self.revision == self.newest

    @property
    def is_disk_low(self) -> bool:
        """Whether room runs out."""
        return self.free < LEAST_FREE_BYTES


def inspect_installation(session: Session, actor: Actor, folder: Path, *, now: datetime) -> Health:
    """How the installation is whose files lie in ``folder``.

    Raises
    ------
    NotAllowed
        The actor does not look after it.
    """
    require(actor, Action.DATABASE_WATCH)
    connection = session.connection()
    backed_up = session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == BACKUP))
    waits = ProposalJob.state.in_([JobState.QUEUED, JobState.RUNNING])
    counted = select(ProposalJob.state, func.count()).where(waits).group_by(ProposalJob.state)
    states = {row[0]: row[1] for row in session.execute(counted)}
    disk = shutil.disk_usage(next(place for place in (folder, *folder.parents) if place.exists()))
    return Health(
        database=versions_of(connection),
        size=bytes_of_database(connection),
        revision=revision_of(connection),
        newest=newest(),
        free=disk.free,
        disk=disk.total,
        backed_up_at=backed_up,
        is_backup_old=backed_up is None or now - backed_up > BACKUP_AGE,
        waiting=states.get(JobState.QUEUED, 0),
        running=states.get(JobState.RUNNING, 0),
    )
