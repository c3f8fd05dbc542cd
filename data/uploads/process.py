"""Starts the process that does what an upload asks for."""

from __future__ import annotations

import subprocess

from data.uploads.store import Upload
from gisgrid.processes import start_module
from gisgrid.settings import Settings


def start(upload: Upload, settings: Settings) -> subprocess.Popen[bytes]:
    """Work on an upload in a process of its own; addresses and settings go by its standard input."""
    said = {
        "upload": upload.id,
        "database": settings.url.render_as_string(hide_password=False),
        "folder": str(settings.uploads),
        "keys": str(settings.keys),
        "zone": settings.zone,
    }
    return start_module("data.uploads", said)
