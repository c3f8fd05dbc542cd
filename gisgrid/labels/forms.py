"""Forms: what they are about, how their versions stand, and what of them changed."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

FORM_SUBJECTS: Final[Labels] = {
    "person": N_("居民个人"),
    "household": N_("住户"),
    "building": N_("楼栋"),
    "area": N_("网格"),
    "facility": N_("设施点"),
    "community": N_("社区"),
    "case": N_("案件"),
    "worker": N_("工作人员"),
    "organisation": N_("单位组织"),
}
"""Whom or what a form is about."""
VERSION_STATES: Final[Labels] = {
    "draft": N_("草稿"),
    "published": N_("已发布"),
    "retired": N_("不再填写"),
}
VERSION_STEPS: Final[Labels] = {
    "publish": N_("发布"),
    "discard": N_("删去草稿"),
    "retire": N_("停止填写"),
}
ITEM_PARTS: Final[Labels] = {
    "words": N_("题目文字"),
    "type": N_("题型"),
    "choices": N_("可选项"),
    "condition": N_("显示条件"),
    "required": N_("是否必填"),
    "rule": N_("校验条件"),
    "calculation": N_("计算与初始值"),
    "register": N_("对应的登记项"),
    "care": N_("敏感与同意"),
    "mark": N_("是否为标记"),
    "looks": N_("题目样式"),
    "place": N_("先后次序"),
}
"""What of a question differs between two versions."""
FORM_PARTS: Final[Labels] = {
    "title": N_("表单名称"),
    "purpose": N_("表单用途"),
    "legal_basis": N_("所依据的法律"),
    "duties": N_("由谁填写"),
    "languages": N_("表单语言"),
}
"""What of a form as a whole differs between two versions."""
