"""Free text of a case is taken out for good by a head, in every place where it stands."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.erasures import read_erased
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.models import Case, CaseLog
from gisgrid.cases.core.rules import REDACTED
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import case_card
from gisgrid.cases.redaction import redact, redactable
from gisgrid.errors import InvalidInput, NotAllowed, NotFound
from gisgrid.storage.engine import Database
from tests import world
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ


def _case(session: Session, made: world.World, now: datetime, contact: str | None = None) -> str:
    command = ReportCase(
        lon=LON + STEP / 2,
        lat=LAT + STEP / 2,
        category="garbage",
        description="示例甲倒垃圾",
        contact=contact,
    )
    kept = report(session, made.actor, command, caches=made.caches, now=now, tz=TZ)
    close(made.view(session, now=now), kept.case.id, "示例甲已清理", now=now)
    return kept.case.id


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        (["description"], {"示例甲已清理"}),
        (["result"], {"示例甲倒垃圾"}),
        (["notes"], {"示例甲倒垃圾", "示例甲已清理"}),
        (["description", "result", "notes"], set()),
    ],
)
def test_a_text_is_gone_wherever_it_stood(
    database: Database, now: datetime, tmp_path: Path, texts: list[str], left: set[str]
) -> None:
    erasures = tmp_path / "erasures.jsonl"
    with database.write() as session:
        made = world.found(session)
        case_id = _case(session, made, now)
        head = made.view(session, world.add_actor(session, made, Role.HEAD, "C1"), now=now)
        assert redactable(head, case_id).id == case_id
        redact(head, case_id, texts, erasures=erasures, now=now)
        card = case_card(head, case_id, now=now)
        said = {card["description"], card["result"]} | {step["text"] for step in card["log"]}
        assert said - {None, REDACTED} == left
        assert REDACTED in said
        assert card["log"][-1]["action"] == "redact"
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "cases:redact")).one()
        assert entry.object_id == case_id
        assert entry.fields
    assert [(one.table, one.id) for one in read_erased(erasures)] == [("case_file", case_id)]


def test_the_phone_of_who_told_it_is_taken_out_alone(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        made = world.found(session)
        one, other = (_case(session, made, now, contact="199-0000-0000") for _ in "ab")
        without = _case(session, made, now)
        view = made.view(session, now=now)
        for case_id in (one, without):
            redact(view, case_id, ["contact"], erasures=tmp_path / "e.jsonl", now=now)
        kept = [case_card(view, case_id, now=now) for case_id in (one, other, without)]
    assert [card["contact"] for card in kept] == [REDACTED, "199-0000-0000", None]
    assert {card["description"] for card in kept} == {"示例甲倒垃圾"}


def test_other_cases_keep_their_words(database: Database, now: datetime, tmp_path: Path) -> None:
    with database.write() as session:
        made = world.found(session)
        one, other = _case(session, made, now), _case(session, made, now)
        view = made.view(session, now=now)
        redact(view, one, ["description", "result", "notes"], erasures=tmp_path / "e.jsonl", now=now)
        kept = session.execute(select(Case.description, Case.result).where(Case.id == other)).one()
        assert kept == ("示例甲倒垃圾", "示例甲已清理")
        assert "示例甲已清理" in session.scalars(select(CaseLog.text).where(CaseLog.case_id == other)).all()


def test_who_may_not_and_what_is_not_there(spatialite: Database, now: datetime, tmp_path: Path) -> None:
    erasures = tmp_path / "erasures.jsonl"
    with spatialite.write() as session:
        made = world.found(session)
        case_id = _case(session, made, now)
        for role in set(Role) - {Role.HEAD, Role.LOCAL}:
            actor = Actor(role=role, areas=frozenset({made.community}))
            with pytest.raises(NotAllowed):
                redact(
                    made.view(session, actor, now=now), case_id, ["description"], erasures=erasures, now=now
                )
        view = made.view(session, now=now)
        with pytest.raises(NotFound):
            redact(view, "none", ["description"], erasures=erasures, now=now)
        for texts in ([], ["title"], ["description", "title"]):
            with pytest.raises(InvalidInput):
                redact(view, case_id, texts, erasures=erasures, now=now)
    assert not erasures.exists()
