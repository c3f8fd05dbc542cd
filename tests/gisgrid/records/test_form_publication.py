"""Forms are drafted by staff, published by a head, and never changed from then on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from sqlalchemy import select

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.forms.tree import FormSettings, FormTree, Question
from gisgrid.records.core.form_models import FormVersion
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.versions import is_taken_still
from gisgrid.records.prefill.queries import prefill
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile, discard_draft, draft_form
from gisgrid.records.publication.queries import list_forms, open_form, versions_of, workbook_of
from gisgrid.records.publication.release import publish_form, retire_version
from gisgrid.storage.engine import Database
from tests import world

EVERY = frozenset({Role.HEAD, Role.STAFF, Role.LOCAL})
MAY: Final = {
    Action.FORMS_VIEW: EVERY | {Role.ADMIN, Role.MEMBER, Role.GRID_LEADER, Role.STEWARD, Role.LEADER},
    Action.FORMS_DRAFT: EVERY,
    Action.FORMS_PUBLISH: {Role.HEAD, Role.LOCAL},
    Action.RECORDS_WRITE: EVERY | {Role.MEMBER, Role.GRID_LEADER, Role.STEWARD},
    Action.RECORDS_VIEW: EVERY | {Role.MEMBER, Role.GRID_LEADER, Role.STEWARD, Role.RESIDENT},
    Action.RECORDS_CORRECT: EVERY | {Role.MEMBER, Role.GRID_LEADER, Role.STEWARD},
    Action.RECORDS_REDACT: {Role.HEAD, Role.LOCAL},
    Action.OUTWARD_APPROVE: {Role.HEAD, Role.STAFF, Role.LOCAL},
    Action.OUTWARD_KEEP: {Role.HEAD, Role.STAFF, Role.LOCAL},
}
PATROL = FormTree(
    code="patrol",
    title={"zh": "巡查"},
    languages=("zh",),
    settings=FormSettings(subject="building", duties=("grid_leader",)),
    items=(Question(name="state", type="text", label={"zh": "情况"}),),
)
VISIT = replace(PATROL, code="visit", settings=FormSettings(subject="person", purpose="elder_visits"))


def file(tree: FormTree, workbook: bytes = b"one") -> FormFile:
    return FormFile(tree=tree, workbook=workbook)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", MAY)
def test_each_role_has_the_rights_of_the_table(action: Action, role: Role) -> None:
    assert (role in RIGHTS[action]) == (role in MAY[action])


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        (replace(VISIT, settings=FormSettings(subject="person")), "purpose"),
        (replace(VISIT, settings=FormSettings(subject="person", purpose="advertising")), "purpose"),
        (replace(VISIT, settings=FormSettings(subject="person", purpose="sensitive_needs")), "legal_basis"),
        (replace(PATROL, settings=FormSettings(subject="worker")), "subject"),
    ],
)
def test_a_form_names_what_personal_data_are_for(
    database: Database, now: datetime, tree: FormTree, field: str
) -> None:
    with database.write() as session:
        view = world.found(session).view(session, now=now)
        with pytest.raises(InvalidInput) as refused:
            draft_form(view, file(tree), now=now)
    assert [fault.field for fault in refused.value.faults] == [field]


def test_a_draft_is_published_by_another_where_it_holds_personal_data(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        staff, head, other = (
            made.view(session, world.add_actor(session, made, role, "C1"), now=now)
            for role in (Role.STAFF, Role.HEAD, Role.HEAD)
        )
        draft_form(head, file(VISIT), now=now)
        with pytest.raises(Conflict, match="somebody else"):
            publish_form(head, "visit", 1, now=now)
        with pytest.raises(NotAllowed):
            publish_form(staff, "visit", 1, now=now)
        publish_form(other, "visit", 1, now=now)
        with pytest.raises(Conflict, match="before"):
            publish_form(other, "visit", 1, now=now)
        draft_form(head, file(PATROL), now=now)
        publish_form(head, "patrol", 1, now=now)
        assert {row["code"]: row["version"] for row in list_forms(staff)} == {"patrol": 1, "visit": 1}


def test_a_newer_version_retires_the_older_which_is_taken_for_a_month(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        made = world.found(session)
        head = made.view(session, world.add_actor(session, made, Role.HEAD, "C1"), now=now)
        for number in (1, 2):
            draft_form(head, file(PATROL, b"%d" % number), now=now)
            publish_form(head, "patrol", number, now=now)
        draft_form(head, file(PATROL, b"3"), now=now)
        draft_form(head, file(PATROL, b"4"), now=now)
        states = [(row["number"], row["state"]) for row in versions_of(head, "patrol")]
        assert states == [(3, "draft"), (2, "published"), (1, "retired")]
        assert workbook_of(head, "patrol", 3) == b"4"
        assert open_form(head, "patrol")["version"] == 2
        first = session.scalars(select(FormVersion).where(FormVersion.number == 1)).one()
        for days, is_taken in ((31, True), (32, False)):
            assert is_taken_still(first, now=now + timedelta(days=days)) == is_taken
        discard_draft(head, "patrol", 3, now=now)
        with pytest.raises(Conflict, match="kept"):
            discard_draft(head, "patrol", 2, now=now)
        retire_version(head, "patrol", 2, now=now)
        assert [(row["version"], row["draft"]) for row in list_forms(head)] == [(None, None)]
        with pytest.raises(NotFound):
            open_form(head, "patrol")


def test_built_in_forms_are_installed_once_and_stay(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        head = made.view(session, world.add_actor(session, made, Role.HEAD, "C1"), now=now)

        def install(*workbooks: bytes) -> int:
            return install_forms(session, made.actor, [file(VISIT, book) for book in workbooks], now=now)

        assert [install(b"one"), install(b"one"), install(b"two")] == [1, 0, 1]
        assert [row["state"] for row in versions_of(head, "visit")] == ["published", "retired"]
        changes: list[Callable[[View], object]] = [
            lambda view: draft_form(view, file(VISIT), now=now),
            lambda view: retire_version(view, "visit", 2, now=now),
        ]
        for change in changes:
            with pytest.raises(Conflict, match="built-in"):
                change(head)


def test_who_fills_by_duty_learns_of_those_forms_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        install_forms(session, made.actor, [file(VISIT), file(PATROL)], now=now)

        def fills(role: Role) -> dict[str, bool]:
            view = made.view(session, world.add_actor(session, made, role, "G1"), now=now)
            return {row["code"]: row["may_fill"] for row in list_forms(view)}

        assert fills(Role.MEMBER) == {"patrol": False, "visit": True}
        assert fills(Role.GRID_LEADER) == {"patrol": True}
        assert fills(Role.STEWARD) == {}
        assert fills(Role.LEADER) == {"patrol": False, "visit": False}
        with pytest.raises(NotAllowed):
            fills(Role.RESIDENT)


def test_a_steward_fills_forms_about_buildings_alone(database: Database, now: datetime) -> None:
    duties = ("grid_leader", "building_steward")
    trees = [
        replace(PATROL, code=subject, settings=FormSettings(subject=subject, duties=duties))
        for subject in ("building", "facility", "area", "community")
    ]
    with database.write() as session:
        made = world.found(session)
        install_forms(session, made.actor, [file(tree) for tree in trees], now=now)
        view = made.view(session, world.add_actor(session, made, Role.STEWARD), now=now)
        assert [row["code"] for row in list_forms(view) if row["may_fill"]] == ["building"]
        with pytest.raises(NotAllowed, match="their own buildings"):
            prefill(view, SubjectKind.FACILITY, "any", "facility", now=now)
        leader = made.view(session, world.add_actor(session, made, Role.GRID_LEADER, "G1"), now=now)
        assert len(list_forms(leader)) == len(trees)
