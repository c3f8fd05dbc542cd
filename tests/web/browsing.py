"""Somebody at a browser, and accounts for them."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from werkzeug.test import TestResponse

from gisgrid.access.accounts import NewAccount, create_account, set_password
from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.access.tokens import create_token
from web.context import Services

PASSWORD = "a long enough one"
LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")


def services_of(app: OpenAPI) -> Services:
    found: Services = app.extensions["gisgrid"]
    return found


def add_account(app: OpenAPI, name: str, role: Role, **more: Any) -> str:
    """An account that can log in; its id."""
    found = services_of(app)
    with found.database.write() as session:
        account = create_account(session, LOCAL, NewAccount(name=name, role=role, **more), now=found.clock())
        set_password(session, LOCAL, name, PASSWORD, now=found.clock())
        return account.id


def add_token(app: OpenAPI, name: str) -> dict[str, str]:
    """Headers with a new token of an account."""
    found = services_of(app)
    with found.database.write() as session:
        token = create_token(session, LOCAL, name, now=found.clock())
    return {"Authorization": f"Bearer {token}"}


class Reader(FlaskClient):
    """A client that reads every answer to its end, so that no file of a download stays open."""

    def open(self, *args: Any, buffered: bool = True, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=buffered, **kwargs)


class Browser:
    """A browser with its own cookies, which sends the token of forms along like a page does."""

    def __init__(self, app: OpenAPI, scheme: str = "http") -> None:
        self.client = app.test_client()
        self.base = f"{scheme}://localhost"
        self._kept: tuple[object, str] | None = None

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, base_url=self.base, **options)

    def token(self, path: str = "/report") -> str:
        """The token in a page's form; it holds as long as the session that the cookie names."""
        if self._kept is not None and self._kept[0] == self._session():
            return self._kept[1]
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.get(path).text)
        assert found
        self._kept = (self._session(), found.group(1))
        return found.group(1)

    def _session(self) -> str | None:
        cookie = self.client.get_cookie("gisgrid")
        return cookie and cookie.value

    def post(self, path: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """A form with the page's token in it, from a page of the same host."""
        filled = {"csrf_token": self.token(), **(data or {})}
        headers = {"Referer": self.base + "/", **options.pop("headers", {})}
        return self.client.post(path, data=filled, base_url=self.base, headers=headers, **options)

    def post_json(self, path: str, body: Any, **headers: str) -> TestResponse:
        """JSON with the page's token in a header."""
        sent = {"Referer": self.base + "/", "X-CSRFToken": self.token(), **headers}
        return self.client.post(path, json=body, base_url=self.base, headers=sent)

    def log_in(self, name: str = "staff", password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/login", {"username": name, "password": password, **more})
