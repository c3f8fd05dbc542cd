"""The layers and tables that can leave the house, by name."""

from __future__ import annotations

from typing import Final

from data.exporters import sources
from data.exporters.layer import Column, ColumnKind, Geometry, Layer
from gisgrid.access.actions import Action
from gisgrid.errors import InvalidInput, say
from gisgrid.indicators.formulas import COUNTS, INDICATORS
from gisgrid.indicators.scores import SCORES
from gisgrid.indicators.words import NAMES
from gisgrid.labels.areas import GRID_TYPES, LEVELS
from gisgrid.labels.cases import CASE_STATES, HOTLINE_CLASSES, SEVERITIES
from gisgrid.labels.forms import FORM_SUBJECTS
from gisgrid.labels.people import RESIDENCE_IN_FILES, SEXES
from gisgrid.labels.places import FACILITY_TYPES
from gisgrid.labels.workforce import DUTIES_IN_FILES

_WITHHELD: Final = (Column("suppressed", "未列出"), Column("reason", "未列原因"))
"""Which figures of a row are withheld, and the sign that stands in their place."""
_AREA: Final = (Column("code", "编码"), Column("name", "名称"))
_COUNTS: Final = (
    Column("households", "户数", ColumnKind.WHOLE),
    Column("residents", "人数", ColumnKind.WHOLE),
    Column("elders", "老人数", ColumnKind.WHOLE),
    Column("open_cases", "未办结案件", ColumnKind.WHOLE),
)

_LAYERS: Final = (
    Layer(
        name="areas",
        title="网格边界",
        title_en="Grids and other areas",
        action=Action.AREAS_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            *_AREA,
            Column("level", "层级", words=LEVELS),
            Column("parent", "上级编码"),
            Column("type", "网格类型", words=GRID_TYPES),
            *_COUNTS,
            *_WITHHELD,
        ),
        read=sources.areas,
        of_level=True,
        counts_cases=True,
    ),
    Layer(
        name="cells",
        title="地块",
        title_en="Plots",
        action=Action.AREAS_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            Column("id", "标识"),
            Column("grid", "网格编码"),
            Column("micro_grid", "微网格编码"),
            Column("households", "户数", ColumnKind.WHOLE),
        ),
        read=sources.cells,
    ),
    Layer(
        name="buildings",
        title="楼栋",
        title_en="Buildings",
        action=Action.BUILDINGS_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            Column("code", "楼栋编码"),
            Column("address", "地址"),
            Column("name", "楼栋名称"),
            Column("compound", "小区"),
            Column("floors", "层数", ColumnKind.WHOLE),
            Column("built_year", "建成年份", ColumnKind.WHOLE),
            Column("condition", "房屋等级"),
            Column("lift", "电梯", ColumnKind.YES_NO),
            Column("dwellings", "户数", ColumnKind.WHOLE),
            Column("households", "登记户数", ColumnKind.WHOLE),
        ),
        read=sources.buildings,
    ),
    Layer(
        name="streets",
        title="道路",
        title_en="Streets",
        action=Action.AREAS_VIEW,
        geometry=Geometry.LINE,
        columns=(
            Column("name", "名称"),
            Column("kind", "道路类型"),
            Column("tunnel", "隧道", ColumnKind.YES_NO),
            Column("bridge", "桥梁", ColumnKind.YES_NO),
            Column("layer", "层", ColumnKind.WHOLE),
        ),
        read=sources.streets,
    ),
    Layer(
        name="facilities",
        title="服务设施",
        title_en="Facilities",
        action=Action.AREAS_VIEW,
        geometry=Geometry.POINT,
        columns=(
            Column("code", "编码"),
            Column("type", "设施类型", words=FACILITY_TYPES),
            Column("name", "名称"),
            Column("address", "地址"),
            Column("office_phone", "办公电话", short="phone"),
            Column("capacity", "可容纳人数", ColumnKind.WHOLE),
            Column("floor_area_m2", "面积", ColumnKind.NUMBER, "floor_area"),
        ),
        read=sources.facilities,
    ),
    Layer(
        name="households",
        title="住户地址",
        title_en="Households",
        action=Action.PERSONS_VIEW,
        geometry=Geometry.POINT,
        is_personal=True,
        columns=(
            Column("address", "标准地址"),
            Column("building", "楼栋"),
            Column("unit", "单元"),
            Column("room", "室号"),
            Column("grid", "网格编码"),
            Column("lived_from", "入住日期", ColumnKind.DAY),
            Column("verified_at", "最近核对", ColumnKind.INSTANT, "verified"),
        ),
        read=sources.households,
        count=sources.count_households,
    ),
    Layer(
        name="residents",
        title="居民名册",
        title_en="Residents",
        action=Action.PERSONS_LIST,
        is_personal=True,
        columns=(
            Column("external_id", "外部编号", short="ext_id"),
            Column("address", "标准地址"),
            Column("building", "楼栋"),
            Column("unit", "单元"),
            Column("room", "室号"),
            Column("name", "姓名"),
            Column("sex", "性别", words=SEXES),
            Column("birth_date", "出生日期", ColumnKind.DAY),
            Column("age", "年龄", ColumnKind.WHOLE),
            Column("residence_status", "居住状态", short="residence", words=RESIDENCE_IN_FILES),
            Column("phone", "电话"),
            Column("grid", "网格编码"),
        ),
        read=sources.residents,
        count=sources.count_residents,
    ),
    Layer(
        name="members",
        title="在岗人员",
        title_en="People on duty",
        action=Action.AREAS_VIEW,
        columns=(
            Column("name", "姓名"),
            Column("code", "工号"),
            Column("office_phone", "办公电话", short="phone"),
            Column("duty", "岗位", words=DUTIES_IN_FILES),
            Column("primary", "主责", ColumnKind.YES_NO),
            Column("area", "区域编码"),
            Column("area_name", "区域名称"),
            Column("from", "上岗日期", ColumnKind.DAY),
        ),
        read=sources.members,
    ),
    Layer(
        name="cases",
        title="案件",
        title_en="Cases",
        action=Action.CASES_VIEW,
        geometry=Geometry.POINT,
        is_personal=True,
        columns=(
            Column("number", "案件编号"),
            Column("category", "类别"),
            Column("severity", "轻重", words=SEVERITIES),
            Column("state", "状态", words=CASE_STATES),
            Column("grid", "网格编码"),
            Column("address", "地址"),
            Column("description", "描述", short="descript"),
            Column("handler", "主办人"),
            Column("reported_at", "上报时间", ColumnKind.INSTANT, "reported"),
            Column("due_at", "办理期限", ColumnKind.INSTANT),
            Column("hotline_class", "热线类别", short="hot_class", words=HOTLINE_CLASSES),
            Column("closed_at", "办结时间", ColumnKind.INSTANT),
            Column("suspended_at", "挂账时间", ColumnKind.INSTANT, "suspended"),
            Column("overdue", "超期", ColumnKind.YES_NO),
            Column("result", "办理结果"),
            Column("rating_speed", "速度评分", ColumnKind.WHOLE, "rate_speed"),
            Column("rating_result", "结果评分", ColumnKind.WHOLE, "rate_reslt"),
            Column("rated_at", "评价时间", ColumnKind.INSTANT, "rated"),
            Column("source", "来源"),
            Column("external_number", "来源编号", short="ext_number"),
            Column("recorded_area", "记录网格", short="rec_area"),
            Column("datum", "坐标基准"),
            Column("place_exact", "位置精确", ColumnKind.YES_NO, "place_ok"),
            Column("texts_whole", "文字完整", ColumnKind.YES_NO, "texts_ok"),
        ),
        read=sources.cases,
        count=sources.count_cases,
        of_period=True,
        counts_cases=True,
    ),
    Layer(
        name="records",
        title="走访与核实记录",
        title_en="Records",
        action=Action.RECORDS_VIEW,
        geometry=Geometry.POINT,
        is_personal=True,
        columns=(
            Column("day", "日期", ColumnKind.DAY),
            Column("form", "表单编码"),
            Column("title", "表单"),
            Column("subject", "对象", words=FORM_SUBJECTS),
            Column("name", "姓名或名称"),
            Column("address", "地址"),
            Column("grid", "网格编码"),
            Column("by", "填写人"),
            Column("met", "是否见到", ColumnKind.YES_NO),
            Column("doubtful", "时间存疑", ColumnKind.YES_NO),
            Column("correction", "更正过", ColumnKind.YES_NO),
        ),
        read=sources.records,
        count=sources.count_records,
        of_period=True,
    ),
    Layer(
        name="hotspots",
        title="案件热点",
        title_en="Case hotspots",
        action=Action.FIGURES_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            *_AREA,
            Column("count", "案件数", ColumnKind.WHOLE),
            Column("rate", "每百户案件", ColumnKind.NUMBER),
            *_WITHHELD,
        ),
        read=sources.hotspots,
        of_level=True,
        of_period=True,
        counts_cases=True,
    ),
    Layer(
        name="indicators",
        title="案件指标",
        title_en="Indicators of cases",
        action=Action.FIGURES_VIEW,
        columns=(
            *_AREA,
            *(Column(name, NAMES[name][0], ColumnKind.WHOLE) for name in COUNTS),
            *(
                Column(indicator.code, NAMES[indicator.code][0], ColumnKind.NUMBER)
                for indicator in INDICATORS
            ),
            *(Column(score.code, NAMES[score.code][0], ColumnKind.NUMBER) for score in SCORES),
            *_WITHHELD,
        ),
        read=sources.indicators,
        of_period=True,
        counts_cases=True,
    ),
    Layer(
        name="elderly",
        title="老人服务覆盖",
        title_en="Coverage of elders",
        action=Action.FIGURES_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            *_AREA,
            Column("elders", "老人数", ColumnKind.WHOLE),
            Column("elders_80", "80岁以上", ColumnKind.WHOLE),
            Column("reached", "步行可达站点", ColumnKind.WHOLE),
            Column("with_member", "有网格员", ColumnKind.WHOLE, "with_membr"),
            *_WITHHELD,
        ),
        read=sources.elderly,
    ),
    Layer(
        name="territories",
        title="网格员责任区",
        title_en="Territories of grid members",
        action=Action.AREAS_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            Column("member", "网格员"),
            Column("grids", "网格编码"),
            Column("phone", "办公电话"),
            Column("households", "户数", ColumnKind.WHOLE),
            Column("elders", "老人数", ColumnKind.WHOLE),
            Column("open_cases", "未办结案件", ColumnKind.WHOLE),
            Column("load", "负荷", ColumnKind.NUMBER),
            *_WITHHELD,
        ),
        read=sources.territories,
        counts_cases=True,
    ),
    Layer(
        name="renovation",
        title="老旧小区改造",
        title_en="Renovation of old quarters",
        action=Action.FIGURES_VIEW,
        geometry=Geometry.POLYGON,
        columns=(
            *_AREA,
            Column("buildings", "楼栋数", ColumnKind.WHOLE),
            Column("built_from", "最早建成", ColumnKind.WHOLE),
            Column("built_to", "最晚建成", ColumnKind.WHOLE),
            Column("grade", "房屋等级"),
            Column("lift_share", "电梯比例", ColumnKind.NUMBER),
            Column("households", "户数", ColumnKind.WHOLE),
            Column("elders", "老人数", ColumnKind.WHOLE),
            Column("cases", "案件数", ColumnKind.WHOLE),
            Column("score", "改造紧迫度", ColumnKind.NUMBER),
            *_WITHHELD,
        ),
        read=sources.renovation,
        of_period=True,
        counts_cases=True,
    ),
    Layer(
        name="revisions",
        title="网格沿革",
        title_en="Revisions of the division",
        action=Action.AREAS_VIEW,
        columns=(
            Column("revision", "版本", ColumnKind.WHOLE),
            Column("effective_at", "生效时间", ColumnKind.INSTANT, "effective"),
            Column("published_at", "发布时间", ColumnKind.INSTANT, "published"),
            Column("by", "发布人"),
            Column("reason", "原因"),
            Column("cells", "变动地块", ColumnKind.WHOLE),
            Column("households", "变动户数", ColumnKind.WHOLE),
            Column("changed", "变动网格"),
        ),
        read=sources.revisions,
    ),
)
LAYERS: Final = {layer.name: layer for layer in _LAYERS}


def layer_named(name: str) -> Layer:
    """The layer of that name.

    Raises
    ------
    InvalidInput
        There is none; the sentence lists those there are.
    """
    layer = LAYERS.get(name)
    if layer is None:
        names = ", ".join(LAYERS)
        raise InvalidInput(say("no layer {name}: there are {known}", name=name, known=names), field="layer")
    return layer
