"""Whether the application can work, and the icon browsers ask for."""

from __future__ import annotations

from flask import Response, jsonify, send_from_directory
from sqlalchemy.exc import SQLAlchemyError

from gisgrid.errors import MissingPart, NoSpace
from gisgrid.storage.migrate import is_current
from gisgrid.storage.room import refuse_full
from web.assets import WEB
from web.blueprints import Pages
from web.context import services
from web.security.gate import Open

health = Pages("health", __name__)


@health.get("/healthz", right=Open.PUBLIC)
def healthz() -> tuple[Response, int]:
    """200 when the database answers, its tables are those of this version and there is room, else 503."""
    site = services()
    try:
        refuse_full(site.database, site.settings.var)
        is_right = is_current(site.database)
    except NoSpace as error:
        return jsonify(status=str(error)), 503
    except (SQLAlchemyError, MissingPart):
        return jsonify(status="database does not answer"), 503
    if not is_right:
        return jsonify(status="run gisgrid db upgrade"), 503
    return jsonify(status="ok"), 200


@health.get("/favicon.ico", right=Open.PUBLIC)
def favicon() -> Response:
    """The icon, where browsers look for it unasked."""
    return send_from_directory(WEB, "static/favicon.svg")
