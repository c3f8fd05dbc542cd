"""The script of a page with all modules it needs named at once: a browser fetches them side by side.

A browser that learns of a module only from the one that imports it waits a round trip for each step of the
chain; with two seconds of latency a page of five steps takes ten seconds longer.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import PurePosixPath
from posixpath import normpath
from typing import Final

from flask import Flask
from markupsafe import Markup

from web.assets import WEB, static_url
from web.security.guard import csp_nonce

_FROM: Final = re.compile(
    r"""^(?:import\s*(?:[^"'();]*?\bfrom\s*)?|export\s*(?:\*|\{[^}]*\})[^"';]*?\bfrom\s*)["'](\.[^"']+)["']""",
    re.MULTILINE,
)


def init_page_scripts(app: Flask) -> None:
    """Let templates name the script of their page: ``{{ script('cases/static/case.js') }}``."""
    app.add_template_global(script_tags, "script")


def script_tags(name: str, *later: str) -> Markup:
    """The tags of a page's script and of what it imports; ``later`` are modules it asks for by itself."""
    nonce = csp_nonce()
    needed = dict.fromkeys(module for entry in (name, *later) for module in modules_of(entry))
    preload = Markup('<link rel="modulepreload" nonce="{}" href="{}">')
    links = [preload.format(nonce, static_url(module)) for module in needed if module != name]
    script = Markup('<script type="module" nonce="{}" src="{}"></script>').format(nonce, static_url(name))
    return Markup("").join([*links, script])


@cache
def modules_of(name: str) -> tuple[str, ...]:
    """A module, then all it imports, directly or by others; each once, as names below the front end."""
    seen: dict[str, None] = {}
    waiting = [name]
    while waiting:
        module = waiting.pop(0)
        if module not in seen:
            seen[module] = None
            waiting += _imported_by(module)
    return tuple(seen)


def _imported_by(name: str) -> list[str]:
    folder = PurePosixPath(name).parent
    text = (WEB / name).read_text(encoding="utf-8")
    return [normpath((folder / path).as_posix()) for path in _FROM.findall(text)]
