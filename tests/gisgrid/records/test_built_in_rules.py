"""Rules of the program are installed once; what a version says stays, its end alone is written later."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from gisgrid.access.models import AuditEntry
from gisgrid.forms.tasks.documents import read_rule
from gisgrid.forms.tasks.shipped import shipped_rules
from gisgrid.records.core.work_models import TaskRuleVersion
from gisgrid.records.publication.built_in_rules import install_rules
from gisgrid.storage.engine import Database
from tests import world


def test_each_version_is_installed_once(database: Database, now: datetime) -> None:
    with database.write() as session:
        made = world.found(session)
        shipped = shipped_rules()
        counts = [install_rules(session, made.actor, shipped, now=now) for _twice in range(2)]
        assert counts == [len(shipped), 0]
        rows = session.scalars(select(TaskRuleVersion).order_by(TaskRuleVersion.code)).all()
        assert [read_rule(row.rule) for row in rows] == sorted(
            (row.rule for row in shipped), key=lambda rule: rule.code
        )
        assert {(row.owner_area_id, row.made_by) for row in rows} == {(None, None)}
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "tasks:install")).all()
        assert len(entries) == 1


def test_a_later_version_ends_the_one_before(database: Database, now: datetime) -> None:
    first = shipped_rules()[0]
    day = date(2027, 3, 1)
    ended = replace(first, rule=replace(first.rule, valid_to=day))
    begins = replace(first.rule, valid_from=day)
    second = replace(first, number=2, rule=begins, document={**first.document, "from": day.isoformat()})
    with database.write() as session:
        made = world.found(session)
        install_rules(session, made.actor, [first], now=now)
        assert install_rules(session, made.actor, [ended, second], now=now + timedelta(days=1)) == 2
        assert install_rules(session, made.actor, [ended, second], now=now + timedelta(days=2)) == 0
        rows = session.scalars(select(TaskRuleVersion).order_by(TaskRuleVersion.number)).all()
        change = datetime(2027, 3, 1, tzinfo=UTC)
        assert [(row.number, row.valid_to) for row in rows] == [(1, change), (2, None)]
        assert rows[0].rule == first.document
        assert rows[1].valid_from == change
