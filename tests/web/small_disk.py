"""``python -m tests.web.small_disk FOLDER``: the application on a disk of 48 MB that fills up and is shut.

Runs in a namespace of its own (``unshare --map-root-user --mount``), where it may mount one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gisgrid.access.keys.encryption import ensure_keys, open_database
from gisgrid.settings import Settings
from gisgrid.storage import migrate
from tests import world
from tests.serving import REPORT
from tests.web.browsing import Browser
from web.app import create_app

_MB = 1024 * 1024


def main(folder: Path, stage: str) -> dict[str, Any]:
    """What is answered while there is room, when there is none, when there is again, and on a shut disk."""
    if stage == "all":
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "none", str(folder)], check=True)
        told = in_a_process(folder, "open")
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        return told | in_a_process(folder, "shut")
    settings = Settings(database_url=f"sqlite:///{folder / 'x.sqlite'}")
    if stage == "shut":
        with application(settings) as browser:
            return {"shut": answers(browser)}
    database = open_database(settings.url, ensure_keys(settings.keys))
    migrate.upgrade(database)
    with database.write() as session:
        world.found(session)
    database.close()
    told: dict[str, Any] = {}
    with application(settings) as browser:
        told["room"] = answers(browser)
        filler = folder / "filler"
        fill(filler)
        told["full"] = answers(browser)
        filler.unlink()
        told["room again"] = answers(browser)
    return told


def in_a_process(folder: Path, stage: str) -> dict[str, Any]:
    """One stage in a process that leaves no file open."""
    command = [sys.executable, "-m", "tests.web.small_disk", str(folder), stage]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


@contextmanager
def application(settings: Settings) -> Iterator[Browser]:
    app = create_app(settings)
    yield Browser(app)
    app.extensions["gisgrid"].database.close()


def answers(browser: Browser) -> dict[str, Any]:
    health = browser.get("/healthz")
    page = browser.get("/report")
    headers = {"X-CSRFToken": browser.token("/login")}
    report = browser.client.post("/api/v1/cases", json=REPORT, base_url=browser.base, headers=headers)
    return {
        "health": [health.status_code, health.json["status"]],
        "page": page.status_code,
        "report": [report.status_code, report.json.get("detail"), report.headers.get("Retry-After")],
    }


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for piece in (_MB, 4096, 1):
            try:
                while file.write(b"x" * piece) == piece:
                    pass
            except OSError:
                continue


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), sys.argv[2])))  # noqa: T201 - what the test reads
