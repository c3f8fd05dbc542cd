"""The numbers and shares of the monthly report of organisations: what each is called and what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gisgrid.indicators.formulas import OWN, Indicator


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number of the report: what it is called and exactly what is counted, in Chinese and English."""

    code: str
    name: str
    name_en: str
    definition: str
    definition_en: str


COUNTS: Final[tuple[Count, ...]] = (
    Count(
        code="asked",
        name="交办",
        name_en="Asked",
        definition="本月交给该单位的事项(收回的、保密类别的不算)",
        definition_en="errands given to it in the month (none taken back, none of a confidential category)",
    ),
    Count(
        code="due",
        name="到期",
        name_en="Due",
        definition="办理期限在本月、已经到期的事项(退回的不算)",
        definition_en="errands whose time ended in the month and by now (none that was returned)",
    ),
    Count(
        code="finished",
        name="其中办结",
        name_en="Finished of due",
        definition="到期事项中已办结的,按期或超期都算",
        definition_en="of those due, finished by now, on time or late",
    ),
    Count(
        code="on_time",
        name="其中按期办结",
        name_en="Finished on time",
        definition="到期事项中在期限内办结的",
        definition_en="of those due, finished by the end of their time",
    ),
    Count(
        code="returned",
        name="退回",
        name_en="Returned",
        definition="本月交办事项中被该单位退回的",
        definition_en="of those given in the month, returned by the organisation",
    ),
    Count(
        code="repeated",
        name="重复",
        name_en="Repeated",
        definition="本月交办事项中,此前 90 天内同一地点、同一类别已交给过该单位的",
        definition_en="of those given in the month, given to it within 90 days before at the same place "
        "for the same category",
    ),
    Count(
        code="dissatisfied",
        name="评价不满意",
        name_en="Rated low",
        definition="本月交办事项所属案件中,反映人在速度或效果上评 2 分及以下的"
        "(交办不足 5 件时,单位自己不可见)",
        definition_en="of those given in the month, about a case whose reporter rated speed or effect "
        "with 2 or less (not told to the organisation itself where it was given fewer than 5)",
    ),
    Count(
        code="complaints",
        name="公众反映",
        name_en="Complaints",
        definition="本月公众上报、属于物业管理条线、位于该物业公司范围内的案件(不予立案、作废、保密类别的不算)",
        definition_en="cases of the line of property management that the public reported in the month within "
        "the company's areas (none rejected, void or confidential)",
    ),
)
"""The numbers of the report in their order."""


SHARES: Final[tuple[Indicator, ...]] = (
    Indicator(
        code="finish_rate",
        name="办结率",
        name_en="Finished",
        numerator="finished",
        denominator="due",
        definition="其中办结 ÷ 到期",
        definition_en="finished of due",
        source=OWN,
    ),
    Indicator(
        code="on_time_rate",
        name="按期办结率",
        name_en="Finished on time",
        numerator="on_time",
        denominator="due",
        definition="其中按期办结 ÷ 到期",
        definition_en="finished on time, of due",
        source=OWN,
    ),
    Indicator(
        code="return_rate",
        name="退回率",
        name_en="Share returned",
        numerator="returned",
        denominator="asked",
        definition="退回 ÷ 交办",
        definition_en="returned of asked",
        source=OWN,
        is_good=False,
    ),
    Indicator(
        code="repeat_rate",
        name="重复率",
        name_en="Share repeated",
        numerator="repeated",
        denominator="asked",
        definition="重复 ÷ 交办",
        definition_en="repeated of asked",
        source=OWN,
        is_good=False,
    ),
)
"""The shares of the report in their order."""
