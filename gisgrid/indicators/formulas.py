"""The one table of indicators: what is divided by what, in words, and where the formula comes from.

A case counts in the period in which the moment named by the denominator lies: when it falls due, was
reported, filed, handled, closed or rated. So a case reported in one month and due in the next counts where it
is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Final

NOTHING: Final = "—"
"""What stands for a share of nothing: never 0 % and never 100 %."""

PUBLISHED_CODE: Final = "公开的城市管理绩效评价程序(区域与岗位评价)"
TIANMEN: Final = "天门市数字城管 2016 年 12 月公布的算法和数字"
PAPER: Final = "《城市社区网格化治理研究——以宿迁市幸福社区为例》"
OWN: Final = "本系统规定"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stages:
    """How long the steps of the desk may take; deadlines of the cases themselves are rules of their own.

    ``filing`` counts from the report, ``dispatch`` from filing, ``verifying`` and ``checking`` from when they
    were asked for, ``asking`` from the report or from when the case was handled to asking for them.
    ``satisfied`` is the lowest mark, for speed and for effect, that counts as satisfied.
    """

    filing: timedelta = timedelta(hours=2)
    dispatch: timedelta = timedelta(hours=2)
    verifying: timedelta = timedelta(hours=24)
    checking: timedelta = timedelta(hours=24)
    asking: timedelta = timedelta(hours=2)
    satisfied: int = 4


STAGES: Final = Stages()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """A share: how many of how many. Of nothing it has no value."""

    numerator: int
    denominator: int

    @property
    def value(self) -> float | None:
        """Between 0 and 1; nothing where there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None

    def __str__(self) -> str:
        """In per cent with two digits, as reports print it.

        >>> str(Ratio(numerator=911, denominator=972)), str(Ratio(numerator=0, denominator=0))
        ('93.72%', '—')
        """
        return NOTHING if self.value is None else f"{100 * self.value:.2f}%"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A share with its words. ``numerator`` and ``denominator`` are names of counts (:data:`COUNTS`)."""

    code: str
    name: str
    name_en: str
    numerator: str
    denominator: str
    definition: str
    definition_en: str
    source: str
    is_good: bool = True
    """Whether more of it is better."""

    def of(self, counts: Mapping[str, int]) -> Ratio:
        """The share from counts by name."""
        return Ratio(numerator=counts[self.numerator], denominator=counts[self.denominator])


def _one(
    code: str,
    names: tuple[str, str],
    numerator: str,
    denominator: str,
    definition: tuple[str, str],
    source: str,
    *,
    is_good: bool = True,
) -> Indicator:
    return Indicator(
        code=code,
        name=names[0],
        name_en=names[1],
        numerator=numerator,
        denominator=denominator,
        definition=definition[0],
        definition_en=definition[1],
        source=source,
        is_good=is_good,
    )


_DUE: Final = "在期内到期的案件(挂账、不予立案、作废的不算)"
_DUE_EN: Final = "cases that fell due in the period (not suspended, rejected or void ones)"

INDICATORS: Final[tuple[Indicator, ...]] = (
    _one(
        "closure",
        ("结案率", "Closure rate"),
        "closed",
        "due",
        (f"已结案 ÷ {_DUE}", f"closed of {_DUE_EN}"),
        TIANMEN,
    ),
    _one(
        "on_time_closure",
        ("按期结案率", "On-time closure rate"),
        "closed_on_time",
        "due",
        (f"到期前结案 ÷ {_DUE}", f"closed by their deadline, of {_DUE_EN}"),
        TIANMEN,
    ),
    _one(
        "late_closure",
        ("超期结案率", "Late closure rate"),
        "closed_late",
        "due",
        (f"超期后才结案 ÷ {_DUE}", f"closed after their deadline, of {_DUE_EN}"),
        PUBLISHED_CODE,
        is_good=False,
    ),
    _one(
        "unclosed_rate",
        ("未结案率", "Unclosed rate"),
        "unclosed",
        "reported",
        (
            "期内上报、尚未结案(不予立案、作废的不算未结) ÷ 期内上报",
            "reported in the period and not closed (nor rejected or void), of all reported in it",
        ),
        PUBLISHED_CODE,
        is_good=False,
    ),
    _one(
        "handling",
        ("处置率", "Handling rate"),
        "handled",
        "due",
        (f"已处置 ÷ {_DUE}", f"handled, of {_DUE_EN}"),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_handling",
        ("按期处置率", "On-time handling rate"),
        "handled_on_time",
        "due",
        (
            f"到期前处置完(返工的按最后一次) ÷ {_DUE}",
            f"handled by their deadline (the last time, where reworked), of {_DUE_EN}",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "filing",
        ("立案率", "Filing rate"),
        "reported_filed",
        "reported",
        (
            "其中已立案 ÷ 期内上报。立案:案件首次进入立案、派遣、处置或结案",
            "filed, of those reported in the period; filed = first filed, dispatched, handled or closed",
        ),
        OWN + "(各地分母不一)",
    ),
    _one(
        "on_time_filing",
        ("按时立案率", "On-time filing rate"),
        "filed_on_time",
        "filed",
        (
            "上报后 2 小时内立案 ÷ 期内立案",
            "filed within 2 hours of the report, of those filed in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "accurate_filing",
        ("准确立案率", "Accurate filing rate"),
        "filed_accurately",
        "filed",
        ("(立案 − 作废) ÷ 期内立案", "(filed − void) of those filed in the period"),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_dispatch",
        ("按时派遣率", "On-time dispatch rate"),
        "dispatched_on_time",
        "dispatch_due",
        (
            "立案后 2 小时内派遣 ÷ 期内应派遣(已派遣的和立案后无人认领的;自行认领、当场办结的不需派遣)",
            "within 2 hours of filing, of all to be dispatched in the period (claimed ones need no dispatch)",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "accurate_dispatch",
        ("准确派遣率", "Accurate dispatch rate"),
        "dispatched_accurately",
        "dispatched",
        ("(派遣 − 其中返工) ÷ 期内派遣", "(dispatched − reworked of them) of those dispatched in the period"),
        PUBLISHED_CODE,
    ),
    _one(
        "valid_reports",
        ("有效上报率", "Valid report rate"),
        "reported_valid",
        "reported",
        ("未被不予立案、作废 ÷ 期内上报", "neither rejected nor void, of those reported in the period"),
        PUBLISHED_CODE,
    ),
    _one(
        "missed_rate",
        ("漏报率", "Missed rate"),
        "missed",
        "filed",
        (
            "立案中本应由巡查发现、却由他人上报的(管理网、非保密类,且不是巡查或工作人员上报) ÷ 期内立案",
            "told by others than patrol and workers (management net only), of those filed in the period",
        ),
        PUBLISHED_CODE,
        is_good=False,
    ),
    _one(
        "proactive",
        ("主动发现率", "Pro-active rate"),
        "reported_by_workers",
        "reported",
        ("巡查和工作人员上报 ÷ 期内上报", "reported by patrol or workers, of those reported in the period"),
        PAPER,
    ),
    _one(
        "public_reports",
        ("公众举报率", "Public report rate"),
        "reported_by_public",
        "reported",
        (
            "居民、热线、物业等上报 ÷ 期内上报",
            "reported by others than workers, of those reported in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_verifying",
        ("按时核实率", "On-time verifying rate"),
        "verified_on_time",
        "verify_due",
        (
            "要求核实后 24 小时内核实(立案前) ÷ 期内应核实",
            "verified (before filing) within 24 hours of being asked for, of those due in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_checking",
        ("按时核查率", "On-time checking rate"),
        "checked_on_time",
        "check_due",
        (
            "要求核查后 24 小时内核查(处置后) ÷ 期内应核查",
            "checked (after handling) within 24 hours of being asked for, of those due in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_verify_asking",
        ("按时下达核实率", "On-time asking for verifying"),
        "verify_asked_on_time",
        "verify_asked",
        (
            "上报后 2 小时内要求核实 ÷ 期内要求核实",
            "asked for within 2 hours of the report, of those in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "on_time_check_asking",
        ("按时下达核查率", "On-time asking for checking"),
        "check_asked_on_time",
        "check_asked",
        (
            "处置后 2 小时内要求核查 ÷ 期内要求核查",
            "asked for within 2 hours of handling, of those in the period",
        ),
        PUBLISHED_CODE,
    ),
    _one(
        "rework",
        ("返工率", "Rework rate"),
        "reworked",
        "finished",
        ("其中返工过的 ÷ 期内处置完的案件", "reworked at least once, of those handled in the period"),
        OWN + "(各地分母不一)",
        is_good=False,
    ),
    _one(
        "satisfaction",
        ("满意率", "Satisfaction rate"),
        "satisfied",
        "rated",
        (
            "速度和效果都评 4 分以上 ÷ 期内收到的评价",
            "speed and effect both marked 4 or 5, of those rated in the period",
        ),
        OWN + "(各地分母不一)",
    ),
    _one(
        "extension",
        ("延期率", "Extension rate"),
        "extended",
        "due",
        (f"延过期 ÷ {_DUE}", f"put off at least once, of {_DUE_EN}"),
        "福州市数字城管 2022 年第二季度公布的指标",
        is_good=False,
    ),
    _one(
        "in_grid",
        ("网格内办结率", "In-grid closure rate"),
        "ended_in_grid",
        "ended",
        ("在网格一级办结 ÷ 期内办结", "closed at the level of the grid, of those closed in the period"),
        PAPER,
    ),
    _one(
        "on_spot",
        ("当场办结率", "On-the-spot share"),
        "ended_on_spot",
        "ended",
        (
            "未经派遣、当场办结 ÷ 期内办结",
            "settled on the spot without being passed on, of those closed in the period",
        ),
        PAPER,
    ),
)
"""Every indicator, in the order in which they are shown."""

BY_CODE: Final[Mapping[str, Indicator]] = MappingProxyType(
    {indicator.code: indicator for indicator in INDICATORS}
)

COUNTS: Final[tuple[str, ...]] = (
    *dict.fromkeys(name for indicator in INDICATORS for name in (indicator.denominator, indicator.numerator)),
    "volume",
)
"""Every count an indicator or a score is made of. ``volume``: filed in the period and not suspended."""


def ratios_of(counts: Mapping[str, int]) -> dict[str, float | None]:
    """Every indicator from counts, by code."""
    return {indicator.code: indicator.of(counts).value for indicator in INDICATORS}
