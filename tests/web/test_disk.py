"""A disk that is full or can only be read is told as such, to monitors and to people."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

ALONE = ["unshare", "--map-root-user", "--mount"]
NO_SPACE = "服务器的磁盘已满或不能写入,没有办成"


def answers_on_a_small_disk(folder: Path) -> dict[str, Any]:
    """The answers of an application on a small disk of its own."""
    if subprocess.run([*ALONE, "true"], check=False, capture_output=True).returncode:
        pytest.skip("no namespaces here: no disk could be filled")
    command = [*ALONE, sys.executable, "-m", "tests.web.small_disk", str(folder), "all"]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_what_is_wrong_with_a_disk_is_said_as_long_as_it_is(tmp_path: Path) -> None:
    told = answers_on_a_small_disk(tmp_path)
    for when in ("room", "room again"):
        assert told[when]["health"] == [200, "ok"]
        assert told[when]["report"][0] == 201
    for when, health in (("full", "the disk is full"), ("shut", "the database can only be read")):
        assert told[when]["health"] == [503, health]
        status, detail, retry_after = told[when]["report"]
        assert (status, retry_after) == (503, "60")
        assert detail.startswith(NO_SPACE)
