"""Pages and interface of a subject: a blueprint whose routes each say who may call them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from flask import Blueprint, Flask
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.openapi import OpenAPI

from gisgrid.access.tokens import ApiPart
from web.answer_models import described
from web.navigation import Entry, add_entries
from web.request_models import RESPONSES
from web.security.gate import NO_PART, Access, Right, is_public, set_access

View = TypeVar("View", bound=Callable[..., Any])
API: Final = "/api/v1"


class Routes:
    """What pages and interface have in common: a route can't be made without saying who may call it."""

    def __init__(self, blueprint: Blueprint, parts: frozenset[ApiPart]) -> None:
        self.blueprint = blueprint
        self._parts = parts
        self._access: dict[str, Access] = {}
        self._entries: list[tuple[tuple[Entry, ...], str, Access]] = []

    def stands_in(self, module: str) -> bool:
        """Whether a module made these, and doesn't only import them."""
        return self.blueprint.import_name == module

    def get(self, rule: str, **said: Any) -> Callable[[View], View]:
        """A route that reads; what is said of it: see :meth:`route`."""
        return self.route("get", rule, **said)

    def post(self, rule: str, **said: Any) -> Callable[[View], View]:
        """A route that makes or does something; what is said of it: see :meth:`route`."""
        return self.route("post", rule, **said)

    def put(self, rule: str, **said: Any) -> Callable[[View], View]:
        """A route that puts something in place; what is said of it: see :meth:`route`."""
        return self.route("put", rule, **said)

    def patch(self, rule: str, **said: Any) -> Callable[[View], View]:
        """A route that changes something; what is said of it: see :meth:`route`."""
        return self.route("patch", rule, **said)

    def delete(self, rule: str, **said: Any) -> Callable[[View], View]:
        """A route that takes something away; what is said of it: see :meth:`route`."""
        return self.route("delete", rule, **said)

    def route(
        self,
        method: str,
        rule: str,
        *,
        right: Right,
        entries: tuple[Entry, ...] = (),
        reads: bool = False,
        takes_file: bool = False,
        **options: Any,
    ) -> Callable[[View], View]:
        """A route: its rule, the right it needs, its entries in the navigation, and what Flask takes beside.

        ``reads`` and ``takes_file``: see :class:`Access`.

        Raises
        ------
        ValueError
            The view has another rule with another right.
        """
        access = Access(right=right, parts=self._parts, reads=reads, takes_file=takes_file)
        add: Callable[[View], View] = getattr(self.blueprint, method)(rule, **self._described(right, options))

        def note(view: View) -> View:
            endpoint = f"{self.blueprint.name}.{view.__name__}"
            if self._access.setdefault(endpoint, access) != access:
                raise ValueError(f"{endpoint} says twice who may call it")
            self._entries.append((entries, rule, access))
            return add(view)

        return note

    def _described(self, right: Right, options: dict[str, Any]) -> dict[str, Any]:
        """The options of a route as the blueprint takes them."""
        del right
        return options

    def _note_routes(self, app: Flask) -> None:
        set_access(app, self._access)
        for entries, rule, access in self._entries:
            add_entries(app, entries, rule, access)


class Pages(Routes):
    """Pages of a subject; its templates stand in the folder ``templates`` beside the module."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        parts: frozenset[ApiPart] = NO_PART,
        url_prefix: str | None = None,
    ) -> None:
        made = Blueprint(name, import_name, url_prefix=url_prefix, template_folder="templates")
        super().__init__(made, parts)

    def register(self, app: Flask) -> None:
        """Give an application these pages."""
        app.register_blueprint(self.blueprint)
        self._note_routes(app)


class Api(Routes):
    """The interface of a subject under ``/api/v1``, as the OpenAPI document describes it.

    ``part`` is what of a limited token opens it.
    """

    def __init__(
        self, name: str, import_name: str, *, part: ApiPart | frozenset[ApiPart], url_prefix: str = API
    ) -> None:
        self._described_blueprint = APIBlueprint(
            f"api_{name}", import_name, url_prefix=url_prefix, abp_responses=RESPONSES
        )
        parts = frozenset({part}) if isinstance(part, ApiPart) else part
        super().__init__(self._described_blueprint, parts)

    def register(self, app: OpenAPI) -> None:
        """Give an application this interface."""
        app.register_api(self._described_blueprint)
        self._note_routes(app)

    def _described(self, right: Right, options: dict[str, Any]) -> dict[str, Any]:
        security: list[dict[str, list[str]]] = [{"bearer": []}, {"cookie": []}]
        if is_public(right):
            security.insert(0, {})
        responses = described(options.get("responses", {}))
        return {**options, "responses": responses, "security": security}
