"""What requests may say, as models: every fault of a request is told at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field

from gisgrid.areas.models import Level
from gisgrid.areas.view import View, ViewRequest
from gisgrid.cases.core.case_state import GIVEN_CHANNELS
from gisgrid.cases.core.rules import CaseAction, Severity
from gisgrid.cases.deadlines.rulebook import HotlineClass
from gisgrid.cases.lists.order import CaseOrder
from gisgrid.cases.photos.pictures import MOST_MB
from gisgrid.cases.photos.service import MOST_IN_REPORT
from gisgrid.days import Period, period
from gisgrid.figures.gaps import GapStep
from gisgrid.figures.hotspots import CaseFilter
from gisgrid.storage.dialect import Bounds
from web.i18n import gettext as _
from web.problems import PROBLEM_RESPONSE

_WORLD: Final = (180.0, 90.0)
_CHANNELS: Final = f"how the person served was told: {', '.join(GIVEN_CHANNELS)}"
RESPONSES: Final[dict[str | int | HTTPStatus, type[BaseModel] | dict[Any, Any] | None]] = dict.fromkeys(
    ("400", "401", "403", "404", "409", "413", "415", "422", "429", "503"), PROBLEM_RESPONSE
)
"""How every operation may fail, for the description."""


def _numbers(text: Any, count: int) -> tuple[float, ...]:
    parts = str(text).split(",")
    try:
        values = tuple(float(part) for part in parts)
    except ValueError:
        values = ()
    if len(values) != count:
        raise ValueError(_("这里要 {n} 个用逗号隔开的数字").format(n=count))
    for place, value in enumerate(values):
        if not abs(value) <= _WORLD[place % 2]:
            raise ValueError(_("这里要先经度后纬度,单位是度"))
    return values


def _ordered(bounds: Bounds) -> Bounds:
    west, south, east, north = bounds
    if west > east or south > north:
        raise ValueError(_("范围框的次序是:西,南,东,北"))
    return bounds


def _of_these_centuries(moment: datetime) -> datetime:
    if not datetime(1900, 1, 2, tzinfo=UTC) <= moment <= datetime(2199, 12, 30, tzinfo=UTC):
        raise ValueError(_("时间要在 1900 年到 2199 年之间"))
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_of_these_centuries)]
Box = Annotated[
    tuple[float, float, float, float],
    BeforeValidator(lambda text: _numbers(text, 4), json_schema_input_type=str),
    AfterValidator(_ordered),
]
Pair = Annotated[
    tuple[float, float], BeforeValidator(lambda text: _numbers(text, 2), json_schema_input_type=str)
]


class PlaceQuery(BaseModel):
    """Which community, as of the end of which day."""

    community: str | None = Field(default=None, max_length=60, description="Default: the only one in scope.")
    as_of: date | None = Field(default=None, description="End of that day in the deployment's zone.")
    revision: int | None = Field(
        default=None, ge=1, le=1_000_000, description="By the areas of which revision; default: that day's."
    )

    @property
    def view_request(self) -> ViewRequest:
        """In the core's form."""
        return ViewRequest(community=self.community, as_of=self.as_of, revision=self.revision)


class PeriodQuery(PlaceQuery):
    """A period of days, both included."""

    first: date | None = Field(default=None, alias="from")
    last: date | None = Field(default=None, alias="to")

    def period(self, view: View) -> Period:
        """In the core's form; without an end it ends at the moment of the view."""
        return period(self.first, self.last, today=view.when.day, tz=view.tz)


class CasesQuery(PeriodQuery):
    """A period and categories of cases (none means all)."""

    category: list[str] = Field(default=[], max_length=100)

    def filter(self, view: View) -> CaseFilter:
        """In the core's form."""
        return CaseFilter(period=self.period(view), categories=tuple(self.category))


class HotspotsQuery(CasesQuery):
    """Hotspots by area of a level, with or without the period before."""

    level: Level = Level.GRID
    compare: str | None = Field(
        default=None, pattern="^previous$", description="`previous` adds that period."
    )


class AreasQuery(PlaceQuery):
    """Areas of a level, all or those that meet a box."""

    level: Level = Level.GRID
    bbox: Box | None = Field(default=None, description="minlon,minlat,maxlon,maxlat")
    simplify: float | None = Field(default=None, ge=0, le=1000, description="Metres; for drawing only.")
    plan: str | None = Field(default=None, max_length=36, description="As this plan has its grids now.")


class LevelQuery(PlaceQuery):
    """Areas of which level."""

    level: Level = Level.GRID


class GapsQuery(PlaceQuery):
    """What is missing: of one grid or all, with one next step or any."""

    grid: str | None = Field(default=None, max_length=60)
    step: GapStep | None = None


class BoxQuery(PlaceQuery):
    """What meets a box, or all."""

    bbox: Box | None = Field(default=None, description="minlon,minlat,maxlon,maxlat")


class GroundQuery(BoxQuery):
    """The ground that meets a box, or all of it."""

    buildings: bool = Field(default=False, description="With the outlines and addresses of buildings.")


class CellsQuery(BoxQuery):
    """Unit cells, as they are or as a plan has them."""

    plan: str | None = Field(default=None, max_length=36, description="As this plan has them now.")


class FacilitiesQuery(PlaceQuery):
    """Facilities of some types, or all."""

    type: list[str] = []


class WalkQuery(PlaceQuery):
    """A walking distance in metres."""

    distance: float = Field(default=500, ge=50, le=5000)


class UncoveredQuery(WalkQuery):
    """Whom no station reaches, in one grid or all."""

    grid: str | None = None


class TextQuery(PlaceQuery):
    """A text to search for."""

    q: str = Field(min_length=1, max_length=100)
    limit: int = Field(default=20, ge=1, le=50)


class SentReason(BaseModel):
    """Why a card is opened, in the body so that no address or log holds it."""

    reason: str = Field(min_length=1, max_length=200)


class NameSearch(BaseModel):
    """A person's name, in the body so that no address or log holds it."""

    name: str = Field(min_length=1, max_length=50)
    limit: int = Field(default=20, ge=1, le=50)


class CaseListQuery(PeriodQuery):
    """A page of cases."""

    state: str = Field(default="open", pattern="^(open|closed|all)$")
    mine: bool = False
    near: Pair | None = Field(default=None, description="lon,lat: the nearest first")
    q: str = Field(default="", max_length=100)
    grid: str | None = None
    category: str | None = None
    severity: Severity | None = None
    source: str | None = Field(default=None, max_length=40)
    late: bool = Field(default=False, description="only those past their time")
    order: CaseOrder = Field(
        default=CaseOrder.REPORTED,
        description="reported: the newest first; due: first what falls due first; near goes before",
    )
    page: int = Field(default=1, ge=1, le=10_000)


class SpotQuery(BaseModel):
    """One place."""

    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    crs: str = Field(default="EPSG:4326", max_length=40, description="EPSG:4326, GCJ-02 or BD-09")


class SpotsQuery(BaseModel):
    """Many places."""

    points: list[tuple[float, float]] = Field(max_length=10_000)
    crs: str = Field(default="EPSG:4326", max_length=40, description="EPSG:4326, GCJ-02 or BD-09")


class Written(BaseModel):
    """What may have waited on a device before it is sent."""

    written_by: str | None = Field(
        default=None,
        max_length=80,
        description="name of the account that wrote it, empty for nobody: refused where another is logged in",
    )


class SentReport(Written):
    """A report of a case."""

    lon: float = Field(allow_inf_nan=False)
    lat: float = Field(allow_inf_nan=False)
    category: str = Field(max_length=60)
    description: str = Field(max_length=4000)
    severity: Severity | None = None
    address: str | None = Field(default=None, max_length=200)
    building: str | None = Field(default=None, max_length=36)
    datum: str = Field(default="WGS-84", max_length=40, description="WGS-84, GCJ-02 or BD-09")
    accuracy_m: float | None = Field(default=None, ge=0, le=100_000)
    contact: str | None = Field(default=None, max_length=100)
    needs_coordination: bool = Field(default=False, description="the community has to help")
    source: Literal["web", "patrol", "hotline", "12345"] = Field(
        default="web",
        description="by which channel it came; a patrol or a hotline is named by who handles cases, and phone"
        " numbers in the description are masked of a hotline",
    )
    hotline_class: HotlineClass | None = Field(
        default=None,
        description="class of a work order of the hotline: it falls due by the limit of that class",
    )
    record: str | None = Field(
        default=None,
        max_length=36,
        description="the record it arose from, at most 31 days old: each names the other",
    )
    website: str = Field(default="", max_length=200, description="left empty: nobody sees this field")
    opened: str = Field(default="", max_length=200, description="when a page was opened, as that page says")
    photos: list[str] = Field(
        default_factory=list,
        description=f"at most {MOST_IN_REPORT} of JPEG, PNG or WebP in base64, each at most {MOST_MB} MB",
    )


class SentResult(Written):
    """How a case ended, and how the person served was told, where that is known."""

    result: str = Field(max_length=4000)
    feedback: str | None = Field(default=None, max_length=20, description=_CHANNELS)
    feedback_at: Moment | None = None
    settled_at: Moment | None = Field(
        default=None, description="when it was settled, where it is noted later"
    )


class SentStep(Written):
    """What comes with a step; each takes what it needs, and says what is missing."""

    reason: str = Field(default="", max_length=4000)
    result: str = Field(default="", max_length=4000)
    feedback: str | None = Field(default=None, max_length=20, description=_CHANNELS)
    feedback_at: Moment | None = None
    settled_at: Moment | None = None
    handler: str | None = Field(default=None, max_length=36, description="id of somebody on duty")
    worker: str | None = Field(default=None, max_length=36, description="id of a co-handler")
    due: Moment | None = None
    duplicate_of: str | None = Field(default=None, max_length=36, description="id or number")
    speed: int | None = Field(default=None, description="1 to 5")
    effect: int | None = Field(default=None, description="1 to 5")
    kind: str | None = Field(default=None, max_length=20, description="timeout, leader or important")


class SentDispatch(BaseModel):
    """Cases to be dispatched at once: to somebody on duty, or each to who is proposed for it."""

    ids: list[str] = Field(min_length=1, max_length=100, description="ids of cases")
    handler: str | None = Field(default=None, max_length=36, description="id of somebody on duty")


class CaseStep(BaseModel):
    """A case and a step of its workflow."""

    id: str = Field(max_length=36)
    action: CaseAction


class SentNothing(Written):
    """A step that needs no words."""


class Coded(BaseModel):
    """A code in a path."""

    code: str = Field(max_length=60)


class Identified(BaseModel):
    """A public id in a path."""

    id: str = Field(max_length=36)
