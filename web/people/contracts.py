"""Contracted services: an organisation's own list, and a household's contracts for who makes them."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.areas.view import ViewRequest
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.labels.people import HOME_SERVICES
from gisgrid.labels.table import N_
from gisgrid.people.contracts.queries import contract_card, contracts_of
from gisgrid.people.contracts.service import NewContract, end_contract, make_contract
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import now
from web.frame import open_page, page_request, show
from web.i18n import choices, tell
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

contracting = Pages("contracts", __name__)
_TYPED = ("resident", "account", "service", "first", "until")


@contracting.get(
    "/contracts",
    right=Action.CONTRACTS_VIEW,
    entries=(Entry(Group.VISITS, 5, "contracts", N_("签约服务")),),
)
def own() -> str:
    """Whom the organisation serves by contract today."""
    view, rows = open_page(), []
    if view is not None:
        with audited_view(ViewRequest(community=view.community.code)) as reading:
            rows = contracts_of(reading, now=now())
    return show("people/contracts.html", view, rows=rows)


@contracting.get("/households/<household_id>/contracts", right=Action.CONTRACTS_MAKE)
def household(household_id: str) -> str:
    """The contracts of a household, and making another one."""
    return _show_household(household_id, [], {})


@contracting.post("/households/<household_id>/contracts", right=Action.CONTRACTS_MAKE)
def make(household_id: str) -> tuple[str, int] | Response:
    """Make a contract; what was chosen stays where something is wrong with it."""
    asked = page_request()
    typed = {name: request.form.get(name, "") for name in _TYPED}
    try:
        with writing_view(asked) as view:
            make_contract(view, household_id, _wanted(typed), now=now())
    except InvalidInput as error:
        return _show_household(household_id, [placed(fault) for fault in error.faults], typed), 422
    except Conflict as error:
        return _show_household(household_id, [ProblemFault(message=tell(str(error)))], typed), 409
    flash(_("已签约,该单位现在能看到姓名和住址。"), "good")
    return redirect(f"/households/{household_id}/contracts", 303)


@contracting.post("/households/<household_id>/contracts/<contract_id>/end", right=Action.CONTRACTS_MAKE)
def end(household_id: str, contract_id: str) -> Response:
    """End a contract."""
    with writing_view(page_request()) as view:
        end_contract(view, household_id, contract_id, now=now())
    flash(_("已结束,该单位看不到了。"), "good")
    return redirect(f"/households/{household_id}/contracts", 303)


def _wanted(typed: dict[str, str]) -> NewContract:
    return NewContract(
        resident=typed["resident"],
        account=typed["account"],
        service=typed["service"],
        first=_day(typed, "first"),
        until=_day(typed, "until"),
    )


def _day(typed: dict[str, str], name: str) -> date | None:
    try:
        return date.fromisoformat(typed[name]) if typed[name] else None
    except ValueError:
        raise InvalidInput("this is no day", field=name) from None


def _show_household(household_id: str, faults: list[ProblemFault], typed: dict[str, str]) -> str:
    with audited_view(page_request()) as view:
        card = contract_card(view, household_id, now=now())
    return show(
        "people/household_contracts.html",
        view,
        card=card,
        services=choices(HOME_SERVICES),
        faults=faults,
        typed=typed,
    )
