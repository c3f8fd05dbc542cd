"""Codes as the Chinese words people write for them; an import reads both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from data.importers.kinds import fields
from gisgrid.areas.models import GridType, Level
from gisgrid.cases.core.rules import CaseState, Severity
from gisgrid.cases.intake.hotline import HOTLINE_WORDS


def _by_code(words: Mapping[str, object]) -> dict[str, str]:
    return {str(code): word for word, code in words.items() if code is not None}


SEXES: Final = _by_code(fields.SEX_WORDS)
RESIDENCE: Final = _by_code(fields.RESIDENCE_WORDS)
FACILITIES: Final = _by_code(fields.FACILITY_WORDS)
HOTLINE_CLASSES: Final = _by_code(HOTLINE_WORDS)
DUTIES: Final = _by_code(fields.DUTY_WORDS)
LEVELS: Final[dict[str, str]] = {
    Level.SUBDISTRICT: "街道",
    Level.COMMUNITY: "社区",
    Level.SUB_AREA: "片区",
    Level.COMPOUND: "小区",
    Level.GRID: "网格",
    Level.MICRO_GRID: "微网格",
}
GRID_TYPES: Final[dict[str, str]] = {GridType.GENERAL: "综合网格", GridType.EXCLUSIVE: "专属网格"}
SEVERITIES: Final[dict[str, str]] = {
    Severity.SMALL: "小事",
    Severity.BIG: "大事",
    Severity.HARD: "难事",
    Severity.EMERGENCY: "紧急",
}
STATES: Final[dict[str, str]] = {
    CaseState.REPORTED: "已上报",
    CaseState.ACCEPTED: "已受理",
    CaseState.VERIFYING: "核实中",
    CaseState.FILED: "已立案",
    CaseState.DISPATCHED: "已派遣",
    CaseState.RECEIPTED: "已签收",
    CaseState.HANDLING: "处置中",
    CaseState.FEEDBACK: "待反馈",
    CaseState.CHECKING: "核查中",
    CaseState.RETURNED: "已回退",
    CaseState.SUSPENDED: "已挂账",
    CaseState.CLOSED: "已结案",
    CaseState.RATED: "已评价",
    CaseState.REJECTED: "不予立案",
    CaseState.VOID: "已作废",
}
