"""Contracted services of the demo: a few elders whom companies and organisations serve at home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, Final

from data.demo.load.ids import Loading
from data.demo.personas.families import TODAY
from data.demo.personas.records import DemoAccount, DemoResident
from data.demo.records import DemoCommunity
from data.demo.tables import read_words
from gisgrid.access.models import Role
from gisgrid.people.core.contract_rules import HomeService
from gisgrid.people.core.models import Consent, ServiceContract
from gisgrid.people.core.purposes import BUILT_IN, Purpose
from gisgrid.people.core.rules import LIVING_HERE, OLD_ELDER_AGE, ConsentStatus, latest_birth
from gisgrid.storage.base import new_id

_EACH: Final = 6
"""Elders of each organisation; the last one's household has withdrawn since."""
_AGO: Final = timedelta(days=40)
_YEAR: Final = timedelta(days=365)


def load_contracts(loading: Loading, demo: DemoCommunity) -> None:
    """Contracts of every company and organisation, with the answers they stand on."""
    maker = next((loading.ids["account"][one.name] for one in demo.accounts if one.role == Role.HEAD), None)
    taken: set[str] = set()
    for account in demo.accounts:
        if account.role not in _services() or maker is None:
            continue
        people = list(_some(_elders(demo, account, taken)))
        taken |= {one.household for one in people}
        loading.add(Consent, [row for one in people for row in _answers(loading, demo, one, people[-1])])
        loading.add(
            ServiceContract,
            [_contract(loading, account, one, place, maker) for place, one in enumerate(people)],
        )


def _services() -> dict[str, tuple[str, ...]]:
    """What companies and organisations do for people at home, by their role."""
    return read_words("demo/load/home_services")


def _elders(demo: DemoCommunity, account: DemoAccount, taken: set[str]) -> list[DemoResident]:
    """Elders of 80 and over in registered households nobody serves yet; of a company's own compounds."""
    granted = {one.household for one in demo.consents if one.status == ConsentStatus.GRANTED}
    codes = {one.area: one.key for one in demo.compounds}
    own = {codes[area] for area in account.areas if area in codes}
    building_of = {one.key: one.building for one in demo.households}
    born = latest_birth(OLD_ELDER_AGE, TODAY)
    return [
        person
        for person in demo.residents
        if person.birth_date <= born
        and person.residence_status in LIVING_HERE
        and person.lived_to is None
        and person.household in granted - taken
        and (account.role == Role.ORG or building_of[person.household][:2] in own)
    ]


def _some(people: Sequence[DemoResident]) -> Iterator[DemoResident]:
    """A few of different households, from all over."""
    of_home = {person.household: person for person in people}
    homes = sorted(of_home)
    step = max(1, len(homes) // _EACH)
    yield from (of_home[home] for home in homes[::step][:_EACH])


def _answers(
    loading: Loading, demo: DemoCommunity, person: DemoResident, withdrawn: DemoResident
) -> Iterator[dict[str, Any]]:
    asked_by = next(one.asked_by for one in demo.consents if one.household == person.household)
    row = {
        "household_id": loading.ids["household"][person.household],
        "purpose": Purpose.CONTRACTED_SERVICES,
        "text_version": BUILT_IN[Purpose.CONTRACTED_SERVICES].version,
        "asked_by": loading.ids["worker"][asked_by],
    }
    asked = loading.now - _AGO
    yield {"id": new_id(), **row, "status": ConsentStatus.GRANTED, "asked_at": asked}
    if person is withdrawn:
        later = asked + timedelta(days=20)
        yield {"id": new_id(), **row, "status": ConsentStatus.WITHDRAWN, "asked_at": later}


def _contract(
    loading: Loading, account: DemoAccount, person: DemoResident, place: int, maker: str
) -> dict[str, Any]:
    services = _services()[account.role]
    first: date = (loading.now - _AGO).date()
    return {
        "id": new_id(),
        "account_id": loading.ids["account"][account.name],
        "resident_id": loading.ids["resident"][person.key],
        "service": HomeService(services[place % len(services)]),
        "from_day": first,
        "until_day": None if place % 3 == 2 else first + _YEAR,
        "made_at": loading.now - _AGO,
        "made_by": maker,
    }
