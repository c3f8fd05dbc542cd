"""Records of the fieldwork as they were filled, free of any database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gisgrid.records.core.rules import SubjectKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRecord:
    """One filled form: about the resident, household or building with the key ``of``, by a worker's key.

    ``day`` is the local day of ``filled_at``; ``answers`` are by question. ``corrects`` is the ``key`` of the
    record whose place it takes, with the ``reason``.
    """

    key: str
    form: str
    subject: SubjectKind
    of: str
    worker: str
    day: date
    filled_at: datetime
    answers: Mapping[str, Any]
    corrects: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRound:
    """A round that checks the households of a grid (its code) between two days."""

    grid: str
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork:
    """All records of a community by time, who refused visits (keys of residents), and a round that runs.

    ``idle`` are the households (keys) where nobody has been on duty lately.
    """

    records: tuple[DemoRecord, ...]
    refused: tuple[str, ...]
    idle: frozenset[str]
    checking: RunningRound
