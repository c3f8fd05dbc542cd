"""``python -m tests.prove [PART]``: runs the long proofs one file at a time and writes docs/proof.md.

What is known of each part stays in docs/proof.json, so that a new checkout goes on from there.

A part is a test file's name without ``test_``; ``browser`` is all that needs one, and ``examples`` are all
examples of every random test, of which ``make test`` tries a part. Parts that passed on the same commit are
not run again unless they are named, so a run that was broken off goes on where it stopped.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / "docs" / "proof.json"
REPORT = ROOT / "docs" / "proof.md"
BROWSER = ROOT / "tests" / "browser"
EXAMPLES = "examples"
ABOUT = """Part `browser`: every page opened anew on each device, and what tests of pages try on one
device each time, on the others. Part `examples`: all examples of every random test."""
SIDE_BY_SIDE = (EXAMPLES, "calls", "case_machine", "demo_moments", "dispute_machine", "replay")
"""Parts whose tests need not wait for each other: nothing in them is measured by the clock."""


def main(arguments: list[str]) -> int:
    """Run what is asked for; 1 where a proof fails."""
    wanted = [name for name in arguments if name]
    state = json.loads(STATE.read_text()) if STATE.exists() else {}
    commit = _git("rev-parse", "--short", "HEAD")
    failed = []
    for part, path in _parts().items():
        done = state.get(part, {})
        if (wanted and part not in wanted) or (
            not wanted and done.get("commit") == commit and done.get("passed")
        ):
            continue
        print(f"proving {part}", flush=True)  # noqa: T201 - progress for whoever waits
        run = _run(part, path) | {"commit": commit}
        # Two runs at once each know only what they found when they began.
        state = (json.loads(STATE.read_text()) if STATE.exists() else {}) | {part: run}
        STATE.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
        REPORT.write_text(_report(state), encoding="utf-8")
        failed += [] if state[part]["passed"] else [part]
    print("failed: " + ", ".join(failed) if failed else "all proved")  # noqa: T201
    return 1 if failed else 0


def _parts() -> dict[str, Path]:
    """Where the proofs of each part stand: a test file, or the folder of all."""
    files = [path for path in sorted((ROOT / "tests").rglob("test_*.py")) if "mark.prove" in path.read_text()]
    parts = {path.stem.removeprefix("test_"): path for path in files if path.parent != BROWSER}
    return {**parts, BROWSER.name: BROWSER, EXAMPLES: ROOT / "tests"}


def _run(part: str, path: Path) -> dict[str, Any]:
    """One part's proofs: whether they passed, and what each of them measured."""
    result = ROOT / ".stamps" / f"prove-{part}.xml"
    result.parent.mkdir(exist_ok=True)
    mark = "hypothesis" if part == EXAMPLES else "prove"
    command = [sys.executable, "-m", "pytest", "-q", "-m", mark, "--timeout=3600", f"--junitxml={result}"]
    if part in SIDE_BY_SIDE:
        command += ["-n", "2", "--dist", "load"]
    done = subprocess.run([*command, str(path)], cwd=ROOT, check=False)
    cases = [
        {
            "name": case.get("name", "").removeprefix("test_").replace("_", " "),
            "seconds": round(float(case.get("time", "0")), 1),
            "figures": {one.get("name"): one.get("value") for one in case.iter("property")},
        }
        for case in ET.parse(result).getroot().iter("testcase")  # noqa: S314 - our own file
    ]
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return {"passed": done.returncode == 0, "at": now, "cases": cases}


def _report(state: dict[str, Any]) -> str:
    machine = f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    lines = ["# Proofs", "", f"Written by `make prove` on {machine}. Seconds depend on the machine.", ""]
    lines += [ABOUT, ""]
    for part, run in sorted(state.items()):
        verdict = "passed" if run["passed"] else "FAILED"
        lines += [
            f"## {part}",
            "",
            f"{verdict}, {run['at']}",
            "",
            "| what | figures | seconds |",
            "|---|---|---|",
        ]
        lines += [
            f"| {case['name']} | {_told(case['figures'])} | {case['seconds']} |" for case in run["cases"]
        ]
        lines.append("")
    return "\n".join(lines)


def _told(figures: dict[str, str]) -> str:
    return ", ".join(f"{name}: {value}" for name, value in figures.items())


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
