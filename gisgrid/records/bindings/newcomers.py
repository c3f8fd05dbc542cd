"""People whom a household's form tells of and the register lacks: added before they are noted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select

from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput
from gisgrid.forms.answers.state import ROW_ID
from gisgrid.forms.tree import FormTree, text_in
from gisgrid.people.core.models import Resident
from gisgrid.people.edits.persons import NewPerson, add_person
from gisgrid.places.models import Household
from gisgrid.records.bindings.questions import bindings_of, people_repeats

_NEEDED: Final = frozenset({"person.birth_date", "person.residence_status"})
_TAKEN: Final = (*sorted(_NEEDED), "person.name", "person.sex", "person.phone")


def add_newcomers(
    view: View, tree: FormTree, household: Household, answers: Mapping[str, Any], *, now: datetime
) -> frozenset[str]:
    """Add the people of rows whose id nobody has yet and who are told with what a new entry needs; their ids.

    A row that tells less is left to who divides the rows: it is about nobody of this household.

    Raises
    ------
    InvalidInput
        Somebody can't be added so: every fault, with the path of its question.
    Conflict
        The id is that of somebody elsewhere.
    """
    added: set[str] = set()
    faults: list[Fault] = []
    for place, row in _unknown_rows(view, tree, answers):
        questions = _questions(tree, place)
        values = {code: row[name] for code in _TAKEN if (name := questions.get(code, "")) in row}
        if not set(values) >= _NEEDED:
            continue
        new = _person(str(row[ROW_ID]), values)
        try:
            add_person(view, household.id, new, reason=text_in(tree.title, "zh") or tree.code, now=now)
            added.add(new.id)
        except InvalidInput as error:
            faults += (_at_question(fault, place, questions) for fault in error.faults)
    if faults:
        raise InvalidInput(faults)
    return frozenset(added)


def _person(person_id: str, values: Mapping[str, Any]) -> NewPerson:
    columns = {code.removeprefix("person."): value for code, value in values.items()}
    return NewPerson(id=person_id, **columns)


def _unknown_rows(
    view: View, tree: FormTree, answers: Mapping[str, Any]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    rows = [
        (f"{name}[{index}]", row)
        for name in people_repeats(tree)
        for index, row in enumerate(answers.get(name, []))
        if row.get(ROW_ID)
    ]
    ids = [str(row[ROW_ID]) for _place, row in rows]
    known = set(view.session.scalars(select(Resident.id).where(Resident.id.in_(ids))))
    yield from ((place, row) for place, row in rows if row[ROW_ID] not in known)


def _questions(tree: FormTree, place: str) -> dict[str, str]:
    """The questions of a repeat's row by the field they stand for."""
    repeat = place.partition("[")[0]
    return {
        binding.field.code: binding.question.name for binding in bindings_of(tree) if binding.repeat == repeat
    }


def _at_question(fault: Fault, place: str, questions: Mapping[str, str]) -> Fault:
    name = questions.get(fault.field or "", ROW_ID if fault.field == "id" else fault.field or "")
    return Fault(message=fault.message, field=f"answers.{place}.{name}")
