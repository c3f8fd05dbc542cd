"""The fields of every kind of file: their names in Chinese and English, what they mean, words they take.

One table for reading, for templates and for help, so that these can't say different things.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from data.importers.kinds.case_fields import CASES
from data.importers.values.field import LON_LAT, NOTE, Field
from gisgrid.labels.areas import GRID_TYPES
from gisgrid.labels.files import HAS_LIFT, YES_NO
from gisgrid.labels.people import CONSENT_IN_FILES, RESIDENCE_IN_FILES, SEXES
from gisgrid.labels.places import FACILITY_TYPES, HOUSEHOLD_KINDS
from gisgrid.labels.table import accepted
from gisgrid.labels.workforce import DUTIES, DUTY_SYNONYMS
from gisgrid.people.core.purposes import Purpose

CONSENT_FIELDS: Final[dict[str, Purpose]] = {
    "consent": Purpose.REGISTRATION,
    "consent_contact": Purpose.CONTACT,
    "consent_visits": Purpose.ELDER_VISITS,
    "consent_needs": Purpose.SENSITIVE_NEEDS,
}
"""Fields that hold an answer, and the purpose that was asked for."""

_DAY: Final = "可写 1950-3-7、1950/3/7、19500307 或 1950年3月7日"
_ADDRESS: Final = (
    Field(
        name="address",
        titles=("地址", "标准地址", "住址", "户地址", "家庭住址"),
        what="小区、楼栋、单元、室,如 幸福苑12幢2单元301室;也可以分开填在后面几栏",
        example="幸福苑12幢2单元301室",
    ),
    Field(
        name="building",
        titles=("楼栋", "楼栋编码", "楼栋地址", "幢号"),
        what="楼栋的编码或地址;填了地址就不必填",
    ),
    Field(name="unit", titles=("单元", "单元号"), what="单元号,如 2"),
    Field(name="room", titles=("室号", "房号", "门牌", "户室"), what="室号,如 301"),
)
_ANSWER: Final = (
    Field(
        name="consent_at",
        titles=("询问日期", "同意日期"),
        what=f"何时询问的;填了才记为一次正式答复。{_DAY}",
        example="2025-03-01",
    ),
    Field(name="consent_text", titles=("告知书版本",), what="当时告知书的版本", example="2025-01"),
)
_LIVED: Final = (
    Field(
        name="lived_from", titles=("入住日期", "迁入日期"), what=f"从哪天起住在这里;不填为导入当天。{_DAY}"
    ),
    Field(name="lived_to", titles=("搬离日期", "迁出日期"), what=f"从哪天起不再住在这里。{_DAY}"),
)
HOUSEHOLDS: Final = (
    *_ADDRESS,
    *LON_LAT,
    Field(
        name="kind",
        titles=("居住类型", "居住性质", "房屋用途"),
        what="怎样居住",
        example=HOUSEHOLD_KINDS["owned"],
        words=accepted(HOUSEHOLD_KINDS),
    ),
    Field(
        name="contact",
        titles=("联系电话", "电话", "联系方式"),
        what="联系电话,加密保存;拒绝登记的户不保存",
        example="199-0000-0000",
    ),
    Field(
        name="consent",
        titles=("登记同意", "是否同意", "是否同意登记", "同意情况"),
        what="对登记的答复;拒绝的户只留地址",
        example=CONSENT_IN_FILES["granted"],
        words=accepted(CONSENT_IN_FILES),
    ),
    *_ANSWER,
    *_LIVED,
    NOTE,
)
RESIDENTS: Final = (
    Field(
        name="external_id",
        titles=("外部编号", "人员编号"),
        what="另一系统里的编号,用来再次认出同一个人;不是身份证号,身份证号一律不保存",
        example="R-0001",
    ),
    *_ADDRESS,
    Field(name="name", titles=("姓名",), what="姓名,加密保存", example="示例甲", is_needed=True),
    Field(
        name="birth_date",
        titles=("出生日期", "生日", "出生年月日"),
        what=_DAY,
        example="1950-3-7",
        is_needed=True,
    ),
    Field(name="sex", titles=("性别",), what="性别", example=SEXES["f"], words=accepted(SEXES)),
    Field(
        name="phone",
        titles=("电话", "联系电话", "手机", "手机号"),
        what="电话,加密保存",
        example="199-0000-0000",
    ),
    Field(
        name="residence_status",
        titles=("居住状态", "居住情况", "人户状态"),
        what="户籍与居住,四种之一",
        example=RESIDENCE_IN_FILES["registered_here"],
        is_needed=True,
        words=accepted(RESIDENCE_IN_FILES),
    ),
    Field(
        name="consent",
        titles=("登记同意", "是否同意", "是否同意登记", "同意情况"),
        what="对登记的答复;不填为未询问;拒绝或撤回的人不导入",
        example=CONSENT_IN_FILES["granted"],
        words=accepted(CONSENT_IN_FILES),
    ),
    Field(
        name="consent_contact",
        titles=("联系同意",),
        what="对保存电话的答复;须填询问日期",
        words=accepted(CONSENT_IN_FILES),
    ),
    Field(
        name="consent_visits",
        titles=("探访同意",),
        what="对老人探访的答复;须填询问日期",
        words=accepted(CONSENT_IN_FILES),
    ),
    Field(
        name="consent_needs",
        titles=("需求同意", "敏感信息同意"),
        what="对登记能力等级、收入、疾病等敏感需求的答复;须填询问日期",
        words=accepted(CONSENT_IN_FILES),
    ),
    *_ANSWER,
    *_LIVED,
    NOTE,
)
FACILITIES: Final = (
    Field(name="code", titles=("编码", "设施编码"), what="编码;没有编码的按名称和位置认出", example="F01"),
    Field(
        name="type",
        titles=("类型", "设施类型", "种类"),
        what="设施种类",
        example=FACILITY_TYPES["service_station"],
        is_needed=True,
        words=accepted(FACILITY_TYPES),
    ),
    Field(name="name", titles=("名称", "设施名称"), what="名称", example="幸福苑党员服务站", is_needed=True),
    Field(name="address", titles=("地址",), what="地址;没有经纬度时按这里的楼栋定位", example="幸福苑12幢"),
    Field(name="office_phone", titles=("办公电话", "电话", "联系电话"), what="对外公布的办公电话"),
    Field(name="capacity", titles=("容量", "可容纳人数", "床位数"), what="可容纳人数", example="30"),
    Field(name="floor_area_m2", titles=("面积", "建筑面积"), what="面积,平方米", example="120"),
    *LON_LAT,
    NOTE,
)
MEMBERS: Final = (
    Field(
        name="code",
        titles=("工号", "编号", "人员编号"),
        what="工号;没有工号的按姓名和办公电话认出",
        example="W001",
    ),
    Field(name="name", titles=("姓名",), what="姓名,值守信息,对居民公开", example="示例乙", is_needed=True),
    Field(
        name="office_phone",
        titles=("办公电话", "电话", "联系电话"),
        what="办公电话,对居民公开;不要填私人电话",
        example="0527-80000001",
    ),
    Field(name="birth_year", titles=("出生年份", "出生年"), what="出生年份,四位数字"),
    Field(name="education", titles=("学历", "文化程度"), what="学历"),
    Field(
        name="duty",
        titles=("职责", "岗位", "身份", "角色"),
        what="职责",
        example=DUTIES["grid_member"],
        is_needed=True,
        words=accepted(DUTIES, DUTY_SYNONYMS),
    ),
    Field(
        name="area",
        titles=("区域编码", "网格编码", "所属网格", "负责区域", "网格"),
        what="负责区域的编码;楼栋管家填楼栋编码",
        example="G1",
        is_needed=True,
    ),
    Field(
        name="primary",
        titles=("是否主责", "主责", "主要负责"),
        what="是否主责;每个网格同一时间只有一名主责网格员",
        example=YES_NO["yes"],
        words=accepted(YES_NO),
    ),
    Field(name="from", titles=("开始日期", "上岗日期", "起始日期"), what=f"从哪天起;不填为导入当天。{_DAY}"),
    Field(name="until", titles=("结束日期", "离岗日期", "终止日期"), what=f"到哪天为止,含当天。{_DAY}"),
    NOTE,
)
AREAS: Final = (
    Field(
        name="code",
        titles=("编码", "网格编码", "区域编码"),
        what="编码,不能重复",
        example="G1",
        is_needed=True,
    ),
    Field(name="name", titles=("名称", "网格名称"), what="名称;不填同编码", example="第一网格"),
    Field(name="parent", titles=("上级", "上级编码", "所属区域"), what="上一级区域的编码;不填为社区"),
    Field(
        name="type",
        titles=("类型", "网格类型"),
        what="网格类型",
        words=accepted(GRID_TYPES),
    ),
)
BUILDINGS: Final = (
    Field(name="code", titles=("编码", "楼栋编码"), what="编码;没有编码的按地址认出", example="B001"),
    Field(name="address", titles=("地址", "楼栋地址"), what="地址", example="幸福苑12幢"),
    Field(name="name", titles=("名称", "楼栋名称"), what="楼栋自己的名称"),
    Field(name="compound", titles=("小区", "小区名称"), what="所在小区", example="幸福苑"),
    Field(name="floors", titles=("层数", "楼层数"), what="层数", example="6"),
    Field(name="built_year", titles=("建成年份", "建造年份"), what="建成年份", example="1998"),
    Field(
        name="condition",
        titles=("房屋等级", "危房等级", "房屋状况"),
        what="房屋等级,A 完好,D 危房",
        words={"A": "A", "B": "B", "C": "C", "D": "D"},
    ),
    Field(
        name="lift",
        titles=("电梯", "有无电梯"),
        what="有无电梯",
        example=YES_NO["no"],
        words=accepted(HAS_LIFT),
    ),
    Field(name="dwellings", titles=("户数", "住户数"), what="户数", example="24"),
)
STREETS: Final = (
    Field(name="name", titles=("名称", "道路名称", "路名"), what="道路名称", example="幸福路"),
    Field(name="kind", titles=("类型", "道路类型"), what="道路种类,按来源原样保留"),
    Field(name="tunnel", titles=("隧道", "是否隧道"), what="是否隧道", words=accepted(YES_NO)),
    Field(name="bridge", titles=("桥梁", "是否桥梁"), what="是否桥梁", words=accepted(YES_NO)),
    Field(name="layer", titles=("层", "层级", "所在层"), what="立交的层,地面为 0", example="0"),
)
KINDS: Final[dict[str, Sequence[Field]]] = {
    "areas": AREAS,
    "buildings": BUILDINGS,
    "streets": STREETS,
    "households": HOUSEHOLDS,
    "residents": RESIDENTS,
    "facilities": FACILITIES,
    "members": MEMBERS,
    "cases": CASES,
}
"""The fields of every kind, in the order of a template."""

SHAPED: Final = frozenset({"areas", "buildings", "streets"})
"""Kinds whose rows need a shape, so a file of a GIS program."""


def names_of(kind: str) -> dict[str, tuple[str, ...]]:
    """Our fields of a kind and the headers each is known by."""
    return {field.name: field.names for field in KINDS[kind]}


def word_options(words: Mapping[str, str]) -> dict[str, str]:
    """What may be written for each code: the word, the word without its bracket, and the code itself."""
    options: dict[str, str] = {}
    for word, code in words.items():
        for said in (word, word.partition("(")[0], code):
            options[spelt(said)] = code
    return options


def spelt(word: str) -> str:
    """A word in one spelling: half-width signs, no blanks, lower case."""
    plain = unicodedata.normalize("NFKC", word)
    return "".join(plain.split()).casefold().replace("、", ",")
