"""What the routes of places, people, cases and figures answer, as models for the interface's description.

Answers may say more than is described here; what is described is there.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field


class CodedName(BaseModel):
    """An area by its code and its name."""

    code: str
    name: str


class MeView(BaseModel):
    """Who is asking; `unread` is null for those who get no notices."""

    name: str
    role: str
    role_name: str
    communities: list[CodedName]
    grids: list[str]
    grid_names: list[str]
    may: list[str]
    unread: int | None
    language: str


class ServingRow(BaseModel):
    """Who serves an area."""

    name: str
    phone: str | None
    duty: str
    primary: bool


class LeveledName(CodedName):
    """An area by its level, its code and its name."""

    level: str


class SpotView(BaseModel):
    """The areas of a place, top down, and who serves its grid."""

    areas: list[LeveledName]
    on_border: bool
    near_border_m: float | None
    members: list[ServingRow]


class SpotViews(BaseModel):
    """One for each place; null for those outside all areas."""

    results: list[SpotView | None]


class AreaView(CodedName):
    """An area with its path, who serves it and its figures as far as the account may see them."""

    level: str
    path: list[str]
    members: list[ServingRow]


class BuildingView(BaseModel):
    """A building with the addresses in it that the account may see."""

    id: str
    code: str | None
    address: str
    compound: str | None
    built_year: int | None
    condition: str | None
    floors: int | None
    lift: bool | None
    lon: float | None
    lat: float | None
    grid: CodedName | None
    members: list[ServingRow]
    households: list[dict[str, Any]]


class HouseholdView(BaseModel):
    """A household; `persons` is null where the account may not see them, `persons_hidden` says why."""

    id: str
    address: str
    lon: float | None
    lat: float | None
    building: dict[str, Any] | None
    grid: CodedName | None
    members: list[ServingRow]
    people: int | None
    elders: int | None
    open_cases: list[dict[str, Any]]
    consent: str | None
    verified_at: str | None
    persons: list[dict[str, Any]] | None
    persons_hidden: str | None


class HitRow(BaseModel):
    """Something found: `kind` says what `id` names."""

    kind: str
    id: str
    title: str
    subtitle: str
    lon: float | None
    lat: float | None
    building: str | None


class HitRows(BaseModel):
    """What was found, the likeliest first."""

    results: list[HitRow]


class CategoryView(BaseModel):
    """A category of cases."""

    code: str
    name: str
    name_en: str | None
    group: str
    confidential: bool


class CategoryRows(BaseModel):
    """Categories in their order."""

    rows: list[CategoryView]


class ReachedLevel(BaseModel):
    """The level of its time that a case has reached by the rules it was reported under."""

    of: str = Field(description="owner, community or subdistrict: who is told")
    percent: int


class CaseRow(BaseModel):
    """A case in the list."""

    id: str
    number: str
    category: str
    category_name: str
    confidential: bool
    severity: str
    state: str
    grid: str | None
    grid_name: str | None
    address: str | None
    handler: str | None
    owner: str | None = Field(description="who is answerable for it: its handler, its grid's member, a head")
    route: str
    supervised: bool
    coordination: bool
    repeated: bool
    reported_at: str
    deadline: str | None
    closed_at: str | None
    overdue: bool
    level: ReachedLevel | None
    lon: float | None
    lat: float | None
    exact: bool = Field(description="false: the middle of a square of 100 m, and the micro grid as address")
    distance_m: int | None


class CasePage(BaseModel):
    """A page of cases, and how many there are in all."""

    rows: list[CaseRow]
    total: int


class CasePoint(BaseModel):
    """A case as a point of a map."""

    id: str
    number: str
    category: str
    category_name: str
    confidential: bool
    severity: str
    state: str
    source: str
    grid_name: str | None
    address: str | None
    supervised: bool
    coordination: bool
    reported_at: str
    closed_at: str | None
    deadline: str | None
    overdue: bool
    level: ReachedLevel | None
    lon: float | None
    lat: float | None
    exact: bool = Field(description="false: the middle of a square of 100 m, and the micro grid as address")


class CasesThere(BaseModel):
    """Cases of one place."""

    rows: list[CasePoint]


class CasePointRows(CasesThere):
    """Cases of a map, how many there are in all, and how many more without a position."""

    total: int
    unplaced: int


class PhotoRow(BaseModel):
    """A photo of a case; it is opened at `/cases/ID/photos/ID`, with `?size=small` the one for lists."""

    id: str
    kind: str = Field(description="report, before or after the handling")
    at: str
    width: int
    height: int


class PhotoRows(BaseModel):
    """The photos of a case, the earliest first."""

    rows: list[PhotoRow]


class CaseStepRow(BaseModel):
    """A step that can be taken with a case now."""

    action: str
    needs: list[str] = Field(
        description="what must come with it: a field of the request each; helper: a worker who helps with it"
    )


class CaseView(CaseRow):
    """A case with its log and the steps that can be taken."""

    description: str | None
    near_building: dict[str, Any] | None = Field(
        description="address and distance_m of the nearest building, of a case by its position alone"
    )
    source: str
    datum: str | None
    accuracy_m: float | None
    near_border_m: float | None
    on_border: bool | None
    reported_grid: str | None
    recorded_area: str | None
    result: str | None
    contact: str | None
    receipt: str | None
    resolution: str | None
    feedback: str | None
    feedback_at: str | None
    rating: dict[str, int] | None
    suspended_at: str | None
    duplicate_of: str | None
    co_handlers: list[dict[str, Any]]
    actions: list[str] = Field(description="the steps that the account may take now")
    steps: list[CaseStepRow] = Field(description="the same steps, each with what it needs")
    photos: list[PhotoRow]
    may_photograph: bool = Field(description="whether the account may add photos of the handling now")
    log: list[dict[str, Any]]


class CaseLeft(BaseModel):
    """A case after a step; only this much where the account sees it no more."""

    id: str
    number: str
    state: str
    actions: list[str]


class DispatchedCase(BaseModel):
    """A case that was dispatched."""

    id: str
    number: str
    state: str


class DispatchedRows(BaseModel):
    """All cases that were dispatched."""

    rows: list[DispatchedCase]


class PoolRow(BaseModel):
    """A case that can be claimed, with what is needed to choose."""

    id: str
    number: str
    category: str
    category_name: str
    severity: str
    state: str
    grid: str | None
    grid_name: str | None
    address: str | None
    reported_at: str
    deadline: str | None
    claim_until: str


class PoolRows(BaseModel):
    """Cases that can be claimed, those whose time ends first at the beginning."""

    rows: list[PoolRow]


class RepeatedRow(BaseModel):
    """A place with several cases within a quarter of a year."""

    address: str
    building: str | None
    cases: int
    latest: str


class RepeatedRows(BaseModel):
    """Places with repeated cases, the most first."""

    rows: list[RepeatedRow]


class HelperRow(BaseModel):
    """Somebody on duty who may be given a case."""

    worker: str
    name: str
    duties: list[str]
    grids: list[str]
    grid_names: list[str]
    skilled: bool
    signs_off: bool
    load: int


class HelperRows(BaseModel):
    """People on duty in the community, the likeliest first."""

    rows: list[HelperRow]


class OwnerlessCases(BaseModel):
    """Numbers of open cases that nobody is answerable for."""

    rows: list[str]


class ReportedCase(BaseModel):
    """A case that has been taken down; by its receipt it can be followed without login."""

    id: str
    number: str
    receipt: str
    grid: str | None
    grid_name: str | None
    members: list[ServingRow]
    deadline: str | None
    near_border_m: float | None
    on_border: bool


class NoticeRow(BaseModel):
    """What the account has been told; `link` leads to it, where it may see it."""

    id: str
    kind: str
    message: str
    link: str | None
    at: str
    read_at: str | None


class NoticeRows(BaseModel):
    """Notices, the newest first, and how many are unread."""

    rows: list[NoticeRow]
    unread: int


class UnreadNotices(BaseModel):
    """How many notices are still unread."""

    unread: int


class ReadNotice(UnreadNotices):
    """A notice that has been read, and how many are still unread."""

    id: str


class FigureRows(BaseModel):
    """Figures by area; numbers that are withheld are null and named in the row's `suppressed`."""

    rows: list[dict[str, Any]]
    meta: dict[str, Any]


class HeatView(BaseModel):
    """Points `[lon, lat, weight]` in EPSG:4326, gathered in squares of `bin_m` metres where `binned`."""

    points: list[list[float]]
    binned: bool
    bin_m: float = Field(description="0 where nothing is gathered")
    meta: dict[str, Any]
