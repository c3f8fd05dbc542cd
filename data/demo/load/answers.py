"""What the demo's people answered: about being registered, and for every phone, need and visit that is shown.

A household answers for being registered and being called; a person for visits and sensitive needs. Where
the register stands on a duty by law, so do visits and needs; being called never does. All 21,000 are
inserted: the service asks, writes and audits each by itself, which would take longer than all else
together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from data.demo.fieldwork.elder_visits import FORM as ELDER_VISIT
from data.demo.load.ids import Loading
from data.demo.personas.records import DemoConsent as Answer
from data.demo.records import DemoCommunity
from gisgrid.people.core.models import Consent
from gisgrid.people.core.purposes import BUILT_IN, VISIT_NEEDS, Purpose
from gisgrid.people.core.rules import ConsentStatus
from gisgrid.storage.base import new_id

_SHOWN: Final = (Purpose.ELDER_VISITS, Purpose.SENSITIVE_NEEDS)


def load_answers(loading: Loading, demo: DemoCommunity) -> None:
    """Every answer, asked by who asked for the register, when that was."""
    registered = {answer.household: answer for answer in demo.consents}
    rows = [_row(loading, answer) for answer in demo.consents]
    rows += [_row(loading, answer) for answer in _calls(demo, registered)]
    rows += [_row(loading, answer) for answer in _notes(demo, registered)]
    rows += [_row(loading, answer, resident=resident) for resident, answer in _of_persons(demo, registered)]
    rows += [_row(loading, answer, resident=resident) for resident, answer in _refusals(demo, registered)]
    loading.add(Consent, rows)


def _calls(demo: DemoCommunity, registered: dict[str, Answer]) -> Iterator[Answer]:
    """Each household with a phone has agreed to be called."""
    for home in dict.fromkeys(person.household for person in demo.residents if person.phone):
        yield replace(registered[home], purpose=Purpose.CONTACT, status=ConsentStatus.GRANTED)


def _notes(demo: DemoCommunity, registered: dict[str, Answer]) -> Iterator[Answer]:
    """Each household that was visited in five steps has agreed to what is noted."""
    for home in dict.fromkeys(record.of for record in demo.fieldwork.records if record.form == "visit5"):
        yield replace(
            registered[home],
            purpose=Purpose.VISIT_NOTES,
            status=ConsentStatus.GRANTED,
            text_version=BUILT_IN[Purpose.VISIT_NOTES].version,
        )


def _refusals(demo: DemoCommunity, registered: dict[str, Answer]) -> Iterator[tuple[str, Answer]]:
    """Elders who want no visits; somebody asked them when their household was."""
    homes = {person.key: person.household for person in demo.residents}
    for person in demo.fieldwork.refused:
        answer = registered[homes[person]]
        yield person, replace(answer, purpose=Purpose.ELDER_VISITS, status=ConsentStatus.REFUSED)


def _of_persons(demo: DemoCommunity, registered: dict[str, Answer]) -> Iterator[tuple[str, Answer]]:
    """Answers of persons about what is shown of them: their needs, and who visits them."""
    homes = {person.key: person.household for person in demo.residents}
    visits = {need.resident for need in demo.needs if need.kind in VISIT_NEEDS}
    visits |= {visitor.resident for visitor in demo.visitors}
    visits |= {record.of for record in demo.fieldwork.records if record.form == ELDER_VISIT}
    visits -= set(demo.fieldwork.refused)
    needs = {need.resident for need in demo.needs if need.kind not in VISIT_NEEDS}
    for purpose, people in zip(_SHOWN, (visits, needs), strict=True):
        for person in sorted(people):
            answer = registered[homes[person]]
            yield person, replace(answer, purpose=purpose)


def _row(loading: Loading, answer: Answer, *, resident: str | None = None) -> dict[str, Any]:
    return {
        "id": new_id(),
        "household_id": None if resident else loading.ids["household"][answer.household],
        "resident_id": loading.id_of("resident", resident),
        "purpose": answer.purpose,
        "status": answer.status,
        "text_version": answer.text_version,
        "asked_at": answer.asked_at,
        "asked_by": loading.ids["worker"][answer.asked_by],
    }
