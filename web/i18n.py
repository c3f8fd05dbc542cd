"""Languages and how days and times are written. The texts in the source are Chinese."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Flask, request, session
from flask_babel import Babel
from flask_babel import gettext as _translated

LANGUAGES: Final = ("zh", "en")
COOKIE: Final = "lang"


def gettext(text: str) -> str:
    """An interface text in the reader's language; the text in the source is its own key."""
    return str(_translated(text))


def current_language() -> str:
    """The language of this request: as chosen in the session, else in the cookie, else Chinese."""
    for chosen in (session.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return LANGUAGES[0]


def init_i18n(app: Flask, zone: ZoneInfo) -> None:
    """Set the catalogues up and give templates ``day`` and ``moment``."""

    def moment(instant: datetime | None) -> str:
        return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M") if instant else ""

    def day(value: date | None) -> str:
        local = value.astimezone(zone) if isinstance(value, datetime) else value
        return local.strftime("%Y-%m-%d") if local else ""

    Babel(app, default_locale=LANGUAGES[0], default_timezone=zone.key, locale_selector=current_language)
    app.jinja_env.filters.update(day=day, moment=moment)
    app.context_processor(lambda: {"lang": current_language()})
