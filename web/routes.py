"""Which blueprints there are."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from web.api.document import document_api
from web.pages.accounts import accounts
from web.pages.cases import cases
from web.pages.health import health
from web.pages.home import home
from web.pages.maps import maps


def register_routes(app: OpenAPI) -> None:
    """Register pages and API."""
    for pages in (health, accounts, home, maps, cases):
        app.register_blueprint(pages)
    app.register_blueprint(document_api)
