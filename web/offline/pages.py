"""The program of the phone: its page, its worker, its words, and how a phone installs it.

All of it is the same for everybody and holds nothing of anybody: who somebody is and what somebody may see
comes from the interface into an encrypted store, never with these.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Response, abort, render_template, url_for

from web.assets import WEB, static_url, version
from web.blueprints import Pages
from web.context import services
from web.i18n import LANGUAGES
from web.page_scripts import modules_of
from web.security.gate import Open
from web.texts import script_texts, words_of_script
from web.words.script_labels import script_labels

shell = Pages("shell", __name__, url_prefix="/m")

_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_ENTRY: Final = "offline/static/boot.js"
_STYLES: Final = (
    "static/css/app.css",
    "static/css/pages.css",
    "static/css/map.css",
    "offline/static/phone.css",
)
_PLAIN: Final = ("static/vendor/icons.svg", "static/favicon.svg")
_ICONS: Final = ((192, "any"), (512, "any"), (512, "maskable"))
_WORKER, _OFF = "offline/static/worker/worker.js", "offline/static/worker/off.js"


@shell.get("/", right=Open.PUBLIC)
def page() -> Response:
    """The page of the program: no data, no word of anybody, the same for all."""
    text = render_template(
        "offline/shell.html",
        styles=[static_url(name) for name in _STYLES],
        modules=[static_url(name) for name in modules_of(_ENTRY)[1:]],
        entry=static_url(_ENTRY),
    )
    return _kept(Response(text, content_type="text/html; charset=utf-8"))


@shell.get("/sw.js", right=Open.PUBLIC)
def worker() -> Response:
    """The worker that keeps the program on the phone; where that is switched off one that ends itself."""
    return _kept(Response(_worker(), content_type="text/javascript; charset=utf-8"))


@shell.get("/words/<lang>.json", right=Open.PUBLIC)
def words(lang: str) -> Response:
    """The words of the program in a language."""
    if lang not in LANGUAGES:
        abort(404)
    needed = {word for name in _modules() for word in words_of_script(WEB / name)}
    text = {word: said for word, said in script_texts(lang).items() if word in needed}
    texts = {"lang": lang, "text": text, "labels": script_labels(lang)}
    return _kept(Response(json.dumps(texts, ensure_ascii=False), content_type="application/json"))


@shell.get("/manifest.webmanifest", right=Open.PUBLIC)
def manifest() -> Response:
    """How a phone installs the program."""
    installed: dict[str, Any] = {
        "id": "/m/",
        "start_url": "/m/",
        "scope": "/m/",
        "name": "社区网格",
        "short_name": "社区网格",
        "lang": "zh-CN",
        "display": "standalone",
        "background_color": "#f4f5f7",
        "theme_color": "#1e5aa8",
        "icons": [
            {
                "src": static_url(f"offline/static/icons/{purpose}-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": purpose,
            }
            for size, purpose in _ICONS
        ],
    }
    text = json.dumps(installed, ensure_ascii=False)
    return _kept(Response(text, content_type="application/manifest+json"))


def program_files() -> list[str]:
    """Every address that the program consists of; the worker keeps all of them or none."""
    vendor = [f"static/vendor/leaflet/{path.name}" for path in _leaflet()]
    files = [static_url(name) for name in (*_modules(), *_STYLES, *_PLAIN, *vendor)]
    own = [url_for("shell.page"), url_for("shell.manifest")]
    return [*own, *(url_for("shell.words", lang=lang) for lang in LANGUAGES), *files]


@cache
def _modules() -> tuple[str, ...]:
    """The modules of the program: of its start, its router and every screen."""
    screens = sorted(path.name for path in (WEB / "offline/static/screens").glob("*.js"))
    entries = [_ENTRY, "offline/static/app.js", *(f"offline/static/screens/{name}" for name in screens)]
    return tuple(dict.fromkeys(module for entry in entries for module in modules_of(entry)))


def _leaflet() -> list[Path]:
    return sorted((WEB / "static/vendor/leaflet").glob("*.*s"))


def _worker() -> str:
    if not services().settings.offline:
        return _text(_OFF)
    head = f"const VERSION = {json.dumps(version())};\nconst FILES = {json.dumps(program_files())};\n"
    return head + _text(_WORKER)


@cache
def _text(name: str) -> str:
    return (WEB / name).read_text(encoding="utf-8")


def _kept(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    return response
