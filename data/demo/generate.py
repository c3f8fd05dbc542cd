"""The whole demo community from one seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Final

import shapely
from shapely import Polygon

from data.demo.fieldwork.courses import fieldwork_of
from data.demo.fieldwork.grounds import FieldGround
from data.demo.ground.compounds import compound_plans
from data.demo.ground.facilities import facilities_of
from data.demo.ground.quarter import Chance, Quarter, quarter_of
from data.demo.ground.site import Site, site_of
from data.demo.history.areas import compound_code, upper_areas
from data.demo.history.cases import cases_of
from data.demo.history.clock import now, zone
from data.demo.history.divisions import lower_areas, memberships_of, revisions_of
from data.demo.history.draft_plan import draft_plan_of
from data.demo.history.habits import categories
from data.demo.personas.accounts import accounts_of
from data.demo.personas.households import Population, population_of
from data.demo.personas.incomes import without_income
from data.demo.personas.records import DemoAccount, DemoConsent
from data.demo.personas.staff import Staff, staff_of
from data.demo.personas.visitors import visitors_of
from data.demo.records import DemoCommunity, DemoCompound, DemoLandscape, DemoStreet
from gisgrid.errors import InvalidInput

HOUSEHOLDS: Final = 9600
"""Households of one community; the plan is drawn for exactly so many."""

DEFAULT_SEED: Final = 2026


def communities_for(households: int) -> int:
    """How many communities of 9,600 households hold at least so many.

    Raises
    ------
    InvalidInput
        Fewer than one household is asked for.
    """
    if households < 1:
        raise InvalidInput("the demo needs at least one household", field="households")
    return -(-households // HOUSEHOLDS)


def generate(
    seed: int, *, households: int = HOUSEHOLDS, community: int = 0, at: datetime | None = None
) -> DemoCommunity:
    """One community of the demo; the same arguments give the same records.

    Parameters
    ----------
    seed
        Any integer; communities of one seed differ among themselves too.
    households
        Households of the whole demo. ``communities_for`` says how many communities they make; each of
        them has 9,600, so this decides only whether ``community`` exists.
    at
        Up to when cases are told, never before the demo's present day, on which they end without it.
    community
        Which community, from 0. Place, codes, case numbers and account names are shifted by it.

    Raises
    ------
    InvalidInput
        Fewer than one household, or a community beyond the range of unused codes.
    """
    communities_for(households)
    chance = Chance(seed=seed, community=community)
    quarter = quarter_of(chance)
    site = site_of(quarter.frame, _outline(quarter), cells=quarter.cells, buildings=quarter.buildings)
    population = _population(quarter, chance)
    staff = staff_of(quarter.code, quarter.present, buildings=quarter.buildings, rng=chance.of("staff"))
    until = max(at or now(), now())
    return _assembled(chance, quarter, site=site, population=population, staff=staff, until=until)


def community_name(community: int) -> str:
    """The name of a community: 幸福社区(示例), then 幸福第2社区(示例) and so on."""
    return "幸福社区(示例)" if community == 0 else f"幸福第{community + 1}社区(示例)"


def _outline(quarter: Quarter) -> Polygon:
    """The outline of the cells, which is the tiled one to the last vertex."""
    outline = quarter.ground.plan.outline
    if not isinstance(outline, Polygon):
        raise InvalidInput("the demo community is one polygon")
    return outline


def _population(quarter: Quarter, chance: Chance) -> Population:
    result = Population()
    for estate in quarter.estates:
        own = population_of(estate, quarter.frame, rng=chance.of(f"people {estate.plan.key}"))
        for part in fields(Population):
            getattr(result, part.name).extend(getattr(own, part.name))
    result.needs.extend(list(without_income(result)))
    return result


def _assembled(
    chance: Chance, quarter: Quarter, *, site: Site, population: Population, staff: Staff, until: datetime
) -> DemoCommunity:
    name = community_name(chance.community)
    grid_of = quarter.grid_of_cell()
    cases, planted = cases_of(site, homes=quarter.homes, grid_of=grid_of, chance=chance, at=until)
    members = _members(population, quarter, staff=staff)
    visitors = tuple(
        visitors_of(population.residents, population.needs, members=members, rng=chance.of("visitors"))
    )
    consents = _asked(population, members)
    ground = FieldGround(
        households={home.key: home for home in population.households},
        residents={person.key: person for person in population.residents},
        needs=population.needs,
        visitors=visitors,
        consents={consent.household: consent for consent in consents},
        members=members,
        grids=_grids(population, quarter),
        until=until.astimezone(zone()).date(),
    )
    accounts = accounts_of(quarter.code, quarter.present, staff=staff, households=population.households)
    accounts = _distinct(accounts, chance.community)
    return DemoCommunity(
        seed=chance.seed,
        index=chance.community,
        code=quarter.code,
        name=name,
        outline=site.outline,
        areas=(
            *upper_areas(quarter.code, name, since=quarter.divisions[0].since),
            *lower_areas(quarter.divisions),
        ),
        cells=quarter.cells,
        memberships=tuple(memberships_of(quarter.divisions, quarter.cell_keys)),
        compounds=_compounds(quarter.code),
        buildings=quarter.buildings,
        streets=_streets(quarter),
        landscapes=_landscapes(quarter),
        households=tuple(population.households),
        residents=tuple(population.residents),
        consents=consents,
        needs=tuple(population.needs),
        visitors=visitors,
        facilities=tuple(facilities_of(site, rng=chance.of("facilities"))),
        workers=tuple(staff.workers),
        duties=tuple(staff.duties),
        accounts=tuple(accounts),
        categories=categories(),
        cases=tuple(cases),
        planted=tuple(planted),
        revisions=tuple(revisions_of(quarter.divisions)),
        plan=draft_plan_of(quarter, staff, accounts=accounts),
        fieldwork=fieldwork_of(ground, chance.of("fieldwork")),
    )


def _distinct(accounts: Sequence[DemoAccount], community: int) -> list[DemoAccount]:
    """Account names of further communities end in their number; there is one ``admin`` for all."""
    if community == 0:
        return list(accounts)
    others = [account for account in accounts if account.role != "admin"]
    return [replace(account, name=f"{account.name}-c{community + 1}") for account in others]


def _compounds(code: str) -> tuple[DemoCompound, ...]:
    return tuple(
        DemoCompound(
            key=plan.key,
            name=plan.name,
            area=compound_code(code, plan.key),
            built_from=plan.built[0],
            built_to=plan.built[1],
            property_company=plan.property_company,
        )
        for plan in compound_plans()
    )


def _streets(quarter: Quarter) -> tuple[DemoStreet, ...]:
    return tuple(
        DemoStreet(
            key=f"S{number:02d}",
            name=way.name,
            kind=way.kind,
            width_m=way.width_m,
            geom=shapely.remove_repeated_points(quarter.frame.to_degrees(way.line)),
        )
        for number, way in enumerate(quarter.layout.ways, start=1)
    )


def _landscapes(quarter: Quarter) -> tuple[DemoLandscape, ...]:
    """Water and green; the school yards are green, the paved market is only a cell."""
    kinds = {"water": "water", "green": "green", "school": "green"}
    drawn = [land for land in quarter.layout.lands if land.kind in kinds]
    return tuple(
        DemoLandscape(
            key=f"L{number:02d}",
            name=land.name,
            kind=kinds[land.kind],
            geom=quarter.frame.polygon(land.shape),
        )
        for number, land in enumerate(drawn, start=1)
    )


def _members(population: Population, quarter: Quarter, *, staff: Staff) -> dict[str, str]:
    """The member who serves each household's grid, by the household's key."""
    members = dict(zip((grid.code for grid in quarter.present.grids), staff.posts["member"], strict=True))
    return {home: members[grid] for home, grid in _grids(population, quarter).items()}


def _grids(population: Population, quarter: Quarter) -> dict[str, str]:
    """The grid of each household, by the household's key."""
    grid_of = quarter.grid_of_cell()
    grids = {building.key: grid_of[building.cell] for building in quarter.buildings}
    return {home.key: grids[home.building] for home in population.households}


def _asked(population: Population, members: Mapping[str, str]) -> tuple[DemoConsent, ...]:
    """The consents with the member of the household's grid as the one who asked."""
    pairs = zip(population.consents, population.households, strict=True)
    return tuple(replace(consent, asked_by=members[home.key]) for consent, home in pairs)
