"""Files that come in and go out: what they hold, what is done with them, and what was counted."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

YES_NO: Final[Labels] = {"yes": N_("是"), "no": N_("否")}
HAS_LIFT: Final[Labels] = {"yes": "有", "no": "无"}
IMPORT_KINDS: Final[Labels] = {
    "areas": N_("网格等区域"),
    "buildings": N_("楼栋"),
    "streets": N_("道路"),
    "households": N_("住户(户)"),
    "residents": N_("住户成员(人)"),
    "facilities": N_("服务设施"),
    "members": N_("网格员等值守人员"),
    "cases": N_("案件"),
}
IMPORT_WORKS: Final[Labels] = {"check": N_("检查文件"), "import": N_("导入"), "undo": N_("撤销导入")}
IMPORT_COUNTS: Final[Labels] = {
    "new": N_("新增"),
    "updated": N_("更新"),
    "unchanged": N_("未变"),
    "refused": N_("有错误"),
    "closed": N_("关闭"),
    "cells": N_("地块"),
    "moved_m2": N_("修复重叠与缝隙(平方米)"),
    "repaired_m2": N_("修复图形(平方米)"),
    "repaired": N_("修复的图形"),
    "joined": N_("合并的编码"),
    "as_closed": N_("按已结案导入"),
    "outside": N_("不在任何网格内"),
    "without_building": N_("没有对应楼栋"),
    "without_consent": N_("未同意,不导入"),
    "answers": N_("记录的答复"),
    "examples": N_("跳过的示例行"),
    "objects_placed": N_("归入网格的对象"),
    "objects_moved": N_("换了网格的对象"),
    "vertices": N_("顶点"),
    "vertices_moved": N_("对齐的顶点"),
    "no_position": N_("没有位置"),
    "placed_by_address": N_("按地址定位"),
    "address_unknown": N_("地址未找到,待核实"),
    "recorded_differs": N_("与记录的网格不同"),
    "recorded_outside": N_("记录了网格,实际在外"),
    "removed": N_("删去"),
    "restored": N_("恢复原值"),
    "emptied": N_("清空(有同意记录,不能删)"),
}
"""What an import has counted, as far as people need to know it."""
EXPORT_FORMATS: Final[Labels] = {
    "xlsx": N_("Excel 表格"),
    "csv": N_("CSV 文本表格"),
    "gpkg": "GeoPackage",
    "zip": "Shapefile",
    "geojson": "GeoJSON",
}
LAYER_NOTES: Final[Labels] = {
    "areas": N_("边界、名称、户数、人数"),
    "cells": N_("划分用的小块和户数"),
    "buildings": N_("轮廓、地址、年代、电梯"),
    "streets": N_("路线、名称、等级"),
    "facilities": N_("位置、电话、床位"),
    "households": N_("门牌、位置、所在网格"),
    "residents": N_("姓名、年龄、居住状态"),
    "members": N_("姓名、岗位、办公电话"),
    "cases": N_("位置、类别、办理情况"),
    "records": N_("日期、表单、对象、是否见到"),
    "hotspots": N_("各网格案件数和每百户案件"),
    "indicators": N_("各网格结案率、按期率、满意率等"),
    "elderly": N_("各网格老人数和覆盖情况"),
    "territories": N_("每名网格员的片区和负荷"),
    "renovation": N_("各小区楼龄、老人、案件"),
    "revisions": N_("每次划分的时间和原因"),
}
"""What stands in a layer that can be exported, in a few words."""
FORMAT_NOTES: Final[Labels] = {
    "xlsx": N_("用 Excel、WPS 打开,编码前面的 0 不会丢"),
    "csv": N_("给其他系统导入"),
    "gpkg": N_("给 QGIS 等地图软件,一个文件"),
    "zip": N_("给 ArcGIS 等地图软件,打包成 zip"),
    "geojson": N_("给网页地图"),
}
"""What a form of file is good for."""
IMPORT_NOTES: Final[Labels] = {
    "areas": N_("面图层,全部成功才导入;新社区的编码在这里写明"),
    "buildings": N_("面图层;按编码认出已有的楼栋,没有编码按地址"),
    "streets": N_("线图层"),
    "households": N_("按标准地址认出已有的户"),
    "residents": N_("先导入户;身份证号一律不保存"),
    "facilities": N_("有编码的按编码认出,没有的按名称和位置"),
    "members": N_("姓名和办公电话会对居民公开"),
    "cases": N_("按来源和编号认出已有的案件"),
}
"""What is worth knowing of a kind before a file is chosen."""
UNDO_NOTES: Final[Labels] = {
    "areas": N_(
        "社区的第一次划分会整个删去,里面的对象变为“不在任何网格内”,版本号不再使用;"
        "导入时新建的社区没有别的资料的,一并删去。之后又发布过、有人值守、有案件上报或有方案的,"
        "撤销不成,什么都不变。原来已有划分的,由管理员在命令行撤销,或用“恢复”方案改回。"
    ),
    "buildings": N_(
        "新增的楼栋和小区会删去,更新的恢复原值。之后有了住户、案件、值守人员,"
        "或按楼栋划过地块、又被改动过的,撤销不成,什么都不变。"
    ),
    "cases": N_(
        "新增的案件连同记录会删去,编号不再使用,更新的恢复原值。之后又办理或改动过的,撤销不成,什么都不变。"
    ),
    "other": N_("新增的会删去,更新的恢复原值。之后又被改动过的话,撤销不成,什么都不变。"),
}
"""What undoing an import of a kind does, and what keeps it from being undone."""
DATE_FORMS: Final[Labels] = {"mdy": N_("月/日/年(美国写法)"), "dmy": N_("日/月/年")}
FILE_CRS: Final[Labels] = {
    "EPSG:4490": N_("经纬度 CGCS2000 / WGS-84"),
    "GCJ-02": N_("GCJ-02(高德、腾讯地图)"),
    "BD-09": N_("BD-09(百度地图)"),
    "EPSG:4549": N_("CGCS2000 三度带 120°E(EPSG:4549)"),
    "EPSG:4548": N_("CGCS2000 三度带 117°E(EPSG:4548)"),
}
"""Coordinate systems that may be said of a file."""
