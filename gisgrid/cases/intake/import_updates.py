"""A case that is known already, and what a file says of it now: which of its columns change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from gisgrid.access.masks import tells_less
from gisgrid.cases.core.case_state import Channel, suspended_for
from gisgrid.cases.core.rules import REDACTED, CaseState
from gisgrid.cases.core.workflow import ENDED_STATES, MAIN_FLOW
from gisgrid.cases.deadlines.deadlines import hotline_of, resumed
from gisgrid.cases.deadlines.rule_versions import Books
from gisgrid.cases.deadlines.worktime import Pause
from gisgrid.cases.intake.imported_case import ImportedCase

_A_SECOND: Final = timedelta(seconds=1)
_PROMISED: Final = ("target_at", "time_limit", "limit_version_id", "escalates_at", "escalated")
_DERIVED: Final = (
    *_PROMISED,
    "feedback_channel",
    "feedback_at",
    "suspended_at",
    "suspended_from",
    "suspended_seconds",
)
_END: Final = MAIN_FLOW.index(CaseState.CLOSED)
_BESIDE: Final = {
    CaseState.RETURNED: MAIN_FLOW.index(CaseState.DISPATCHED),
    CaseState.SUSPENDED: MAIN_FLOW.index(CaseState.HANDLING),
    CaseState.REJECTED: _END,
    CaseState.VOID: _END,
    CaseState.RATED: _END,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A known case: what the file says, the row that is stored, and the columns the file would give it."""

    one: ImportedCase
    stored: Any
    values: Mapping[str, Any]
    books: Books

    def changes(self, at: datetime, pauses: Sequence[Pause] = ()) -> dict[str, Any]:
        """The columns that differ, without what the file leaves open and without steps back.

        A deadline put off here stays, and a case opened again here isn't ended by what ended it before. One
        that was suspended here and has gone on there is put off by what that took. ``pauses``: its own.
        """
        wanted = {"category_code", "reported_at"}
        wanted |= {"severity"} if self.one.severity else set()
        wanted |= {"description"} if self._has_more_text("description", self.one.description) else set()
        wanted |= {"due_at"} if self._has_due() and not self._is_put_off() else set()
        wanted |= {"recorded_area"} if self.one.is_place_exact else set()
        wanted |= (
            {"address"} if self.one.is_place_exact and self._says_more("address", self.one.address) else set()
        )
        wanted |= {"reporter_contact"} if self._says_more("reporter_contact", self.one.contact) else set()
        wanted |= {"result"} if self._has_new_result() else set()
        is_further = _rank(self.one.state) > _rank(CaseState(self.stored.state)) and not self._is_answered()
        wanted |= {"state"} if is_further else set()
        if is_further and self.stored.feedback_channel is None:
            wanted |= {"feedback_channel", "feedback_at"}
        is_open = self.stored.closed_at is None and CaseState(self.stored.state) not in ENDED_STATES
        if is_open and not self._is_answered():
            wanted.add("closed_at")
        changes = {
            name: self.values[name]
            for name in wanted
            if not _is_same(getattr(self.stored, name), self.values[name])
        }
        changes |= self._promised(is_due_changed="due_at" in changes)
        if is_further and self.stored.suspended_at is not None:
            changes |= suspended_for(self.stored, until=at)
            changes |= self._put_off(at, pauses) if "due_at" not in changes else {}
        if self._moves():
            moved = ("position", "accuracy_m", "datum", "cell_id", "is_on_border", "near_border_m")
            changes |= {name: self.values[name] for name in moved}
            changes |= {"building_id": self.one.building} if self.one.building else {}
        return changes

    def _says_more(self, name: str, given: str) -> bool:
        """Whether the file has a text that says more than the stored one with parts of it hidden.

        What was taken out for good in either house brings nothing back and takes nothing away.
        """
        stored = getattr(self.stored, name)
        return bool(given) and REDACTED not in (stored, given) and not tells_less(stored, given)

    def _has_more_text(self, name: str, given: str) -> bool:
        """The same of what people wrote, which some lists leave out or give as far as it is public."""
        return self.one.has_whole_texts and self._says_more(name, given)

    def _has_new_result(self) -> bool:
        """Whether the file has a result, and none was written here."""
        is_theirs = self.stored.result is None or self.stored.feedback_channel == Channel.IMPORTED
        return self._has_more_text("result", self.one.result) and is_theirs and not self._is_answered()

    def _has_due(self) -> bool:
        """Whether the file says when it falls due: by a moment, or by a class or a report not known here."""
        if self.one.due_at is not None:
            return True
        is_moved = not _is_same(self.stored.reported_at, self.one.reported_at)
        return self.one.hotline is not None and (is_moved or self._is_class_new())

    def _is_class_new(self) -> bool:
        """Whether the file gives a class of the hotline that isn't the stored one."""
        return self.one.hotline is not None and self.one.hotline != hotline_of(self.stored)

    def _promised(self, *, is_due_changed: bool) -> dict[str, Any]:
        """What is promised besides the deadline; a class that the file leaves open stays."""
        if is_due_changed:
            promised = {name: self.values[name] for name in _PROMISED}
            hotline = hotline_of(self.stored)
            if self.one.hotline is None and hotline is not None:
                promised["time_limit"] = {**promised["time_limit"], "hotline": hotline.value}
            return promised
        if not self._is_class_new():
            return {}
        if self._is_put_off():
            time_limit = {**(self.stored.time_limit or {}), "hotline": self.values["time_limit"]["hotline"]}
            return {"time_limit": time_limit}
        return {name: self.values[name] for name in ("target_at", "time_limit", "limit_version_id")}

    def _put_off(self, at: datetime, pauses: Sequence[Pause]) -> dict[str, Any]:
        """The deadline of a case that goes on; one that ends keeps its own."""
        if self.one.state in ENDED_STATES:
            return {}
        columns = resumed(self.books, self.stored, pauses=pauses, now=at).columns()
        return {name: columns[name] for name in ("due_at", "target_at", "escalates_at", "escalated")}

    def _is_put_off(self) -> bool:
        """Whether the deadline was moved here: extended, put off while suspended, or begun anew."""
        is_extended = bool((self.stored.time_limit or {}).get("extended"))
        return is_extended or self.stored.suspended_seconds > 0 or self.stored.reopened_at is not None

    def _is_answered(self) -> bool:
        """Whether the case was opened again here after the end that the file tells."""
        reopened, ended = self.stored.reopened_at, self.one.closed_at
        return reopened is not None and (ended is None or ended <= reopened)

    def _moves(self) -> bool:
        """Whether the file says another place. An address told again moves nothing put right since."""
        said = self.values["position"]
        if said is None or not self.one.is_place_exact or self.stored.position == said:
            return False
        is_same_address = self.one.building is not None and self.stored.address == self.one.address
        return self.stored.position is None or not is_same_address


def _is_same(stored: Any, given: Any) -> bool:
    """Files tell times in seconds or their thousandths: what is known more exactly is the same."""
    if isinstance(stored, datetime) and isinstance(given, datetime):
        return abs(stored - given) < _A_SECOND
    return bool(stored == given)


def notable_fields(changes: Mapping[str, Any]) -> tuple[str, ...]:
    """The fields of changes that somebody is told of: none that only follow from others."""
    derived = {"datum", "accuracy_m", "cell_id", "is_on_border", "near_border_m", "building_id", *_DERIVED}
    names = {name for name in changes if name not in derived}
    names |= {"hotline_class"} if "time_limit" in changes and "due_at" not in changes else set()
    return tuple(sorted(names))


def _rank(state: CaseState) -> int:
    """How far a case has come."""
    return _BESIDE[state] if state in _BESIDE else MAIN_FLOW.index(state)
