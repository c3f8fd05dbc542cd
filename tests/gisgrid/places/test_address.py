from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.errors import InvalidInput
from gisgrid.places.address import (
    AddressParts,
    AddressQuery,
    escape_like,
    normalise,
    parse_address,
    readings,
    search_keys,
    standard_address,
)

Parts = tuple[str, str | None, str | None, str | None]

COMPOUNDS = (
    "幸福苑",
    "阳光100小区",
    "三里屯花园",
    "朝阳里",
    "绿城·百合",
    "黄河路12号",
    "3号院",
    "世纪大厦",
    "三座桥小区",
)


def parts_of(query: AddressQuery) -> Parts:
    return query.compound, query.building, query.unit, query.room


def like(value: str, pattern: str) -> bool:
    """What ``LIKE … ESCAPE '\\'`` does in SQL."""
    tokens = re.findall(r"\\.|.", pattern, flags=re.DOTALL)
    expression = "".join(".*" if one == "%" else "." if one == "_" else re.escape(one[-1]) for one in tokens)
    return re.fullmatch(expression, value, flags=re.DOTALL) is not None


def finds(typed: str, compound: str, building: str | None) -> bool:
    keys = search_keys(compound, building)
    by_column = {"search_text": keys.text, "search_pinyin": keys.pinyin, "search_initials": keys.initials}
    return any(
        reading.building_pattern is not None and like(by_column[column], reading.building_pattern)
        for reading in readings(typed)
        for column in reading.columns
    )


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        (("幸福苑", "12", "2", "301"), "幸福苑12幢2单元301室"),
        (("幸福苑", "12A", None, "301"), "幸福苑12A幢301室"),
        (("幸福苑", "综合楼", None, None), "幸福苑综合楼"),
        (("", "12", None, None), "12幢"),
        (("黄河路12号", None, None, "门面1-2"), "黄河路12号门面1-2"),
    ],
)
def test_standard_address_labels_numbers_and_keeps_names(parts: Parts, text: str) -> None:
    compound, building, unit, room = parts
    assert standard_address(AddressParts(compound=compound, building=building, unit=unit, room=room)) == text


def test_an_address_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="compound or a building"):
        standard_address(AddressParts(room="301"))


@pytest.mark.parametrize(
    "typed",
    [
        "幸福苑12幢2单元301室",
        "幸福苑12幢2单元301",
        "幸福苑 12幢 2单元 301室",
        "幸福苑12-2-301",
        "幸福苑 12-2-301",
        "幸福苑-12-2-301",
        "幸福苑12 2 301",
        "幸福苑１２－２－３０１",
        "幸福苑12—2—301",
        "幸福苑12/2/301",
        "幸福苑,12幢,2单元,301",
        "幸福苑12号楼2单元301",
        "幸福苑12栋2单元301户",
        "幸福苑12座2单元301房",
        "幸福苑12#2单元301",
        "幸福苑12#楼2单元301",
        "幸福苑12号2单元301",
        "幸福苑12楼2门301",
        "幸福苑012幢02单元301室",
        "幸福苑第12幢第2单元301室",
        "幸福苑12幢2单元3层301室",
        "幸福苑12幢2单元3楼301",
        "幸福苑12幢2-301",
        "幸福苑12幢 2 301",
        "幸福苑十二幢二单元三零一",
        "幸福苑十二号楼二单元301室",
        "幸福苑十二栋两单元三〇一室",
        "幸福苑(12幢)2单元301室",
        " 幸福苑 12 幢 2 单元 301 室 ",
    ],
)
def test_all_spellings_of_a_full_address_are_read_alike(typed: str) -> None:
    assert parts_of(parse_address(typed)) == ("幸福苑", "12", "2", "301")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("12幢2单元301", ("", "12", "2", "301")),
        ("12-2-301", ("", "12", "2", "301")),
        ("12号楼", ("", "12", None, None)),
        ("三单元", ("", None, "3", None)),
        ("2单元301", ("", None, "2", "301")),
        ("301室", ("", None, None, "301")),
        ("301", ("", "301", None, None)),
        ("12-301", ("", "12", None, "301")),
        ("12幢301", ("", "12", None, "301")),
        ("12幢0301", ("", "12", None, "0301")),
        ("A座1201", ("", "A", None, "1201")),
        ("b3栋402", ("", "B3", None, "402")),
        ("12a幢", ("", "12A", None, None)),
        ("二十一幢", ("", "21", None, None)),
        ("一百零二室", ("", None, None, "102")),
        ("幸福苑", ("幸福苑", None, None, None)),
        ("幸福苑12", ("幸福苑", "12", None, None)),
        ("阳光100 12幢", ("阳光100", "12", None, None)),
        ("阳光100-12-2-301", ("阳光100", "12", "2", "301")),
        ("黄河路12号", ("黄河路12号", None, None, None)),
        ("黄河路12号3幢", ("黄河路12号", "3", None, None)),
        ("3号院12幢", ("3号院", "12", None, None)),
        ("三里屯A座", ("三里屯", "A", None, None)),
        ("xfy12-2-301", ("xfy", "12", "2", "301")),
        ("XFY 12", ("xfy", "12", None, None)),
        ("xing fu yuan", ("xingfuyuan", None, None, None)),
        ("Nǚ'ér hé", ("nverhe", None, None, None)),
        ("12幢1-2-301", ("", "12", "2", "301")),
        ("四川中路126弄12号301室", ("四川中路126弄", "12", None, "301")),
        ("巨鹿路149号3层301-305室", ("巨鹿路", "149", None, "301-305")),
        ("幸福苑12-301号", ("幸福苑", "12", None, "301")),
        ("思南路95-1号", ("思南路95.1号", None, None, None)),
        ("室", ("室", None, None, None)),
        ("", ("", None, None, None)),
        ("  ", ("", None, None, None)),
    ],
)
def test_parts_of_an_address_are_read(typed: str, parts: Parts) -> None:
    assert parts_of(parse_address(typed)) == parts


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("301", {("", "301", None, None), ("", None, None, "301")}),
        ("12-301", {("", "12", None, "301"), ("", None, "12", "301")}),
        ("12-3", {("", "12", None, "3"), ("", None, "12", "3"), ("", "12", "3", None)}),
        (
            "阳光100",
            {("阳光", "100", None, None), ("阳光", None, None, "100"), ("阳光100", None, None, None)},
        ),
        ("幸福苑12号", {("幸福苑12号", None, None, None), ("幸福苑", "12", None, None)}),
        ("12-301室", {("", "12", None, "301"), ("", None, "12", "301")}),
    ],
)
def test_what_can_be_read_in_several_ways_has_all_of_them(typed: str, expected: set[Parts]) -> None:
    assert {parts_of(reading) for reading in readings(typed)} == expected


def test_town_and_community_in_front_are_left_out_in_a_second_reading() -> None:
    found = readings("江苏省宿迁市宿城区幸福街道幸福社区幸福苑12幢2单元301室")
    assert parts_of(found[-1]) == ("幸福苑", "12", "2", "301")
    assert parts_of(readings("幸福社区12幢")[-1]) == ("幸福社区", "12", None, None)


def test_a_number_that_may_go_on_is_open_and_a_labelled_one_is_not() -> None:
    assert parse_address("12幢2单元30").room_pattern == "30%"
    assert parse_address("12幢2单元30室").room_pattern == "30"
    assert parse_address("幸福苑1").building_pattern == "%幸福苑%-1%-"
    assert parse_address("幸福苑1幢").building_pattern == "%幸福苑%-1-"
    assert parse_address("").building_pattern is None
    assert parse_address("").room_pattern is None


def test_too_long_a_text_is_refused_before_it_costs_time() -> None:
    with pytest.raises(InvalidInput, match="at most 200"):
        parse_address("1-" * 150)


@given(typed=st.text(alphabet="12a幢单元室楼层号- #第三十", max_size=200))
def test_every_text_has_a_reading(typed: str) -> None:
    assert readings(typed)


pieces = st.sampled_from(
    ["幸福苑", "1", "12", "301", "a", "幢", "号楼", "号", "单元", "室", "层", "-", " ", "第", "三", "#"]
)


@given(typed=st.text(max_size=60) | st.lists(pieces, max_size=9).map("".join))
def test_any_text_has_a_reading_and_normalising_twice_is_once(typed: str) -> None:
    assert len(readings(typed)) >= 1
    assert normalise(normalise(typed)) == normalise(typed)


numbers = st.builds(
    lambda number, letter: f"{number}{letter}", st.integers(1, 199), st.sampled_from(["", "", "", "A", "B"])
)


@given(
    compound=st.sampled_from(COMPOUNDS),
    building=numbers,
    unit=st.none() | st.integers(1, 20).map(str),
    room=st.none() | st.integers(101, 3304).map(str),
)
def test_a_standard_address_is_read_back_as_its_parts(
    compound: str, building: str, unit: str | None, room: str | None
) -> None:
    text = standard_address(AddressParts(compound=compound, building=building, unit=unit, room=room))
    expected = normalise(compound).replace(" ", "")
    assert parts_of(parse_address(text)) == (expected, building, unit, room)


@given(compound=st.sampled_from(COMPOUNDS), building=numbers, other=numbers)
def test_a_building_is_found_by_text_pinyin_and_initials_and_no_other_is(
    compound: str, building: str, other: str
) -> None:
    keys = search_keys(compound, building)
    pinyin, initials = keys.pinyin.split("-", maxsplit=1)[0], keys.initials.split("-", maxsplit=1)[0]
    names = [compound, compound[:2], pinyin.split(" ")[-1], initials.split(" ")[0]]
    for name in names:
        assert finds(f"{name} {building}幢", compound, building)
        assert finds(f"{name} {building}幢", compound, other) == (building == other)


@pytest.mark.parametrize(
    ("typed", "compound"),
    [
        ("chaoyang", "朝阳里"),
        ("zhaoyangli", "朝阳里"),
        ("cyl", "朝阳里"),
        ("chongqing", "重庆路小区"),
        ("dasha", "世纪大厦"),
        ("xiamen", "厦门湾"),
        ("lvcheng", "绿城"),
        ("lucheng", "绿城"),
        ("lücheng", "绿城"),
        ("yinhang", "银行家属院"),
        ("yyhy", "音乐花园"),
        ("sanzuoqiao", "三座桥"),
        ("三座桥", "三座桥"),
        ("yangguang100", "阳光100"),
        ("fuyuan", "幸福苑"),
        ("福苑", "幸福苑"),
        ("soho", "SOHO公寓"),
        ("百合", "绿城·百合"),
    ],
)
def test_names_are_found_by_how_people_say_them(typed: str, compound: str) -> None:
    assert finds(typed, compound, "1")
    assert finds(f"{typed} 1幢", compound, "1")


def test_a_building_with_a_name_is_found_by_it() -> None:
    assert finds("幸福苑综合楼", "幸福苑", "综合楼")
    assert finds("zonghelou", "幸福苑", "综合楼")
    assert finds("xfyzhl", "幸福苑", "综合楼")


def real_data(name: str) -> Path:
    path = Path(os.environ.get("GISGRID_REAL_DATA", "../shared/data")) / name
    if not path.exists():
        pytest.skip(f"no {name} in GISGRID_REAL_DATA")
    return path


@pytest.mark.real_data
def test_real_addresses_all_have_a_reading() -> None:
    path = real_data("shanghai_poi_districts_gcj02/shanghai_poi_public_services.csv")
    addresses = [text for text in pd.read_csv(path)["address"].dropna().astype(str) if len(text) < 200]
    assert len(addresses) > 10_000
    assert all(len(readings(text)) >= 1 for text in addresses)


@pytest.mark.real_data
def test_real_compounds_are_found_by_text_pinyin_and_initials() -> None:
    path = real_data("osm_shanghai_lujiazui/shanghai_residential_compounds_wgs84.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    names = {feature["properties"]["name"] for feature in features} - {None}
    assert len(names) > 10
    for name in names:
        keys = search_keys(name, "3")
        for typed in (name, keys.pinyin.split("-", maxsplit=1)[0], keys.initials.split("-", maxsplit=1)[0]):
            assert finds(f"{typed} 3幢", name, "3")


def test_keys_are_the_same_for_all_spellings_of_a_building() -> None:
    assert {search_keys("幸福苑", one) for one in ("12", "12幢", "12号楼", "012", "十二幢", "１２栋")} == {
        search_keys("幸福苑", "12")
    }
    assert search_keys("黄河路12号", None).text == "黄河路12号--"


@given(compound=st.text(alphabet="朝长厦乐行重都单六堡", min_size=1, max_size=60))
def test_keys_fit_their_columns(compound: str) -> None:
    keys = search_keys(compound, "12")
    assert len(keys.pinyin) <= 600
    assert len(keys.initials) <= 120


@given(typed=st.text(alphabet="%_\\a", min_size=1, max_size=8), value=st.text(alphabet="%_\\ab", max_size=8))
def test_signs_of_like_mean_themselves(typed: str, value: str) -> None:
    assert like(value, f"%{escape_like(typed)}%") == (typed in value)
