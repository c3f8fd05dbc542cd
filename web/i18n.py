"""Languages and how days and times are written. The texts in the source are Chinese.

The core's sentences are English: they are told in Chinese by a catalogue of their own, ``core``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, current_app, request, session
from flask_babel import Babel, Domain
from flask_babel import gettext as _translated
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from gisgrid import labels
from gisgrid.areas.models import Level
from gisgrid.cases.core.rules import CaseAction, CaseState
from gisgrid.errors import Sentence
from gisgrid.indicators.words import NAMES
from gisgrid.labels.columns import COLUMNS
from gisgrid.labels.table import Labels
from web.texts import script_texts

LANGUAGES: Final = ("zh", "en")
COOKIE: Final = "lang"
_CORE: Final = "core"
_FIELD: Final = "field"
_EDIT_FIELD: Final = "edit field"
_IN_SENTENCES: Final[Mapping[type[StrEnum], Labels]] = {
    CaseState: labels.cases.CASE_STATES,
    CaseAction: labels.cases.CASE_STEPS,
    Level: labels.areas.LEVELS,
}
"""Enumerations whose members stand as values in sentences of the core."""


def gettext(text: str) -> str:
    """An interface text in the reader's language; the text in the source is its own key."""
    return str(_translated(text))


def label(table: Labels, code: str) -> str:
    """What a code is called, in the reader's language."""
    return gettext(table[code])


def choices(table: Labels) -> list[tuple[str, str]]:
    """Every code of a table with its word, in the table's order, for a form to choose from."""
    return [(code, gettext(word)) for code, word in table.items()]


def column_head(name: str) -> str:
    """What a column of a table is called that leaves as CSV; its own name where it has no words."""
    if name in NAMES:
        return NAMES[name][0 if current_language() == "zh" else 1]
    return label(COLUMNS, name) if name in COLUMNS else name


def tell(said: str) -> str:
    """A sentence of the core in the reader's language; in English where the catalogue lacks it."""
    if isinstance(said, Sentence):
        values = {name: _value_words(value) for name, value in said.values.items()}
        return _describe(said.template).format_map(values)
    return _describe(said)


def field_label(field: str, *, edit: str | None = None) -> str | None:
    """What people call a field of a request, if that is not its own name; of ``points.3`` the first part.

    Some fields of a plan's edit mean something else than elsewhere, also from one kind to the other: ``to``
    is a grid there, a place or a community, not a day. ``edit`` is the kind, empty where it is not known.
    """
    name = field.partition(".")[0]
    contexts = (_FIELD,) if edit is None else (f"{edit} {_FIELD}", _EDIT_FIELD, _FIELD)
    labels = (str(_core().pgettext(context, name)) for context in contexts)
    return next((label for label in labels if label != name), None)


def _value_words(value: object) -> object:
    """A value in a sentence: states, steps and levels are words; English sentences name their codes."""
    if isinstance(value, StrEnum):
        table = _IN_SENTENCES.get(type(value), {})
        return table.get(value, value.value) if current_language() == LANGUAGES[0] else value.value
    return tell(value) if isinstance(value, Sentence) else value


def _describe(text: str) -> str:
    return str(_core().gettext(text)) if text else text


def _core() -> Domain:
    domain: Domain = current_app.extensions[f"gisgrid_{_CORE}"]
    return domain


def current_language() -> str:
    """The language of this request: as chosen in the session, else in the cookie, else Chinese."""
    for chosen in (session.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return LANGUAGES[0]


def shown_at() -> str:
    """The address under which the page of this answer can be opened again, for whoever changes the language.

    The answer to a form that was sent has an address that cannot be opened: it stands for the nearest one
    above it that can.
    """
    if request.method == "GET" and not isinstance(request.routing_exception, MethodNotAllowed):
        return request.full_path
    path = request.path
    while path and not _opens(path):
        path = path.rpartition("/")[0]
    return path or "/"


def _opens(path: str) -> bool:
    try:
        current_app.url_map.bind("localhost").match(path, method="GET")
    except (NotFound, MethodNotAllowed, RequestRedirect):
        return False
    return True


def amount(count: int) -> str:
    """A number of bytes as people read it.

    >>> amount(1536), amount(3 * 1024**3)
    ('1.5 KB', '3.0 GB')
    """
    value, unit = float(count), "B"
    for larger in ("KB", "MB", "GB", "TB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{value:.1f} {unit}" if unit != "B" else f"{count} B"


def init_i18n(app: Flask, zone: ZoneInfo) -> None:
    """Set the catalogues up and give templates ``day`` and ``moment``."""

    def moment(instant: datetime | None) -> str:
        return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M") if instant else ""

    def day(value: date | None) -> str:
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return local.strftime("%Y-%m-%d") if local else ""

    Babel(app, default_locale=LANGUAGES[0], default_timezone=zone.key, locale_selector=current_language)
    app.extensions[f"gisgrid_{_CORE}"] = Domain(domain=_CORE)
    app.jinja_env.filters.update(day=day, moment=moment, amount=amount)
    app.jinja_env.globals.update(script_texts=cache(script_texts), label=label, labels=labels)
    app.context_processor(lambda: {"lang": current_language(), "shown_at": shown_at})
