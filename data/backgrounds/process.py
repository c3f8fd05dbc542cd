"""Starts the process that works on an image that was sent."""

from __future__ import annotations

import subprocess

from data.uploads.store import Upload
from gisgrid.processes import start_module
from gisgrid.settings import Settings


def start(upload: Upload, settings: Settings) -> subprocess.Popen[bytes]:
    """Work on an image in a process of its own; addresses and settings go by its standard input."""
    said = {
        "upload": upload.id,
        "database": settings.url.render_as_string(hide_password=False),
        "folder": str(settings.background_uploads),
        "images": str(settings.backgrounds),
        "keys": str(settings.keys),
        "zone": settings.zone,
    }
    return start_module("data.backgrounds", said)
