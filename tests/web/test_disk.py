"""A disk that is full or can only be read is told as such, to monitors and to people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests import ROOT

ALONE = ["unshare", "--map-root-user", "--mount"]
NO_SPACE = "服务器的磁盘已满或不能写入,没有办成"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The answers of an application on a small disk of its own."""
    if subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces here: no disk could be filled")
    folder = tmp_path_factory.mktemp("disk")
    command = [*ALONE, sys.executable, "-m", "tests.web.small_disk", str(folder), "all"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("when", ["room", "room again"])
def test_with_room_all_is_well(told: dict[str, Any], when: str) -> None:
    assert told[when]["health"] == [200, "ok"]
    assert told[when]["report"][0] == 201


@pytest.mark.parametrize(
    ("when", "health"), [("full", "the disk is full"), ("shut", "the database can only be read")]
)
def test_without_room_it_is_said_what_is_wrong(told: dict[str, Any], when: str, health: str) -> None:
    assert told[when]["health"] == [503, health]
    status, detail, retry_after = told[when]["report"]
    assert (status, retry_after) == (503, "60")
    assert detail.startswith(NO_SPACE)
