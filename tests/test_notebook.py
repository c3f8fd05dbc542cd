"""The how-to for analysts does what it says, block after block, on exports of the demo."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import ROOT

BLOCK = re.compile(r"```(bash|python)\n(.*?)```", re.DOTALL)


def test_every_block_runs_in_order(
    demo_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (demo_template.name, "keys.json"):
        shutil.copy(demo_template.with_name(name), tmp_path / name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GISGRID_DATABASE_URL", f"sqlite:///{tmp_path / demo_template.name}")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    names: dict[str, Any] = {}
    blocks = BLOCK.findall((ROOT / "docs" / "notebook.md").read_text(encoding="utf-8"))
    assert {kind for kind, _text in blocks} == {"bash", "python"}
    for kind, text in blocks:
        if kind == "bash":
            subprocess.run(["bash", "-ec", text], check=True, capture_output=True)
        else:
            exec(compile(text, "notebook.md", "exec"), names)  # noqa: S102 - our own page
    for page in ("hotspots.html", "work.html"):
        assert "window.gisgridDraw(" in (tmp_path / page).read_text(encoding="utf-8")
    assert names["hotspots"]._repr_html_().startswith("<div")
    assert len(names["areas"]) == 20
