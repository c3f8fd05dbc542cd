"""Which pages and interfaces there are: all that the modules of the subjects make."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from flask_openapi3.openapi import OpenAPI

from web.assets import ENDPOINTS, init_assets
from web.blueprints import Api, Pages
from web.navigation import init_navigation
from web.page_scripts import init_page_scripts
from web.security.gate import Access, Open, init_gate, refuse_unguarded, set_access

_WEB: Final = Path(__file__).parent
_NO_SUBJECTS: Final = frozenset({"cli", "security", "server", "words"})


def register_routes(app: OpenAPI) -> None:
    """Register the pages and interfaces of every subject.

    Raises
    ------
    LookupError
        A route doesn't say who may call it.
    """
    init_gate(app)
    init_navigation(app)
    init_assets(app)
    init_page_scripts(app)
    for made in _all_made():
        made.register(app)
    set_access(app, dict.fromkeys(ENDPOINTS, Access(right=Open.PUBLIC)))
    refuse_unguarded(app)


def _all_made() -> Iterator[Pages | Api]:
    """What each module of a subject made, in the order of their names."""
    for name in sorted(_modules()):
        values = vars(importlib.import_module(name)).values()
        yield from (value for value in values if isinstance(value, (Pages, Api)) and value.stands_in(name))


def _modules() -> Iterator[str]:
    for subject in pkgutil.iter_modules([str(_WEB)]):
        if subject.ispkg and subject.name not in _NO_SUBJECTS:
            folder = str(_WEB / subject.name)
            yield from (f"web.{subject.name}.{module.name}" for module in pkgutil.iter_modules([folder]))
