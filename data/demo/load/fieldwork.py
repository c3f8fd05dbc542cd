"""Records of the demo: inserted as the service would keep them, with the marks that the forms work out.

The service takes what is filled now; of a year ago it would keep the day of receipt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from data.demo.fieldwork.elder_visits import FORM as ELDER_VISIT
from data.demo.fieldwork.records import DemoRecord
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from gisgrid.errors import MissingPart
from gisgrid.forms.answers.checks import CheckedAnswers, check_answers
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_from_json
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import MARK_MET, SubjectKind, VersionState
from gisgrid.records.core.subjects import subject_columns
from gisgrid.records.entries.inputs import RecordInput, digest_of

_TABLES = {
    SubjectKind.PERSON: "resident",
    SubjectKind.HOUSEHOLD: "household",
    SubjectKind.BUILDING: "building",
}


def load_fieldwork(loading: Loading, demo: DemoCommunity) -> None:
    """Every record with the cell of its subject.

    Raises
    ------
    MissingPart
        The forms that come with the program aren't installed.
    """
    forms = _forms(loading)
    loading.new("record", [row.key for row in demo.fieldwork.records])
    accounts = {account.worker: account.name for account in demo.accounts if account.worker}
    cells = _cells(loading, demo)
    checks = _Checks(forms, refused={(ELDER_VISIT, person) for person in demo.fieldwork.refused})
    rows = [
        _row(loading, record, forms[record.form].version, checks.of(record))
        | {
            "cell_id": cells[record.subject, record.of],
            "author_account_id": loading.id_of("account", accounts.get(record.worker)),
        }
        for record in demo.fieldwork.records
    ]
    loading.add(Record, rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _DemoForm:
    version: str
    tree: FormTree


class _Checks:
    """What a form makes of answers; most visits of one day find the same, and it is worked out once."""

    def __init__(self, forms: Mapping[str, _DemoForm], *, refused: AbstractSet[tuple[str, str]]) -> None:
        self._forms, self._refused = forms, refused
        self._known: dict[tuple[object, ...], CheckedAnswers] = {}

    def of(self, record: DemoRecord) -> CheckedAnswers:
        is_granted = (record.form, record.of) not in self._refused
        key = (record.form, record.day, is_granted, _json(record.answers))
        if key not in self._known:
            tree = self._forms[record.form].tree
            self._known[key] = check_answers(
                tree, record.answers, today=record.day, is_granted=is_granted, language="zh"
            )
        return self._known[key]


def _forms(loading: Loading) -> dict[str, _DemoForm]:
    statement = (
        select(FieldForm.code, FormVersion.id, FormVersion.tree)
        .join(FieldForm, FieldForm.id == FormVersion.form_id)
        .where(FieldForm.owner_area_id.is_(None), FormVersion.state == VersionState.PUBLISHED)
    )
    rows = loading.session.execute(statement).all()
    if not rows:
        raise MissingPart("the forms that come with the program are missing: run gisgrid db upgrade first")
    return {row.code: _DemoForm(version=row.id, tree=form_from_json(row.tree)) for row in rows}


def _cells(loading: Loading, demo: DemoCommunity) -> dict[tuple[SubjectKind, str], str]:
    buildings = {building.key: loading.ids["cell"][building.cell] for building in demo.buildings}
    homes = {home.key: buildings[home.building] for home in demo.households}
    people = {person.key: homes[person.household] for person in demo.residents}
    kinds = {SubjectKind.BUILDING: buildings, SubjectKind.HOUSEHOLD: homes, SubjectKind.PERSON: people}
    return {(kind, key): cell for kind, cells in kinds.items() for key, cell in cells.items()}


def _row(loading: Loading, record: DemoRecord, version: str, checked: CheckedAnswers) -> dict[str, Any]:
    sent = _sent(loading, record, version)
    return {
        "id": sent.id,
        **subject_columns(sent.subject, sent.subject_id),
        "form_version_id": version,
        "form_code": record.form,
        "community_id": loading.community_id,
        "day": record.day,
        "filled_at": record.filled_at,
        "received_at": record.filled_at,
        "author_worker_id": loading.ids["worker"][record.worker],
        "corrects_id": loading.id_of("record", record.corrects),
        "reason": record.reason,
        "answers": _json(checked.answers),
        "marks": _json(checked.marks),
        "sent": digest_of(sent, record.reason),
        "met": checked.marks.get(MARK_MET),
    }


def _sent(loading: Loading, record: DemoRecord, version: str) -> RecordInput:
    return RecordInput(
        id=loading.ids["record"][record.key],
        version_id=version,
        subject=record.subject,
        subject_id=loading.ids[_TABLES[record.subject]][record.of],
        day=record.day,
        filled_at=record.filled_at,
        answers=record.answers,
    )


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
