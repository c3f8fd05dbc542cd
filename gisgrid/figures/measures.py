"""What each number of the maps is: its definition with the bounds it is computed by, and their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gisgrid.access.actions import Action
from gisgrid.analysis.coverage import DETOUR, WALKS_M
from gisgrid.analysis.hotspots import MIN_CASES, MIN_HOUSEHOLDS, RATE_PER_HOUSEHOLDS
from gisgrid.analysis.renovation import FULL_RATE, LIFT_FROM_FLOORS, OLD_UNTIL, OLDISH_UNTIL, WEIGHTS
from gisgrid.analysis.workload import NormPolicy
from gisgrid.figures.completeness import CASE_DAYS
from gisgrid.figures.elder_visits import VISIT_DAYS
from gisgrid.labels.table import N_
from gisgrid.people.core.rules import ELDER_AGE, OLD_ELDER_AGE
from gisgrid.people.freshness import AGEING_DAYS, FRESH_DAYS

_NORM: Final = NormPolicy()
_OWN: Final = N_("本系统规定")
_NORM_SOURCE: Final = N_("《城乡社区网格化服务管理规范》")
_HOUSING: Final = N_("《国务院办公厅关于全面推进城镇老旧小区改造工作的指导意见》")
_SURVEY: Final = N_("《危险房屋鉴定标准》")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a table: ``code`` is its column, ``definition`` a text with places for ``values``."""

    code: str
    definition: str
    values: Mapping[str, Any] = field(default_factory=dict)
    source: str = _OWN


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSet:
    """The numbers of one map, and the right that opens it."""

    title: str
    right: Action
    measures: tuple[Measure, ...]


def _one(code: str, definition: str, source: str = _OWN, **values: Any) -> Measure:
    return Measure(code=code, definition=definition, values=values, source=source)


HOTSPOTS: Final = MeasureSet(
    title=N_("案件热点"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("count", N_("所选日期内上报、现在位于该区域的案件;不予立案、作废和重复的不算")),
        _one(
            "rate",
            N_("案件数 ÷ 户数 × {per};不足 {homes} 户或 {cases} 件的不算"),
            per=RATE_PER_HOUSEHOLDS,
            homes=MIN_HOUSEHOLDS,
            cases=MIN_CASES,
        ),
        _one("households", N_("该区域的户数")),
        _one("previous", N_("所选日期之前同样长的一段里的案件数;保密类别为上一个季度")),
        _one("change", N_("案件数 − 上期案件数")),
    ),
)
ELDERLY: Final = MeasureSet(
    title=N_("老人服务覆盖"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("elders", N_("登记的 {age} 岁及以上居民"), age=ELDER_AGE),
        _one("elders_80", N_("登记的 {age} 岁及以上居民"), age=OLD_ELDER_AGE),
        _one(
            "reached",
            N_("到最近的居家养老服务站步行不超过所选距离({walks} 米)的老人;步行距离按直线距离 × {detour} 计"),
            walks=" / ".join(str(walk_m) for walk_m in WALKS_M),
            detour=DETOUR,
        ),
        _one("with_member", N_("所在网格有主责网格员的老人")),
        _one("with_visitor", N_("有探访人的老人")),
        _one("without_visitor", N_("没有探访人、也没有说不要探访的老人")),
        _one("agreed", N_("同意探访(或依法登记)的老人")),
        _one(
            "visited",
            N_("同意探访、{days} 天内见到本人的老人;没有确切人数权限的账号看到上一个整季度末的数"),
            days=VISIT_DAYS,
        ),
        _one(
            "unseen",
            N_("同意探访、{days} 天没见到本人的老人;没有确切人数权限的账号看到上一个整季度末的数"),
            days=VISIT_DAYS,
        ),
        _one(
            "overdue",
            N_("按探访安排最晚那天已过、还没见到本人的老人;没有确切人数权限的账号看到上一个整季度末的数"),
        ),
        _one(
            "double_gap",
            N_("探访逾期,并且步行超过所选距离才到服务站的老人;没有确切人数权限的账号看到上一个整季度末的数"),
        ),
        _one("unregistered", N_("没有登记居民的住户:其中有没有老人不知道")),
    ),
)
NEEDS: Final = MeasureSet(
    title=N_("需要分布"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("in_need", N_("本人同意登记的需要还在的人,每人算一次;能力完好的不算")),
        _one("unserved", N_("其中至少一项需要没有写明由谁服务,也没有签约的上门服务或探访人的人")),
        _one("unserved_share", N_("没人服务的人 ÷ 有需要的人")),
        _one("no_income", N_("登记为没有收入的人")),
        _one(
            "unaided", N_("没有收入、一年内没有送到的帮扶的人;没有确切人数权限的账号看到上一个整季度末的数")
        ),
    ),
)
TERRITORIES: Final = MeasureSet(
    title=N_("网格员分布"),
    right=Action.AREAS_VIEW,
    measures=(
        _one("households", N_("该网格员主责的全部网格的户数")),
        _one("elders", N_("登记的 {age} 岁及以上居民"), age=ELDER_AGE),
        _one("open_cases", N_("现在位于这些网格、尚未结束的案件")),
        _one("load", N_("户数 ÷ {homes}:1 表示一名网格员的标准户数"), _NORM_SOURCE, homes=_NORM.per_member),
        _one(
            "norm_class",
            N_("按每个网格的户数:{low} 以下为偏少,{low} 至 {ok} 为合适,至 {high} 为偏多,以上为超标"),
            _NORM_SOURCE,
            low=_NORM.ok_from,
            ok=_NORM.ok_to,
            high=_NORM.high_to,
        ),
    ),
)
RENOVATION: Final = MeasureSet(
    title=N_("老旧小区改造"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("buildings", N_("小区的楼栋")),
        _one("built_from", N_("小区里最早建成的楼栋的年份")),
        _one("built_to", N_("小区里最晚建成的楼栋的年份")),
        _one("condition_counts", N_("按房屋安全等级的楼栋数:A 安全至 D 整体危险"), _SURVEY),
        _one("grade", N_("已鉴定楼栋中最差的等级"), _SURVEY),
        _one("grade_share", N_("最差等级的楼栋 ÷ 已鉴定的楼栋")),
        _one("households", N_("小区的户数")),
        _one("elders", N_("登记的 {age} 岁及以上居民"), age=ELDER_AGE),
        _one("lift_share", N_("有电梯的楼栋 ÷ 知道有没有电梯的楼栋")),
        _one("cases", N_("所选日期内位于小区的案件;不予立案、作废和重复的不算")),
        _one(
            "rate",
            N_("案件数 ÷ 户数 × {per};不足 {homes} 户或 {cases} 件的不算"),
            per=RATE_PER_HOUSEHOLDS,
            homes=MIN_HOUSEHOLDS,
            cases=MIN_CASES,
        ),
        _one(
            "score",
            N_(
                "0 至 100:房屋等级 {condition},房龄 {age}({old} 年以前建成计满,至 {oldish} 年计一半),"
                "{floors} 层及以上无电梯 {lift},老人 {elders},案件 {cases}(每百户 {full} 件计满);"
                "不知道的部分不计,其余按比例放大,知道的不足一半时没有分数"
            ),
            _HOUSING,
            **{part: f"{weight:g}" for part, weight in WEIGHTS.items()},
            old=OLD_UNTIL,
            oldish=OLDISH_UNTIL,
            floors=LIFT_FROM_FLOORS,
            full=f"{FULL_RATE:g}",
        ),
    ),
)
COMPLETENESS: Final = MeasureSet(
    title=N_("资料完整度"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("households", N_("该区域的户数")),
        _one("with_position", N_("有自己坐标的住户")),
        _one("position_share", N_("有自己坐标的住户 ÷ 户数")),
        _one("verified_90", N_("{days} 天内有人上门核实的住户"), days=FRESH_DAYS),
        _one("verified_180", N_("{days} 天内有人上门核实的住户"), days=AGEING_DAYS),
        _one("share_90", N_("{days} 天内有人上门核实的住户 ÷ 户数"), days=FRESH_DAYS),
        _one("share_180", N_("{days} 天内有人上门核实的住户 ÷ 户数"), days=AGEING_DAYS),
        _one("never_verified", N_("从来没有人上门核实的住户")),
        _one("cases", N_("最近 {days} 天内上报的案件"), days=CASE_DAYS),
        _one("cases_with_position", N_("其中有位置的案件")),
        _one("case_share", N_("有位置的案件 ÷ 案件数")),
    ),
)
RECORDS: Final = MeasureSet(
    title=N_("记录统计"),
    right=Action.FIGURES_VIEW,
    measures=(
        _one("records", N_("所选日期内这张表单的记录;被更正、撤下的和对象后来不同意的不算")),
        _one("subjects", N_("这些记录说到的人、户、楼栋、设施或区域,每个算一次,按现在所在的区域算")),
        _one("met", N_("所选日期内至少见到一次的对象;表单不问见没见到的没有这个数")),
        _one("unmet", N_("所选日期内一次也没见到的对象")),
    ),
)
SETS: Final = (HOTSPOTS, ELDERLY, NEEDS, RECORDS, TERRITORIES, RENOVATION, COMPLETENESS)
"""The maps in the order of their menu."""
