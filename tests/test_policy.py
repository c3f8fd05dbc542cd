"""What the program must not become, held against its tables, routes, words and imports.

No ranking of persons, no points, no counts of log-ins or hours; appraisals are of cases alone.
That nobody is made to send a position or a photo is tested with the web.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from gisgrid.areas.models import Level
from gisgrid.indicators.appraisals.rules import EXTERNAL_SHARE
from gisgrid.indicators.groups import By
from gisgrid.storage.base import Base
from gisgrid.tables import *  # noqa: F403 - every table

ROOT = Path(__file__).resolve().parent.parent
WATCHED = re.compile(
    r"(^|_)(logins?|log_ins?|last_seen|minutes|hours|online|installs|points|rank|ranking|check_ins?|streak|quota)(_|$)"
)
LOCKOUT = {("account", "failed_logins")}
CHASING_WORDS = ("排名", "排行", "打卡", "签到", "在线时长", "登录次数", "活跃度", "积分", "装机")


def test_no_table_counts_log_ins_hours_or_points_of_anybody() -> None:
    watched = {
        (table.name, column.name)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if WATCHED.search(column.name)
    }
    assert watched <= LOCKOUT


def test_no_word_of_the_interface_chases_anybody() -> None:
    texts = {
        path: path.read_text(encoding="utf-8")
        for folder in ("web", "gisgrid/labels", "layers")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".html", ".js", ".py", ".po"} and "vendor" not in path.parts
    }
    assert len(texts) > 300
    assert not [(path.name, word) for path, text in texts.items() for word in CHASING_WORDS if word in text]


def test_figures_compare_areas_kinds_of_work_and_months_but_no_persons() -> None:
    """Whoever adds a way to count must say here that its rows are no persons."""
    assert set(By) == {
        "community",
        "sub_area",
        "compound",
        "grid",
        "category",
        "class",
        "department",
        "month",
    }
    assert not {level.value for level in Level} & {"member", "worker", "person", "account"}


def imports_of(folder: str) -> set[str]:
    """The modules that the files of a folder import."""
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module)
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("room", ["records", "forms", "people.edits", "access.sessions"])
def test_an_appraisal_reads_cases_alone(room: str) -> None:
    read = imports_of("gisgrid/indicators/appraisals")
    assert "gisgrid.cases.core.models" in read
    assert not [name for name in read if name.startswith(f"gisgrid.{room}")]


def test_figures_from_logs_weigh_at_most_half_where_nothing_was_set() -> None:
    assert EXTERNAL_SHARE >= 50
