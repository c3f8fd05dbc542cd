"""The application: built from settings, with nothing done at import."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

import orjson
from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask_openapi3.models.info import Info
from flask_openapi3.openapi import OpenAPI
from sqlalchemy.exc import OperationalError
from werkzeug.middleware.proxy_fix import ProxyFix

import gisgrid.tables  # noqa: F401 - foreign keys must find their tables
from data.exporters.kept_files import sweep as sweep_exports
from data.uploads.store import sweep
from gisgrid.access.keys.check import refuse_wrong_keys
from gisgrid.access.keys.encryption import KeyFile, open_database
from gisgrid.errors import InvalidInput, MissingPart
from gisgrid.journal import log_to_stderr
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from gisgrid.storage.slow import watch_slow
from web.background import start_sending
from web.compression import init_compression
from web.context import Clock, Services, init_context, utc_now
from web.errors import init_errors
from web.i18n import init_i18n
from web.journal import init_journal
from web.problems import Problem, invalid_request
from web.routes import register_routes
from web.security.guard import init_security
from web.security.rate_limits import init_limits
from web.security.sessions import init_sessions
from web.words.categories import init_category_words
from web.words.script_labels import init_script_labels

_SECURITY: Final[dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "gisgrid"},
}


_DEEPEST: Final = 32
"""How many lists and objects may stand in each other; a multipolygon with all around it needs nine."""
_TOO_DEEP: Final = "this JSON is nested too deeply"


def _parsed(text: str | bytes) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if error.msg.startswith("depth limit exceeded"):
            raise InvalidInput(_TOO_DEEP) from None
        raise


def _is_deep(value: Any) -> bool:
    """Whether lists and objects stand in each other too deeply, level by level: nothing calls itself."""
    level = [value]
    for _depth in range(_DEEPEST):
        level = [
            inner
            for node in level
            if isinstance(node, list | dict)
            for inner in (node.values() if isinstance(node, dict) else node)
            if isinstance(inner, list | dict)
        ]
        if not level:
            return False
    return True


class OrjsonProvider(JSONProvider):
    """JSON by orjson: exact floats, dates in RFC 3339, and an error for NaN instead of a broken answer."""

    def dumps(self, obj: Any, **kwargs: Any) -> str:
        """JSON text; separators and sorting that callers ask for are orjson's own."""
        del kwargs
        return orjson.dumps(obj, option=orjson.OPT_SERIALIZE_NUMPY).decode()

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:
        """A value from JSON text.

        Raises
        ------
        InvalidInput
            It is nested more deeply than anything that is asked for: whoever works through it would not end.
        """
        del kwargs
        value = _parsed(s)
        if _is_deep(value):
            raise InvalidInput(_TOO_DEEP)
        return value

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """A JSON response without the detour over text."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), option=orjson.OPT_SERIALIZE_NUMPY)
        return Response(body, content_type="application/json")


def create_app(settings: Settings, *, clock: Clock = utc_now) -> OpenAPI:
    """The web application of one installation; each server process calls it for itself.

    Raises
    ------
    MissingPart
        The key file is missing, can't be read or is another database's, or SpatiaLite is missing.
    """
    file = KeyFile(settings.keys)
    keys = file.ring()
    app = OpenAPI(
        "web",
        static_folder=None,
        info=Info(title="gisgrid", version=version("gisgrid")),
        security_schemes=_SECURITY,
        doc_ui=False,
        validation_error_status=422,
        validation_error_model=Problem,
        validation_error_callback=invalid_request,
    )
    app.json = OrjsonProvider(app)
    database = open_database(settings.url, file)
    watch_slow(database.engine, settings.slow_query_ms)
    _refuse_wrong_keys(app, database)
    init_journal(app)
    init_context(app, Services(database=database, settings=settings, keys=keys, clock=clock))
    init_sessions(app, keys, https=settings.https)
    init_i18n(app, settings.tz)
    init_category_words(app)
    init_script_labels(app)
    init_security(app, https=settings.https)
    init_compression(app)
    init_errors(app)
    register_routes(app)
    init_limits(app, settings.var / "limits.sqlite")
    _trust_proxies(app, settings.trusted_proxies)
    sweep(settings.uploads)
    sweep_exports(settings.kept_exports)
    return app


def create_app_from_environment() -> OpenAPI:
    """The application for a WSGI server, with the settings of its environment."""
    log_to_stderr()
    app = create_app(Settings())
    start_sending(app.extensions["gisgrid"])
    return app


def _refuse_wrong_keys(app: Flask, database: Database) -> None:
    """Refuse a wrong key file at the start; while the database doesn't answer, before the first request.

    How the installation does is told all the same.
    """
    waiting = [database]

    def check_keys() -> None:
        if waiting and request.endpoint != "health.healthz":
            refuse_wrong_keys(database)
            waiting.clear()

    try:
        refuse_wrong_keys(database)
    except OperationalError:
        app.before_request(check_keys)
    except MissingPart:
        database.close()
        raise


def _trust_proxies(app: Flask, count: int) -> None:
    """Take address and scheme from so many proxies, and from no more: the rest may be forged."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count)  # type: ignore[method-assign]
