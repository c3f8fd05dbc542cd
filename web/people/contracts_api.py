"""Whom an organisation serves by contract: name, address, service and until when, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from pydantic import BaseModel, Field

from gisgrid.access.actions import Action
from gisgrid.access.tokens import ApiPart
from gisgrid.people.contracts.queries import contracts_of
from gisgrid.people.core.contract_rules import HomeService
from web.answers import audited_look, json_answer
from web.blueprints import Api
from web.context import now
from web.request_models import AskedPlace

contracts_api = Api("contracts", __name__, part=ApiPart.PEOPLE)


class ContractedRow(BaseModel):
    """Somebody the organisation serves."""

    name: str | None = Field(description="null of who gave none")
    address: str
    service: HomeService
    until: str | None = Field(description="the last day; null where none is set")


class ContractedRows(BaseModel):
    """Own contracts that run today, of people who agreed to be named."""

    rows: list[ContractedRow]


@contracts_api.get("/contracts", right=Action.CONTRACTS_VIEW, responses={"200": ContractedRows})
def listing(query: AskedPlace) -> Response:
    """Whom the organisation of the account serves today, in a community; a past day is not told of."""
    with audited_look(replace(query.asked, as_of=None, revision=None)) as look:
        found = contracts_of(look, now=now())
    rows = [
        {
            "name": one.name,
            "address": one.address,
            "service": one.service.value,
            "until": one.until.isoformat() if one.until else None,
        }
        for one in found
    ]
    return json_answer({"rows": rows})
