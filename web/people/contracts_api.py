"""Whom an organisation serves by contract: name, address, service and until when, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from flask import Response
from pydantic import Field
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.contracts.queries import contracts_of
from gisgrid.people.core.contract_rules import HomeService
from web.answer_models import Rows
from web.answers import audited_view, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import PlaceQuery

contracts_api = Api("contracts", __name__, part=ApiPart.PEOPLE)


class ContractedRow(TypedDict):
    """Somebody the organisation serves."""

    name: Annotated[str | None, Field(description="null of who gave none")]
    address: str
    service: HomeService
    until: Annotated[str | None, Field(description="the last day; null where none is set")]


@contracts_api.get("/contracts", right=Action.CONTRACTS_VIEW, responses={"200": Rows[ContractedRow]})
def listing(query: PlaceQuery) -> Response:
    """Whom the organisation of the account serves today, in a community; a past day is not told of."""
    with audited_view(replace(query.view_request, as_of=None, revision=None)) as view:
        contracts = contracts_of(view, now=now())
    rows: list[ContractedRow] = [
        {
            "name": contract.name,
            "address": contract.address,
            "service": contract.service,
            "until": contract.until.isoformat() if contract.until else None,
        }
        for contract in contracts
    ]
    return json_answer({"rows": rows})
