"""A large GeoJSON is read piece by piece and gives what reading it whole gives, faults and lines included."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.importers.readers import geojson, geojson_pieces
from data.importers.readers.geojson import read_geojson
from data.importers.readers.geojson_pieces import brackets, cut
from gisgrid.errors import InvalidInput

TEXTS = st.text(alphabet='楼a"\\[]{},: \n', max_size=6)
VALUES = TEXTS | st.integers(-9, 9) | st.none() | st.booleans() | st.lists(st.integers(0, 3), max_size=3)
FEATURES = st.lists(
    st.fixed_dictionaries(
        {
            "type": st.just("Feature"),
            "properties": st.none() | st.dictionaries(TEXTS.filter(lambda name: name != "geometry"), VALUES),
            "geometry": st.none()
            | st.tuples(st.integers(0, 9), st.integers(0, 9)).map(
                lambda xy: {"type": "Point", "coordinates": list(xy)}
            ),
        },
        optional={"id": TEXTS},
    ),
    min_size=1,
    max_size=12,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large") / "a.geojson"


def both(file: Path, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The table read whole and read in pieces, or what is said of the file."""
    told = []
    for large in (2**40, 0):
        with monkeypatch.context() as patch:
            patch.setattr(geojson, "LARGE", large)
            patch.setattr(geojson_pieces, "_PIECE", 40)
            try:
                told.append(read_geojson(file, None))
            except InvalidInput as error:
                told.append([(one.row, one.field, str(one.message)) for one in error.faults])
    return told


@given(
    features=FEATURES,
    indent=st.sampled_from([None, 1]),
    is_ascii=st.booleans(),
    before=st.sampled_from([{}, {"name": "features", "more": {"features": [{"a": [{}]}]}}]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]),
)
@settings(max_examples=150, deadline=None)
def test_pieces_give_the_table_of_the_whole(
    file: Path, features: Any, indent: int | None, *, is_ascii: bool, before: Any, encoding: str
) -> None:
    document = {**before, "type": "FeatureCollection", "features": features, "bbox": [0, 0, 9, 9]}
    text = json.dumps(document, indent=indent, ensure_ascii=is_ascii)
    file.write_text(text, encoding=encoding, newline="")
    with pytest.MonkeyPatch.context() as patch:
        whole, read = both(file, patch)
    if isinstance(whole, list):
        assert read == whole
        return
    assert read.frame.drop(columns="geometry").equals(whole.frame.drop(columns="geometry"))
    assert read.frame.geometry.geom_equals_exact(whole.frame.geometry, 0).sum() == sum(
        one["geometry"] is not None for one in features
    )
    assert (read.crs, read.frame.columns.tolist()) == (whole.crs, whole.frame.columns.tolist())


ONE = '{"type":"Feature","properties":{"a":1},"geometry":{"type":"Point","coordinates":[1,2]}}'


@pytest.mark.parametrize(
    "text",
    [
        f'{{"type":"FeatureCollection","features":[\n{ONE},\n{ONE.replace("1,2", "NaN,2")}\n]}}',
        f'{{"type":"FeatureCollection","features":[\n{ONE},\n{ONE.replace("Point", "Pointed")}\n]}}',
        f'{{"type":"FeatureCollection","features":[\n{ONE},\n{ONE.replace("1}", "1,}")}\n]}}',
        f'{{"type":"FeatureCollection","features":[\n{ONE},\n7,\n{ONE}]}}',
        f'{{"type":"FeatureCollection","features":[\n{ONE},,{ONE}]}}',
        f'{{"type":"FeatureCollection","features":[\n{ONE},{ONE.replace("""{"a":1}""", "3")}]}}',
        f'{{"type":"Features","features":[\n{ONE}]}}',
        f'{{"type":"FeatureCollection","features":[],"more":[{ONE}]}}',
        ONE,
    ],
)
def test_a_fault_is_told_as_of_the_whole(file: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    file.write_text(text, encoding="utf-8")
    whole, read = both(file, monkeypatch)
    assert read == whole if isinstance(whole, list) else read.frame.equals(whole.frame)


def test_what_is_cut_off_is_told_with_its_last_line(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(
        f'{{"type":"FeatureCollection","features":[\n{ONE},\n{ONE},\n{ONE[:30]}', encoding="utf-8"
    )
    _whole, read = both(file, monkeypatch)
    assert read == [(None, None, "the file is no JSON from line 4 on; it may be cut off")]


def test_brackets_in_texts_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = rb'{"a[\"{": [1, "\\", "]", {}]}'
    for size in range(1, 12):
        monkeypatch.setattr(geojson_pieces, "_PIECE", size)
        assert b"".join(marks.tobytes() for _places, marks in brackets(raw)) == b"{[{}]}"
    assert cut(raw) is None
