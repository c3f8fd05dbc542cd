"""Tasks in the field: how they stand, why they end, and the shipped rules with what they ask for."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

FIELD_TASK_STATES: Final[Labels] = {
    "planned": N_("还没到时候"),
    "open": N_("待完成"),
    "overdue": N_("已逾期"),
    "done": N_("按时完成"),
    "late": N_("逾期完成"),
    "missed": N_("未完成"),
    "cancelled": N_("不再需要"),
}
SPAN_ENDS: Final[Labels] = {
    "moved": N_("已搬走"),
    "consent": N_("已撤回同意"),
    "erased": N_("信息已删除"),
    "died": N_("已去世"),
    "facts": N_("情况已变化"),
    "rule": N_("规则已停用或更新"),
}
"""Why a task is no longer needed."""
VISIT_STEPS: Final[Labels] = {
    "visit": N_("走访见面"),
    "opinions": N_("搜集民情"),
    "filing": N_("登记备案"),
    "coordination": N_("主动协调"),
    "feedback": N_("及时反馈"),
}
"""The five steps of a visit, in their order."""
VISIT_STEP_STATES: Final[Labels] = {
    "done": N_("已完成"),
    "waiting": N_("要做"),
    "open": N_("未开始"),
    "not_needed": N_("不需要"),
}
"""How a step of a visit stands."""
ROUND_STATES: Final[Labels] = {
    "draft": N_("草稿"),
    "running": N_("进行中"),
    "closed": N_("已结束"),
}
EXCUSES: Final[Labels] = {
    "refused": N_("未同意"),
    "vacant": N_("空置"),
    "moved": N_("已搬走"),
    "erased": N_("信息已删除"),
}
"""Why a subject of a round isn't missed."""
FACT_WORDS: Final[Labels] = {
    "age": N_("周岁"),
    "sex": N_("性别(f 女,m 男)"),
    "residence": N_("户籍与居住"),
    "household_kind": N_("住房类型"),
    "living_alone": N_("独居"),
    "empty_nest": N_("空巢"),
    "ability_grade": N_("失能等级"),
    "no_income": N_("无收入来源"),
    "min_allowance": N_("享受低保"),
    "disabled": N_("残疾"),
    "hardship": N_("生活困难"),
    "has_visitor": N_("已有探访人"),
    "contracted": N_("有签约服务"),
    "verified_days": N_("上次核实距今天数"),
    "lived_days": N_("入住天数"),
    "building_year": N_("建成于"),
    "condition": N_("房屋危险等级"),
    "repeat_cases_90": N_("九十天内重复案件"),
    "facility_kind": N_("设施属于哪类"),
}
"""What a choice of a rule or a round may ask for."""
RULE_FIELDS: Final[Labels] = {
    "who": N_("对谁"),
    "form": N_("填写哪张表"),
    "every_days": N_("每几天一次"),
    "every_months": N_("或每几个月一次"),
    "first": N_("第一次在几天内"),
    "days": N_("几天内"),
    "keep": N_("过期几天内仍算"),
    "lead": N_("提前几天可做"),
    "priority": N_("先后(1 最急,3 最缓)"),
}
"""What can be changed of a rule."""
SHIPPED_RULES: Final[Labels] = {
    "elder_week": N_("高风险老人每周探访"),
    "elder_month": N_("重点老人每月探访"),
    "elder_quarter": N_("一般老人每季度探访"),
    "change_24h": N_("重大变化后 24 小时内探访"),
    "after_fall": N_("跌倒后三天内探访"),
    "not_met_3d": N_("没见到人,三天内再去"),
    "aid_30d": N_("需要帮扶,三十天内回应"),
    "aid_quarter": N_("低保和无收入人员每季度关爱"),
    "feedback_7d": N_("走访事项七天内反馈"),
    "new_home_14d": N_("新入住十四天内核实"),
    "verify_180d": N_("每半年核实一次"),
    "patrol_week": N_("巡查点每周巡查"),
    "screen_month": N_("纠纷多发楼栋每月排查"),
}
RULE_REASONS: Final[Labels] = {
    "elder_week": N_("八十岁以上的独居或空巢老人,每周至少一次"),
    "elder_month": N_("六十岁以上,失能、残疾、困难、独居或空巢的老人,每月至少一次"),
    "elder_quarter": N_("六十岁以上,有轻度失能、低保、无收入或已有探访人的其他老人,每季度至少一次"),
    "change_24h": N_("上一次探访发现重大变化"),
    "after_fall": N_("上一次探访得知跌倒"),
    "not_met_3d": N_("上一次没见到人;再次没见到,请与邻居或民警同去"),
    "aid_30d": N_("本人提出需要帮扶"),
    "aid_quarter": N_("低保家庭和没有收入的人,每季度至少一次"),
    "feedback_7d": N_("走访时答应过反馈"),
    "new_home_14d": N_("入住不满三十天的住户"),
    "verify_180d": N_("住户信息超过半年没有确认"),
    "patrol_week": N_("设为巡查点的设施;默认不启用"),
    "screen_month": N_("九十天内有三起以上重复案件的楼栋"),
}
"""Why somebody has a task of a shipped rule: it is shown with the task."""
