"""Printed reports: a map and the table of the same figures, by right, on A4."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import shapely

from gisgrid.access.audit import record
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.figures.area_figures import territories
from gisgrid.figures.elderly import elderly_coverage
from gisgrid.figures.hotspots import CaseFilter, hotspots
from gisgrid.figures.renovation import renovation
from gisgrid.figures.shapes import area_shapes
from gisgrid.figures.tables import FigureTable
from gisgrid.indicators.formulas import BY_CODE
from gisgrid.indicators.queries import IndicatorRequest, indicators
from gisgrid.indicators.words import NAMES
from layers.printed import Drawn, map_svg
from layers.style import (
    BLUES,
    NO_CASES,
    NO_DATA,
    TERRITORIES,
    YL_OR_RD,
    class_breaks,
    class_of,
    colours_for,
    rounded,
)
from web.i18n import current_language
from web.i18n import gettext as _
from web.words.signs import sign_of

_WALK_M: Final = 500.0
_DIGITS: Final = 1
"""Decimals of what is printed and coloured."""
_COVERED: Final = (0.0, 25.0, 50.0, 75.0, 90.0)
_PUNCTUAL: Final = (0.0, 60.0, 75.0, 90.0, 95.0)

_OF_COMPOUNDS: Final = (
    "name", "buildings", "built_from", "built_to", "grade",
    "lift_share", "households", "elders", "cases", "score",
)  # fmt: skip

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """A line of a legend: its colour, its words, how many areas it holds; hatched for too few."""

    colour: str
    label: str
    count: int
    is_hatched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What stands on a report. ``svg`` is markup made here from shapes and escaped names."""

    name: str
    title: str
    measure: str
    period: Period | None
    svg: str
    classes: Sequence[Class]
    columns: Sequence[str]
    rows: Sequence[Row]
    records: int | None
    leaves_out_confidential: bool = False
    notes: Sequence[tuple[str, str]] = ()
    """Names and definitions of what stands in the table."""


Make = Callable[[View, Period], Paper]


def report(view: View, name: str, span: Period, *, now: Any) -> Paper:
    """What a report says for the actor; leaves an audit entry in the view's session.

    Raises
    ------
    NotAllowed
        The role lacks the right to the figures.
    """
    paper = REPORTS[name](view, span)
    record(view.session, view.actor, f"report:{name}", "table", now=now, count=len(paper.rows))
    return paper


def _hotspots(view: View, span: Period) -> Paper:
    table = hotspots(view, Level.GRID, CaseFilter(period=span))
    breaks = class_breaks([row["count"] for row in table.rows if row["count"]])
    return _by_class(
        view,
        table,
        level=Level.GRID,
        name="hotspots",
        title=_("案件热点"),
        measure=_("案件数"),
        breaks=breaks,
        ramp=YL_OR_RD,
        value=lambda row: row["count"] or None,
        of=("count",),
        nothing=_("没有案件"),
        columns=("code", "name", "households", "count", "rate"),
        period=span,
    )


def _renovation(view: View, span: Period) -> Paper:
    table = renovation(view, span)
    breaks = class_breaks([row["score"] for row in table.rows], digits=_DIGITS)
    return _by_class(
        view,
        table,
        level=Level.COMPOUND,
        name="renovation",
        title=_("老旧小区改造"),
        measure=_("改造紧迫度"),
        breaks=breaks,
        ramp=YL_OR_RD,
        value=lambda row: row["score"],
        of=("score",),
        nothing=_("没有数据"),
        columns=_OF_COMPOUNDS,
        period=span,
    )


def _elderly(view: View, _span: Period) -> Paper:
    def share(row: Row) -> float | None:
        if not row["elders"] or row["reached"] is None:
            return None
        return float(row["reached"]) / float(row["elders"]) * 100

    return _by_class(
        view,
        elderly_coverage(view, walk_m=_WALK_M),
        level=Level.GRID,
        name="elderly",
        title=_("老人服务覆盖"),
        measure=_("步行 500 米内有服务站点的老人(百分比)"),
        breaks=_COVERED,
        ramp=BLUES,
        value=share,
        of=("elders", "reached"),
        nothing=_("没有老人"),
        columns=("code", "name", "elders", "elders_80", "reached", "with_member"),
        period=None,
    )


def _territories(view: View, _span: Period) -> Paper:
    table = territories(view)
    shapes = {row["code"]: shape for shape, row in area_shapes(view, Level.GRID)}
    drawn = []
    for place, row in enumerate(table.rows):
        parts = [shapes[code] for code in row["grids"] if shapes.get(code) is not None]
        shape = shapely.union_all(parts) if parts else None
        colour = TERRITORIES[place % len(TERRITORIES)]
        label = row["member"] or _("没有网格员")
        drawn.append(Drawn(shape=shape, colour=colour, label=label, is_hatched=row["member"] is None))
    orphans = sum(row["member"] is None for row in table.rows)
    classes = [Class(colour=NO_DATA, label=_("没有网格员的网格"), count=orphans, is_hatched=True)]
    columns = ("member", "grid_names", "phone", "households", "elders", "open_cases", "load")
    return Paper(
        name="territories",
        title=_("网格员责任区"),
        measure=_("每名网格员一种颜色,写着姓名"),
        period=None,
        svg=map_svg(drawn),
        classes=classes if orphans else [],
        columns=columns,
        rows=[_shown(row) for row in table.rows],
        records=table.meta.get("records"),
        leaves_out_confidential=bool(table.meta.get("confidential_left_out")),
    )


_SHARES: Final = ("closure", "on_time_closure", "on_time_handling", "in_grid", "on_spot", "satisfaction")
_PRINTED: Final = ("due", "closed", "closed_on_time", *_SHARES)


def _indicators(view: View, span: Period) -> Paper:
    """Closing on time by grid as a map, and the main shares with their definitions."""
    table = indicators(view, IndicatorRequest(period=span), now=view.when.at)
    total = {"code": "", "name": _("合计"), **table.meta["total"]}
    place = 0 if current_language() == "zh" else 1
    paper = _by_class(
        view,
        table,
        level=Level.GRID,
        name="indicators",
        title=_("案件指标"),
        measure=_("按期结案率(百分比)"),
        breaks=_PUNCTUAL,
        ramp=BLUES,
        value=lambda row: None if row["on_time_closure"] is None else 100 * row["on_time_closure"],
        of=("on_time_closure",),
        nothing=_("没有到期的案件"),
        columns=("name", *_PRINTED),
        period=span,
        digits=2,
    )
    texts = [(BY_CODE[code].definition, BY_CODE[code].definition_en)[place] for code in _SHARES]
    sources = [BY_CODE[code].source for code in _SHARES]
    notes = [
        (NAMES[code][place], _("{text}(来源:{source})").format(text=text, source=source))
        for code, text, source in zip(_SHARES, texts, sources, strict=True)
    ]
    return replace(paper, rows=[_in_per_cent(row) for row in (*table.rows, total)], notes=notes)


def _in_per_cent(row: Row) -> Row:
    """Shares as reports print them, "—" for a share of nothing."""
    shares = {code: str(BY_CODE[code].of(row)) for code in _SHARES}
    return {**_shown(row), "code": row["code"], "name": row["name"] or _("未归入网格"), **shares}


def _by_class(  # noqa: PLR0913 - a sheet has these parts
    view: View,
    table: FigureTable,
    *,
    level: Level,
    name: str,
    title: str,
    measure: str,
    breaks: Sequence[float],
    ramp: Sequence[str],
    value: Callable[[Row], float | None],
    of: Sequence[str],
    nothing: str,
    columns: Sequence[str],
    period: Period | None,
    digits: int = _DIGITS,
) -> Paper:
    """A map in classes: each area in the colour of its value as it is printed.

    Where a figure it is made ``of`` is withheld the area is hatched; where there is ``nothing`` it is white.
    """
    colours = colours_for(ramp, len(breaks))
    shapes = {row["code"]: shape for shape, row in area_shapes(view, level)}
    row_classes = [class_of(value(row), breaks, digits=digits) for row in table.rows]
    hidden = [bool({*of} & set(row.get("suppressed") or ())) for row in table.rows]
    drawn = [
        Drawn(
            shape=shapes.get(row["code"]),
            colour=NO_CASES if place is None else colours[place],
            label=row["name"],
            is_hatched=is_hidden,
        )
        for row, place, is_hidden in zip(table.rows, row_classes, hidden, strict=True)
    ]
    classes = [
        Class(colour=colour, label=_between(breaks, place), count=row_classes.count(place))
        for place, colour in enumerate(colours)
    ]
    without = row_classes.count(None) - sum(hidden)
    if any(hidden):
        sign = sign_of(table.rows[hidden.index(True)])
        classes.append(Class(colour=NO_CASES, label=sign, count=sum(hidden), is_hatched=True))
    if without:
        classes.append(Class(colour=NO_CASES, label=nothing, count=without))
    return Paper(
        name=name,
        title=title,
        measure=measure,
        period=period,
        svg=map_svg(drawn),
        classes=classes,
        columns=columns,
        rows=[_shown(row) for row in table.rows],
        records=table.meta.get("records"),
        leaves_out_confidential=bool(table.meta.get("confidential_left_out")),
    )


def _between(breaks: Sequence[float], place: int) -> str:
    low = f"{breaks[place]:g}"
    return f"{low} – <{breaks[place + 1]:g}" if place + 1 < len(breaks) else f"≥ {low}"


def _shown(row: Row) -> Row:
    """Withheld numbers as their sign, lists joined, fractions with one digit."""
    withheld = set(row.get("suppressed") or ())
    sign = sign_of(row) if withheld else ""
    return {name: sign if name in withheld else _text(value) for name, value in row.items()}


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return f"{rounded(value, _DIGITS):.{_DIGITS}f}" if isinstance(value, float) else str(value)


REPORTS: Final[dict[str, Make]] = {
    "hotspots": _hotspots,
    "renovation": _renovation,
    "elderly": _elderly,
    "territories": _territories,
    "indicators": _indicators,
}
"""The reports there are."""
