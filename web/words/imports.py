"""Words for imports, in the reader's language."""

from __future__ import annotations

from data.importers.kinds.fields import KINDS
from data.importers.values.field import Field
from data.uploads.store import Work
from web.i18n import current_language
from web.i18n import gettext as _


def kind_name(kind: str) -> str:
    """What a file holds."""
    names = {
        "areas": _("网格等区域"),
        "buildings": _("楼栋"),
        "streets": _("道路"),
        "households": _("住户(户)"),
        "residents": _("住户成员(人)"),
        "facilities": _("服务设施"),
        "members": _("网格员等值守人员"),
        "cases": _("案件"),
    }
    return names.get(kind, kind)


def kind_note(kind: str) -> str:
    """What is worth knowing of a kind before a file is chosen."""
    names = {
        "areas": _("面图层,全部成功才导入;新社区的编码在这里写明"),
        "buildings": _("面图层;按编码认出已有的楼栋,没有编码按地址"),
        "streets": _("线图层"),
        "households": _("按标准地址认出已有的户"),
        "residents": _("先导入户;身份证号一律不保存"),
        "facilities": _("有编码的按编码认出,没有的按名称和位置"),
        "members": _("姓名和办公电话会对居民公开"),
        "cases": _("按来源和编号认出已有的案件"),
    }
    return names.get(kind, "")


def undo_note(kind: str) -> str:
    """What undoing an import of a kind does, and what keeps it from being undone."""
    names = {
        "areas": _(
            "社区的第一次划分会整个删去,里面的对象变为“不在任何网格内”,版本号不再使用;"
            "导入时新建的社区没有别的资料的,一并删去。之后又发布过、有人值守、有案件上报或有方案的,"
            "撤销不成,什么都不变。原来已有划分的,由管理员在命令行撤销,或用“恢复”方案改回。"
        ),
        "buildings": _(
            "新增的楼栋和小区会删去,更新的恢复原值。之后有了住户、案件、值守人员,"
            "或按楼栋划过地块、又被改动过的,撤销不成,什么都不变。"
        ),
        "cases": _(
            "新增的案件连同记录会删去,编号不再使用,更新的恢复原值。之后又办理或改动过的,撤销不成,什么都不变。"
        ),
    }
    return names.get(kind, _("新增的会删去,更新的恢复原值。之后又被改动过的话,撤销不成,什么都不变。"))


def work_name(work: Work) -> str:
    """What is being done with a file."""
    names = {Work.CHECK: _("检查文件"), Work.IMPORT: _("导入"), Work.UNDO: _("撤销导入")}
    return names[work]


def count_name(name: str) -> str | None:
    """A count of an import; nothing where people needn't know it."""
    names = {
        "new": _("新增"),
        "updated": _("更新"),
        "unchanged": _("未变"),
        "refused": _("有错误"),
        "closed": _("关闭"),
        "cells": _("地块"),
        "moved_m2": _("修复重叠与缝隙(平方米)"),
        "repaired_m2": _("修复图形(平方米)"),
        "repaired": _("修复的图形"),
        "joined": _("合并的编码"),
        "as_closed": _("按已结案导入"),
        "outside": _("不在任何网格内"),
        "without_building": _("没有对应楼栋"),
        "without_consent": _("未同意,不导入"),
        "answers": _("记录的答复"),
        "examples": _("跳过的示例行"),
        "objects_placed": _("归入网格的对象"),
        "objects_moved": _("换了网格的对象"),
        "vertices": _("顶点"),
        "vertices_moved": _("对齐的顶点"),
        "no_position": _("没有位置"),
        "placed_by_address": _("按地址定位"),
        "address_unknown": _("地址未找到,待核实"),
        "recorded_differs": _("与记录的网格不同"),
        "recorded_outside": _("记录了网格,实际在外"),
        "removed": _("删去"),
        "restored": _("恢复原值"),
        "emptied": _("清空(有同意记录,不能删)"),
    }
    return names.get(name)


def row_place(row: int, counted: str) -> str:
    """The place of a row in its file, as whoever opens the file finds it."""
    names = {"feature": _("第 {n} 个图形"), "record": _("第 {n} 条")}
    return names.get(counted, _("第 {n} 行")).format(n=row)


def rows_title(counted: str) -> str:
    """What the rows of a file are called."""
    names = {"feature": _("图形"), "record": _("记录")}
    return names.get(counted, _("行"))


def field_title(kind: str, name: str | None) -> str:
    """A field as people call it: the template's head in Chinese, our own name elsewhere."""
    fields: dict[str, Field] = {field.name: field for field in KINDS.get(kind, ())}
    parts = [part.strip() for part in (name or "").split(",")]
    if current_language() != "zh":
        return ", ".join(part for part in parts if part)
    extra = {"geometry": "图形", "building": "楼栋", "recorded_area": "记录的网格"}
    return "、".join(fields[one].titles[0] if one in fields else extra.get(one, one) for one in parts if one)


def date_choices() -> list[tuple[str, str]]:
    """Forms of dates to choose from."""
    return [
        ("mdy", _("月/日/年(美国写法)")),
        ("dmy", _("日/月/年")),
    ]


def crs_choices() -> list[tuple[str, str]]:
    """Coordinate systems to choose from: what is said of a file, and its name."""
    return [
        ("EPSG:4490", _("经纬度 CGCS2000 / WGS-84")),
        ("GCJ-02", _("GCJ-02(高德、腾讯地图)")),
        ("BD-09", _("BD-09(百度地图)")),
        ("EPSG:4549", _("CGCS2000 三度带 120°E(EPSG:4549)")),
        ("EPSG:4548", _("CGCS2000 三度带 117°E(EPSG:4548)")),
    ]
