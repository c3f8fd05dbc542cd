"""Whatever a program sends to the routes of plans and revisions is answered, as the description says."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest
import schemathesis
from flask_openapi3.openapi import OpenAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gisgrid.storage.engine import Database
from tests.web.browsing import add_token
from tests.web.declared import WATCHED, described

EXAMPLES: Final = 12
"""For each route and account: some 600 calls in all."""

_NAMES: Final = frozenset({"to", "keep", "grid", "area", "cell"})
_LISTS: Final = frozenset({"cells", "grids", "scope"})


class Known:
    """Names of things that are there, so that not every request ends at the first one that is not."""

    def __init__(self, client: Any, headers: dict[str, str]) -> None:
        made = [client.post("/api/v1/plans", json={"name": name}, headers=headers).json for name in "ab"]
        self.plans = [plan["id"] for plan in made]
        cells = client.get("/api/v1/cells", headers=headers).json["features"]
        self.cells = [one["id"] for one in cells[::40]]
        self.grids = sorted({one["properties"]["grid"] for one in cells})[:6]

    def put_into(self, body: Any, draw: Callable[[Any], Any]) -> Any:
        """A body with names of things that are there in the place of some of its own."""
        if not isinstance(body, dict) or not draw(st.booleans()):
            return body
        known = st.sampled_from([*self.grids, *self.cells])
        for field in sorted(body.keys() & (_NAMES | _LISTS)):
            body[field] = draw(known if field in _NAMES else st.lists(known, min_size=1, max_size=4))
        return body


@pytest.mark.prove
@pytest.mark.parametrize("name", ["head", "staff"])
def test_no_request_is_a_fault_of_the_server(
    demo: Database, make_app: Callable[..., OpenAPI], name: str
) -> None:
    app = make_app(demo)
    app.config["RATELIMIT_ENABLED"] = False
    headers, client = add_token(app, name), app.test_client()
    known = Known(client, headers)
    document = json.loads(json.dumps(app.api_doc, default=str))
    paths = {described(str(rule)) for rule in app.url_map.iter_rules() if rule.endpoint.startswith(WATCHED)}
    document["paths"] = {path: told for path, told in document["paths"].items() if path in paths}
    schema = schemathesis.openapi.from_dict(document)
    statuses: dict[int, int] = {}
    for result in schema.get_all_operations():
        operation = result.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), data=st.data())
        def check(case: Any, data: Any) -> None:
            if "id" in case.path_parameters and data.draw(st.integers(0, 3)):
                case.path_parameters["id"] = data.draw(st.sampled_from(known.plans))
            sent = case.as_transport_kwargs(base_url="http://localhost")
            query = dict(case.query or {})
            if data.draw(st.integers(0, 3)):
                query = {key: value for key, value in query.items() if key in {"a", "b"}}
            body = known.put_into(case.body, data.draw)
            options: dict[str, Any] = {}
            if "json" in sent:  # as a program writes it: also numbers the application would not write
                options = {"data": json.dumps(body), "content_type": "application/json"}
            path = case.formatted_path
            answer = client.open(path, method=case.method, query_string=query, headers=headers, **options)
            statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
            is_no_printer = answer.status_code == 503 and path.endswith(".pdf")
            assert answer.status_code < 500 or is_no_printer, (case.method, path, query, body)

        check()
    assert sum(statuses.values()) >= EXAMPLES * len(paths) // 2, statuses
    assert statuses.keys() >= {200, 404, 422}, statuses
    print(name, sorted(statuses.items()))  # noqa: T201 - the figures of the proof
