"""The people of the demo follow the census facts, and none of them can be mistaken for a real one."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

import pytest

from data.demo.ground.compounds import compound_plans
from data.demo.personas.families import TODAY
from data.demo.personas.family_mix import family_mix
from data.demo.records import DemoCommunity
from data.demo.tables import read_table


def age(born: date) -> int:
    return TODAY.year - born.year - ((TODAY.month, TODAY.day) < (born.month, born.day))


def facts() -> dict[str, float]:
    return {row["name"]: float(row["value"]) for row in read_table("reference/census_facts")}


def test_there_are_exactly_9600_households_in_500_buildings_of_6_to_60(demo: DemoCommunity) -> None:
    assert len(demo.households) == 9600
    assert len(demo.buildings) == 500
    counts = Counter(household.building for household in demo.households)
    assert set(counts) == {building.key for building in demo.buildings}
    assert all(6 <= count <= 60 for count in counts.values())
    dwellings = {building.key: building.dwellings for building in demo.buildings}
    assert all(count <= dwellings[key] for key, count in counts.items())


def test_addresses_are_unique_and_read_compound_building_unit_room(demo: DemoCommunity) -> None:
    addresses = [household.address for household in demo.households]
    assert len(set(addresses)) == len(addresses)
    in_flats = [a for a in addresses if "单元" in a]
    assert len(in_flats) > 9000
    assert all(address.endswith("室") and "幢 " in address for address in addresses)


def test_each_household_stands_in_its_building(demo: DemoCommunity) -> None:
    shapes = {building.key: building.geom for building in demo.buildings}
    assert all(shapes[home.building].covers(home.geom) for home in demo.households)


def test_sizes_and_ages_follow_the_census(demo: DemoCommunity) -> None:
    known = facts()
    sizes = [home.persons for home in demo.households if home.persons is not None]
    ages = [age(resident.birth_date) for resident in demo.residents]
    assert sum(sizes) == len(ages)
    assert sum(sizes) / len(sizes) == pytest.approx(known["mean_family_household_size"], abs=0.04)
    shares = {
        "share_60_and_over": sum(a >= 60 for a in ages) / len(ages),
        "share_65_and_over": sum(a >= 65 for a in ages) / len(ages),
        "share_under_15": sum(a < 15 for a in ages) / len(ages),
        "share_male": sum(resident.sex == "m" for resident in demo.residents) / len(ages),
    }
    for name, share in shares.items():
        assert share == pytest.approx(known[name], abs=0.01), name


def test_the_old_compound_is_the_oldest_in_years_and_in_people(demo: DemoCommunity) -> None:
    home_of = {home.key: home.building[:2] for home in demo.households}
    elders, everyone = Counter[str](), Counter[str]()
    for resident in demo.residents:
        everyone[home_of[resident.household]] += 1
        elders[home_of[resident.household]] += age(resident.birth_date) >= 60
    shares = {key: elders[key] / everyone[key] for key in everyone}
    assert max(shares, key=lambda key: shares[key]) == "X1"
    assert shares["X1"] == pytest.approx(0.29, abs=0.025)
    old = [building for building in demo.buildings if building.compound == "X1"]
    assert all(b.built_year < 2000 and not b.lift for b in old)
    assert sum(b.condition in "CD" for b in old) > 0.8 * len(old)
    assert {"walk_up", "courtyard"} == {b.kind for b in old}
    assert all(b.lift for b in demo.buildings if b.kind in ("tower", "mid_rise"))


def test_a_refused_household_is_an_address_without_persons(demo: DemoCommunity) -> None:
    status = {consent.household: consent.status for consent in demo.consents}
    refused = {home.key for home in demo.households if home.persons is None}
    assert len(refused) / len(demo.households) == pytest.approx(0.04, abs=0.001)
    assert refused == {key for key, answer in status.items() if answer == "refused"}
    assert not refused & {resident.household for resident in demo.residents}
    assert set(status.values()) == {"refused", "granted", "statutory_duty"}
    workers = {worker.key for worker in demo.workers}
    assert {consent.asked_by for consent in demo.consents} <= workers


def test_residence_is_mostly_registered_here(demo: DemoCommunity) -> None:
    counts = Counter(resident.residence_status for resident in demo.residents)
    assert set(counts) == {"registered_here", "resident", "floating", "absent"}
    assert counts["registered_here"] + counts["resident"] > 0.9 * len(demo.residents)


def test_nobody_lived_here_before_being_born_or_after_today(demo: DemoCommunity) -> None:
    assert all(r.birth_date <= r.lived_from <= TODAY for r in demo.residents)


def test_phones_are_in_no_assigned_form(demo: DemoCommunity) -> None:
    phones = [resident.phone for resident in demo.residents if resident.phone]
    assert all(phone.startswith("199-0000-") and len(phone) == 13 for phone in phones)
    shared = [phone for phone, count in Counter(phones).items() if count > 1]
    assert 15 <= len(shared) <= 9600 / 400, "planted, and no others"
    assert max(Counter(phones).values()) == 2
    assert all(worker.phone.startswith("0527-8000") for worker in demo.workers)


def test_needs_have_a_legal_basis_and_living_alone_is_true(demo: DemoCommunity) -> None:
    residents = {resident.key: resident for resident in demo.residents}
    sizes = {home.key: home.persons for home in demo.households}
    kinds = Counter(need.kind for need in demo.needs)
    assert set(kinds) == {"living_alone", "ability_grade", "disabled", "min_allowance", "no_income"}
    assert all(need.legal_basis and need.since <= TODAY for need in demo.needs)
    for need in demo.needs:
        if need.kind == "living_alone":
            assert sizes[residents[need.resident].household] == 1


def test_some_adults_have_no_income_and_some_of_these_draw_an_allowance(demo: DemoCommunity) -> None:
    residents = {resident.key: resident for resident in demo.residents}
    drawing = {need.resident for need in demo.needs if need.kind == "min_allowance"}
    poor = [need.resident for need in demo.needs if need.kind == "no_income"]
    assert len(set(poor)) == len(poor) == 34
    assert len(drawing & {*poor}) == 24
    assert all(18 <= age(residents[person].birth_date) < 60 for person in poor)
    aided = {row.of for row in demo.fieldwork.records if row.form == "care_visit"}
    assert 3 <= len({*poor} - aided) < len(poor) / 2


def test_children_have_someone_grown_up_at_home(demo: DemoCommunity) -> None:
    at_home: dict[str, list[int]] = defaultdict(list)
    for resident in demo.residents:
        at_home[resident.household].append(age(resident.birth_date))
    assert all(max(ages) >= 15 for ages in at_home.values())


@pytest.mark.parametrize("key", ["X1", "X2", "X3", "X4", "X5"])
def test_the_mix_of_families_has_exactly_the_wanted_means(key: str) -> None:
    plan = next(plan for plan in compound_plans() if plan.key == key)
    mix = family_mix(plan)
    size = sum(p * t.size for p, t in zip(mix.shares, mix.types, strict=True))
    elders = sum(p * t.elders for p, t in zip(mix.shares, mix.types, strict=True))
    assert sum(mix.shares) == pytest.approx(1.0)
    assert size == pytest.approx(plan.mean_size)
    assert elders / size == pytest.approx(plan.elder_share)
