"""What the cards of households, buildings and areas answer."""

from __future__ import annotations

from typing_extensions import TypedDict

from gisgrid.areas.answers import CodedName
from gisgrid.people.queries import PersonRow
from gisgrid.welfare.queries import VisitRow


class ServingRow(TypedDict):
    """Who serves an area."""

    name: str
    phone: str | None
    duty: str
    primary: bool


class BuildingFacts(TypedDict):
    """A building by itself."""

    id: str
    code: str | None
    address: str
    compound: str | None
    built_year: int | None
    condition: str | None
    floors: int | None
    lift: bool | None


class AddressRow(TypedDict):
    """A household by its address."""

    id: str
    address: str


class BuildingCard(BuildingFacts):
    """A building with the addresses in it that the account may see."""

    lon: float | None
    lat: float | None
    grid: CodedName | None
    members: list[ServingRow]
    households: list[AddressRow]


class OpenCaseRow(TypedDict):
    """An open case at an address."""

    id: str
    number: str
    category: str
    state: str
    deadline: str | None


class VisitedPerson(PersonRow):
    """A person with the visitor they have."""

    visitor: VisitRow | None


class HouseholdCard(TypedDict):
    """A household; `persons` is null where the account may not see them, `persons_hidden` says why."""

    id: str
    address: str
    lon: float | None
    lat: float | None
    building: BuildingFacts | None
    grid: CodedName | None
    members: list[ServingRow]
    people: int | None
    elders: int | None
    open_cases: list[OpenCaseRow]
    consent: str | None
    verified_at: str | None
    persons: list[PersonRow] | list[VisitedPerson] | None
    persons_hidden: str | None


class AreaCounts(TypedDict, total=False):
    """Counts of an area; those that are withheld are null and named in `suppressed`."""

    parent: str | None
    households: int | None
    residents: int | None
    elders: int | None
    open_cases: int | None
    suppressed: list[str]
    reason: str | None


class AreaCard(AreaCounts, CodedName):
    """An area with its path, who serves it and its figures as far as the account may see them."""

    level: str
    path: list[str]
    members: list[ServingRow]
