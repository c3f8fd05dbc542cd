"""Contracted services of the demo: a few elders whom companies and organisations serve at home."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from data.demo.load.ids import Loading
from data.demo.personas.families import TODAY
from data.demo.personas.records import DemoAccount, DemoResident
from data.demo.records import DemoCommunity
from data.demo.tables import read_words
from gisgrid.access.models import Role
from gisgrid.people.consent.service import AnswerInput, record_answer
from gisgrid.people.contracts.service import NewContract, make_contract
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.rules import LIVING_HERE, OLD_ELDER_AGE, ConsentStatus, latest_birth

_EACH: Final = 6
"""Elders of each organisation; the last one's household has withdrawn since."""
_AGO: Final = timedelta(days=40)
_HELD: Final = timedelta(days=20)
_YEAR: Final = timedelta(days=365)


def load_contracts(loading: Loading, demo: DemoCommunity) -> None:
    """Contracts of every company and organisation, with the answers they stand on."""
    maker = next(
        (
            loading.ids["account"][candidate.name]
            for candidate in demo.accounts
            if candidate.role == Role.HEAD
        ),
        None,
    )
    taken: set[str] = set()
    for account in demo.accounts:
        if account.role not in _services() or maker is None:
            continue
        people = list(_some(_elders(loading, demo, account, taken)))
        taken |= {elder.household for elder in people}
        for place, person in enumerate(people):
            _ask(loading, demo, person, ConsentStatus.GRANTED, at=loading.now - _AGO)
            _make(loading, account, person, place, maker)
        if people:
            _ask(loading, demo, people[-1], ConsentStatus.WITHDRAWN, at=loading.now - _AGO + _HELD)


def _services() -> dict[str, tuple[str, ...]]:
    """What companies and organisations do for people at home, by their role."""
    return read_words("demo/load/home_services")


def _elders(
    loading: Loading, demo: DemoCommunity, account: DemoAccount, taken: set[str]
) -> list[DemoResident]:
    """Elders of 80 and over in registered households nobody serves yet; of a company's own compounds."""
    first = (loading.now - _AGO).date()
    granted = {consent.household for consent in demo.consents if consent.status == ConsentStatus.GRANTED}
    codes = {compound.area: compound.key for compound in demo.compounds}
    own = {codes[area] for area in account.areas if area in codes}
    building_of = {home.key: home.building for home in demo.households}
    born = latest_birth(OLD_ELDER_AGE, TODAY)
    return [
        person
        for person in demo.residents
        if person.birth_date <= born
        and person.lived_from <= first
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


def _ask(
    loading: Loading, demo: DemoCommunity, person: DemoResident, status: ConsentStatus, *, at: datetime
) -> None:
    """The household's answer, as it is recorded by the member who asked for the register."""
    asked_by = next(consent.asked_by for consent in demo.consents if consent.household == person.household)
    account = next(candidate.name for candidate in demo.accounts if candidate.worker == asked_by)
    record_answer(
        loading.view_as(loading.ids["account"][account], at),
        loading.ids["household"][person.household],
        AnswerInput(purpose=Purpose.CONTRACTED_SERVICES, status=status),
        now=at,
    )


def _make(loading: Loading, account: DemoAccount, person: DemoResident, place: int, maker: str) -> None:
    services, at = _services()[account.role], loading.now - _AGO
    contract = NewContract(
        account=loading.ids["account"][account.name],
        resident=loading.ids["resident"][person.key],
        service=services[place % len(services)],
        first=at.date(),
        until=None if place % 3 == 2 else at.date() + _YEAR,
    )
    household = loading.ids["household"][person.household]
    make_contract(loading.view_as(maker, at), household, contract, now=at)
