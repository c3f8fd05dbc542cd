"""The pipeline of a dispute as one table: clue, sorting, mediation, follow-up, closed; and reading its log.

A dispute is a case: whoever is something to the case (``Who``) is so to the dispute. The pipeline says no
more than what the workflow of cases doesn't know: the grade, who mediates, how it was settled and held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from gisgrid.cases.core.workflow import Target, Who
from gisgrid.errors import Conflict, say


class DisputeStage(StrEnum):
    """How far a dispute has come."""

    CLUE = "clue"
    SORTED = "sorted"
    MEDIATING = "mediating"
    FOLLOW_UP = "follow_up"
    CLOSED = "closed"
    MERGED = "merged"
    """A clue of the same dispute as another one, which goes on with that."""


class DisputeStep(StrEnum):
    """What can be done with a dispute."""

    NOTE = "note"
    SORT = "sort"
    GRADE = "grade"
    MERGE = "merge"
    ASK = "ask"
    """Ask a mediator."""
    MEET = "meet"
    """A session of mediation has been held."""
    AGREE = "agree"
    FAIL = "fail"
    VISIT = "visit"
    """A follow-up."""
    RESUME = "resume"
    CLOSE = "close"


class DisputeNeed(StrEnum):
    """What a step can't be taken without."""

    TEXT = "text"
    GRADE = "grade"
    OTHER = "into"
    MEDIATOR = "mediator"
    SESSION = "met_at"
    AGREEMENT = "agreement"
    OUTCOME = "outcome"
    CHANNEL = "channel"
    HOLDS = "holds"


class MediationOutcome(StrEnum):
    """How mediation ended."""

    AGREED = "agreed"
    COURT = "court"
    HIGHER = "higher"
    POLICE = "police"
    WITHDRAWN = "withdrawn"


FAILURES: Final = tuple(outcome for outcome in MediationOutcome if outcome is not MediationOutcome.AGREED)


class Grade(StrEnum):
    """How much a dispute weighs; the community names them and says when they are followed up."""

    GENERAL = "general"
    COMPLEX = "complex"
    MAJOR = "major"


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineStep:
    """One line of the table."""

    step: DisputeStep
    sources: tuple[DisputeStage, ...]
    target: DisputeStage | Target
    who: frozenset[Who]
    needs: tuple[DisputeNeed, ...] = ()

    def leads_to(self, source: DisputeStage) -> DisputeStage:
        """The stage after the step."""
        return source if self.target is Target.SAME else DisputeStage(self.target)


_S, _A, _W, _N = DisputeStage, DisputeStep, Who, DisputeNeed
_LEADING: Final = frozenset({_W.STAFF, _W.HEAD})
_MEDIATING: Final = _LEADING | {_W.HANDLER, _W.CO_HANDLER}
_WORKING: Final = _MEDIATING | {_W.MEMBER}

OPEN_STAGES: Final = (_S.CLUE, _S.SORTED, _S.MEDIATING, _S.FOLLOW_UP)
PIPELINE: Final[tuple[PipelineStep, ...]] = (
    PipelineStep(step=_A.NOTE, sources=OPEN_STAGES, target=Target.SAME, who=_WORKING, needs=(_N.TEXT,)),
    PipelineStep(
        step=_A.SORT, sources=(_S.CLUE,), target=_S.SORTED, who=_LEADING | {_W.MEMBER}, needs=(_N.GRADE,)
    ),
    PipelineStep(
        step=_A.GRADE,
        sources=(_S.SORTED, _S.MEDIATING),
        target=Target.SAME,
        who=_LEADING,
        needs=(_N.GRADE,),
    ),
    PipelineStep(
        step=_A.MERGE,
        sources=(_S.CLUE, _S.SORTED),
        target=_S.MERGED,
        who=_LEADING | {_W.MEMBER},
        needs=(_N.OTHER,),
    ),
    PipelineStep(
        step=_A.ASK,
        sources=(_S.SORTED, _S.MEDIATING),
        target=_S.MEDIATING,
        who=_LEADING,
        needs=(_N.MEDIATOR,),
    ),
    PipelineStep(
        step=_A.MEET,
        sources=(_S.MEDIATING,),
        target=Target.SAME,
        who=_MEDIATING,
        needs=(_N.SESSION, _N.TEXT),
    ),
    PipelineStep(
        step=_A.AGREE, sources=(_S.MEDIATING,), target=_S.FOLLOW_UP, who=_MEDIATING, needs=(_N.AGREEMENT,)
    ),
    PipelineStep(
        step=_A.FAIL,
        sources=(_S.SORTED, _S.MEDIATING),
        target=_S.FOLLOW_UP,
        who=_MEDIATING,
        needs=(_N.OUTCOME, _N.TEXT),
    ),
    PipelineStep(
        step=_A.VISIT,
        sources=(_S.FOLLOW_UP,),
        target=Target.SAME,
        who=_WORKING,
        needs=(_N.CHANNEL, _N.HOLDS),
    ),
    PipelineStep(
        step=_A.RESUME,
        sources=(_S.FOLLOW_UP, _S.CLOSED),
        target=_S.MEDIATING,
        who=_LEADING,
        needs=(_N.TEXT,),
    ),
    PipelineStep(step=_A.CLOSE, sources=(_S.FOLLOW_UP,), target=_S.CLOSED, who=_LEADING | {_W.HANDLER}),
)
"""Every allowed step. What isn't in this table can't be done."""


def _by_stage() -> Iterator[tuple[tuple[DisputeStage, DisputeStep], PipelineStep]]:
    for line in PIPELINE:
        for source in line.sources:
            yield (source, line.step), line


STEPS: Final[Mapping[tuple[DisputeStage, DisputeStep], PipelineStep]] = MappingProxyType(dict(_by_stage()))


def pipeline_step(stage: DisputeStage, step: DisputeStep) -> PipelineStep:
    """The line of the table for a step.

    Raises
    ------
    Conflict
        The step isn't allowed at this stage.
    """
    line = STEPS.get((stage, step))
    if line is None:
        raise Conflict(say("this is not done at this stage of a dispute"))
    return line


def allowed_steps(stage: DisputeStage, who: Collection[Who]) -> tuple[DisputeStep, ...]:
    """What somebody may do at a stage, in the table's order."""
    return tuple(line.step for line in PIPELINE if stage in line.sources and not line.who.isdisjoint(who))


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeEvent:
    """A line of the log without its sealed texts: these change nothing of how a dispute stands."""

    step: DisputeStep
    at: datetime
    from_stage: DisputeStage
    to_stage: DisputeStage
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeSnapshot:
    """How a dispute stands. ``planned`` are the days on which it is to be followed up, in their order.

    ``sessions`` and ``follow_ups`` count those since it was last taken up, and a
    closed dispute that is taken up again is asked for anew; ``holds`` is what the last
    follow-up found.
    """

    stage: DisputeStage = DisputeStage.CLUE
    grade: Grade | None = None
    mediator_id: str | None = None
    outcome: MediationOutcome | None = None
    settled_on: date | None = None
    planned: tuple[date, ...] = ()
    sessions: int = 0
    follow_ups: int = 0
    holds: bool | None = None
    merged_into_id: str | None = None

    @property
    def follow_up_on(self) -> date | None:
        """The day of the next follow-up; nothing where none is planned any more."""
        is_left = self.stage is DisputeStage.FOLLOW_UP and self.follow_ups < len(self.planned)
        return self.planned[self.follow_ups] if is_left else None


def applied(before: DisputeSnapshot, event: DisputeEvent) -> DisputeSnapshot:
    """How a dispute stands after an event."""
    change = _CHANGES.get(event.step)
    after = replace(before, stage=event.to_stage)
    return after if change is None else change(after, event)


def _grades(after: DisputeSnapshot, event: DisputeEvent) -> DisputeSnapshot:
    return replace(after, grade=Grade(event.details["grade"]))


def _settles(after: DisputeSnapshot, event: DisputeEvent) -> DisputeSnapshot:
    details = event.details
    return replace(
        after,
        outcome=MediationOutcome(details["outcome"]),
        settled_on=date.fromisoformat(details["settled_on"]),
        planned=tuple(date.fromisoformat(day) for day in details["planned"]),
        follow_ups=0,
        holds=None,
    )


def _visits(after: DisputeSnapshot, event: DisputeEvent) -> DisputeSnapshot:
    return replace(after, follow_ups=after.follow_ups + 1, holds=bool(event.details["holds"]))


def _resumes(after: DisputeSnapshot, event: DisputeEvent) -> DisputeSnapshot:
    mediator = None if event.from_stage is DisputeStage.CLOSED else after.mediator_id
    return DisputeSnapshot(stage=event.to_stage, grade=after.grade, mediator_id=mediator)


_CHANGES: Final[Mapping[DisputeStep, Callable[[DisputeSnapshot, DisputeEvent], DisputeSnapshot]]] = {
    DisputeStep.SORT: _grades,
    DisputeStep.GRADE: _grades,
    DisputeStep.MERGE: lambda after, event: replace(after, merged_into_id=event.details["into"]),
    DisputeStep.ASK: lambda after, event: replace(after, mediator_id=event.details["mediator"]),
    DisputeStep.MEET: lambda after, _event: replace(after, sessions=after.sessions + 1),
    DisputeStep.AGREE: _settles,
    DisputeStep.FAIL: _settles,
    DisputeStep.VISIT: _visits,
    DisputeStep.RESUME: _resumes,
}


def against(snapshot: DisputeSnapshot, step: DisputeStep) -> str | None:
    """Why a step that the table allows can't be taken yet; nothing where it can."""
    if step is DisputeStep.AGREE and not snapshot.sessions:
        return say("an agreement is reached in a session: record the session first")
    if step is DisputeStep.CLOSE:
        if not snapshot.follow_ups:
            return say("a dispute is closed after a follow-up")
        if snapshot.outcome is MediationOutcome.AGREED and snapshot.holds is False:
            return say("the last follow-up found the agreement broken: mediate again")
    return None
