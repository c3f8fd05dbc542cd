"""Files that can't be imported, each made by code: what is wrong with it, and what must be said of it."""

from __future__ import annotations

import json
import sqlite3
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import shapely

from tests.world import LAT, LON, square

EVERY = ("areas", "buildings", "streets", "cases")
"""What a file may be imported as whose content is never looked at."""


@dataclass(frozen=True)
class Broken:
    """A file: its name, how it is made in a folder, the kinds it is tried as, and words of the sentence."""

    name: str
    make: Callable[[Path], object]
    said: str
    kinds: Sequence[str] = EVERY
    options: Sequence[str] = ()

    def __str__(self) -> str:
        return self.name


def _nothing(path: Path) -> None:
    del path


def _text(content: str, encoding: str = "utf-8") -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content.encode(encoding))


def _bytes(content: bytes) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(content)


def _json(value: object) -> Callable[[Path], object]:
    return _text(json.dumps(value))


def _collection(*geometries: object, **members: object) -> Callable[[Path], object]:
    features = [
        {"type": "Feature", "properties": {"code": str(n)}, "geometry": geometry}
        for n, geometry in enumerate(geometries, 1)
    ]
    return _json({"type": "FeatureCollection", "features": features, **members})


def _frame(
    *shapes: object, crs: object = 4326, layer: str | None = None, **columns: object
) -> Callable[[Path], object]:
    told = {"x": [1] * len(shapes), "code": [str(n) for n in range(1, len(shapes) + 1)], **columns}
    told = {name: values for name, values in told.items() if values is not None}

    def make(path: Path) -> None:
        gpd.GeoDataFrame(told, geometry=list(shapes), crs=crs).to_file(path, engine="pyogrio", layer=layer)

    return make


def _cut(make: Callable[[Path], object], share: float) -> Callable[[Path], object]:
    def cut(path: Path) -> None:
        make(path)
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * share)])

    return cut


def _without(make: Callable[[Path], object], ending: str) -> Callable[[Path], object]:
    def drop(path: Path) -> None:
        make(path)
        path.with_suffix(ending).unlink()

    return drop


def _two_layers(path: Path) -> None:
    _frame(square(0, 0), layer="one")(path)
    _frame(square(0, 0), layer="two")(path)


def _sqlite(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE a (b)")
    connection.close()


def _cut_shapefile(path: Path) -> None:
    _frame(*[square(n, 0) for n in range(50)])(path)
    path.write_bytes(path.read_bytes()[:1500])


def _zip(**members: bytes) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name.replace("_", "."), content)

    return make


def _bomb(member: str) -> Callable[[Path], object]:
    """400 MB of zeros in 2 MB."""

    def make(path: Path) -> None:
        quick = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with quick as archive, archive.open(member, "w") as out:
            for _ in range(100):
                out.write(bytes(4 * 2**20))

    return make


def _liar(path: Path) -> None:
    """A bomb whose directory says that it holds ten bytes."""
    _bomb("a.shp")(path)
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 24, 10)
    path.write_bytes(raw)


def _wrong_sum(path: Path) -> None:
    _zip(a_shp=b"x" * 500, a_shx=b"y" * 500, a_dbf=b"z" * 500)(path)
    raw = bytearray(path.read_bytes())
    struct.pack_into("<I", raw, raw.index(b"PK\x01\x02") + 16, 1)
    path.write_bytes(raw)


def _locked(path: Path) -> None:
    _zip(a_shp=b"x")(path)
    raw = bytearray(path.read_bytes())
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(raw)


def _book(
    *rows: Sequence[object], change: Callable[[openpyxl.Workbook], object] | None = None
) -> Callable[[Path], object]:
    def make(path: Path) -> None:
        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        if change is not None:
            change(book)
        book.save(path)

    return make


def _merge(book: openpyxl.Workbook) -> None:
    book.active.merge_cells("A2:A3")


def _poisoned(declared: bytes) -> Callable[[Path], object]:
    """A workbook whose sheet declares entities before it begins."""

    def make(path: Path) -> None:
        _book(["code", "name"], ["secret", "x"])(path)
        with zipfile.ZipFile(path) as given:
            parts = {name: given.read(name) for name in given.namelist()}
        sheet = "xl/worksheets/sheet1.xml"
        poisoned = parts[sheet].replace(b"<worksheet", b"<!DOCTYPE r [" + declared + b"]><worksheet")
        parts[sheet] = poisoned.replace(b"secret", b"&x;")
        with zipfile.ZipFile(path, "w") as out:
            for name, content in parts.items():
                out.writestr(name, content)

    return make


LAUGHS = b'<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, (b"&%c;" % (97 + n)) * 10) for n in range(23)
)


def _many_vertices(path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 1_000_000, endpoint=False)
    ring = shapely.Polygon(np.column_stack((LON + 0.01 * np.cos(turn), LAT + 0.01 * np.sin(turn))))
    if path.suffix == ".geojson":
        _collection(json.loads(shapely.to_geojson(ring)))(path)
    else:
        _frame(ring)(path)


def _parquet(path: Path) -> None:
    pd.DataFrame({"code": [str(n) for n in range(500)]}).to_parquet(path)


def _shape(*xy: tuple[float, float]) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": [[list(one) for one in xy]]}


NAN, INF = float("nan"), float("inf")
BOW = shapely.Polygon([(LON, LAT), (LON + 0.01, LAT + 0.01), (LON + 0.01, LAT), (LON, LAT + 0.01)])
POINT, LINE = shapely.Point(LON, LAT), shapely.LineString([(LON, LAT), (LON + 0.01, LAT)])
CASES = "number,category,reported_at,closed_at,lon,lat\n"
WHERE = f"{LON},{LAT}"


def _odd(value: float) -> Callable[[Path], object]:
    """A polygon with a coordinate that is no number."""

    def make(path: Path) -> None:
        xy = np.array([(LON, LAT), (LON + 0.01, LAT), (LON + 0.01, LAT + 0.01), (LON, LAT)])
        xy[1, 0] = value
        with np.errstate(invalid="ignore"):
            _frame(shapely.Polygon(shapely.linearrings(xy, handle_nan="allow")))(path)

    return make


def _gbk(lines: int) -> bytes:
    return b"code,name\n" + "1,幸福里社区\n".encode() * lines + "2,重庆\n".encode("gb18030")


READING = [
    Broken("gone.csv", _nothing, "there is no such file"),
    Broken("empty.csv", _bytes(b""), "the file is empty"),
    Broken("blank.csv", _text(" \n\n \n"), "the file is empty"),
    Broken("zeros.csv", _bytes(b"code,name\n" + bytes(500)), "the file is no text"),
    Broken("noise.csv", _bytes(bytes(range(128, 256)) * 9), "the text is neither UTF-8 nor GB18030"),
    Broken("half-gbk.csv", _bytes(_gbk(9)), "the text is UTF-8 only up to line 11: the file is damaged"),
    Broken("cut-character.csv", _bytes(_gbk(9)[:-9]), "the text is UTF-8 only up to line"),
    Broken("open-quote.csv", _text('code,name\n1,"x\n2,y\n'), "a quote is never closed"),
    Broken("long-row.csv", _text("code,name\n1,x\n1,x,y\n"), "line 3: 3 values where 2 are expected"),
    Broken("one-line.csv", _text("x" * 2_000_000), "the first line is too long to hold names of columns"),
    Broken("wide.csv", _text(",".join(map(str, range(600))) + "\n1\n"), "600 columns; at most 500 are read"),
    Broken("paper.csv", _bytes(b"%PDF-1.7\n" + bytes(99)), "of another kind than its ending .csv says"),
    Broken("book.csv", _book(["a", "b"]), "of another kind than its ending .csv says"),
    Broken("letter.docx", _bytes(b"PK"), "files of this kind can't be read; known endings"),
    Broken("cut.geojson", _cut(_collection(None, None), 0.7), "no JSON from line 1 on; it may be cut off"),
    Broken("nan.geojson", _text('{"type":"Feature","x":NaN}'), "NaN in line 1 is no number in JSON"),
    Broken(
        "inf.geojson", _text('{"type":"Feature","x":-Infinity}'), "Infinity in line 1 is no number in JSON"
    ),
    Broken("huge.geojson", _text('{"type":"Feature","x":1e999}'), "a number in line 1 is too large"),
    Broken("deep.geojson", _text("[" * 300_000 + "]" * 300_000), "brackets are nested deeper than 64 levels"),
    Broken("list.geojson", _json([1, 2]), "the file is no GeoJSON collection of features"),
    Broken("no-list.geojson", _json({"type": "FeatureCollection", "features": {}}), "no GeoJSON collection"),
    Broken(
        "seven.geojson",
        _json({"type": "FeatureCollection", "features": [7]}),
        "feature 1: this is no feature",
    ),
    Broken(
        "odd-crs.geojson",
        _collection(None, crs={"type": "name", "properties": {"name": "nowhere"}}),
        "the file names a CRS that is not known: nowhere",
    ),
    Broken(
        "two-points.geojson",
        _collection(_shape((1, 1), (2, 2))),
        "feature 1, field geometry: the geometry can't be read",
    ),
    Broken(
        "words.geojson",
        _collection({"type": "Point", "coordinates": ["east", "north"]}),
        "feature 1, field geometry: the geometry can't be read",
    ),
    Broken(
        "named-geometry.geojson",
        _json({"type": "Feature", "properties": {"geometry": 1}, "geometry": None}),
        "a property must not be called geometry",
    ),
    Broken("million.geojson", _many_vertices, "the geometry has 1000001 vertices; at most 200000 are taken"),
    Broken("million.gpkg", _many_vertices, "the geometry has 1000001 vertices; at most 200000 are taken"),
    Broken(
        "cut.gpkg",
        _cut(_frame(*[square(n, 0) for n in range(300)]), 0.5),
        "the file can't be read; it may be cut off",
    ),
    Broken("text.gpkg", _text("no database"), "the file can't be read; it may be cut off"),
    Broken("layers.gpkg", _two_layers, "one layer is needed, name it; there are: one, two"),
    Broken("database.gpkg", _sqlite, "the file can't be read"),
    Broken("no-table.shp", _without(_frame(square(0, 0)), ".dbf"), "the Shapefile lacks its .dbf file"),
    Broken("no-index.shp", _without(_frame(square(0, 0)), ".shx"), "the Shapefile lacks its .shx file"),
    Broken("cut.shp", _cut_shapefile, "the .shp file of the Shapefile is cut off"),
    Broken(
        "cut.zip",
        _cut(_zip(a_shp=bytes(range(256)) * 99), 0.5),
        "the archive can't be opened; it may be cut off",
    ),
    Broken("letters.zip", _zip(a_txt=b"x"), "there is no layer in the file"),
    Broken("alone.zip", _zip(a_shp=b"x"), "alone.zip: the Shapefile lacks its .dbf file"),
    Broken("bomb.zip", _bomb("a.shp"), "a part grows more than 150 times when it is unpacked"),
    Broken("liar.zip", _liar, "the archive can't be opened; it may be cut off"),
    Broken("wrong-sum.zip", _wrong_sum, "the archive can't be opened; it may be cut off"),
    Broken("locked.zip", _locked, "the archive is locked by a password"),
    Broken("cut.parquet", _cut(_parquet, 0.6), "the file can't be read; it may be cut off"),
    Broken("cut.xlsx", _cut(_book(["code", "name"], ["1", "x"]), 0.6), "the archive can't be opened"),
    Broken(
        "old.xlsx", _bytes(b"\xd0\xcf\x11\xe0" + bytes(999)), "an old workbook (.xls) or locked by a password"
    ),
    Broken("no-book.xlsx", _zip(a_txt=b"x"), "the archive is no workbook"),
    Broken("bomb.xlsx", _bomb("xl/workbook.xml"), "400 MB unpacked; at most 160 MB are read"),
    Broken("xxe.xlsx", _poisoned(b'<!ENTITY x SYSTEM "file:///etc/hostname">'), "holds an XML entity"),
    Broken("laughs.xlsx", _poisoned(LAUGHS), "holds an XML entity"),
    Broken(
        "formula.xlsx", _book(["code", "name"], ["=1+1", "x"]), "row 2, field A: a formula without a stored"
    ),
    Broken(
        "error.xlsx",
        _book(["code", "name"], ["#REF!", "x"]),
        "row 2, field A: the cell holds the error #REF!",
    ),
    Broken(
        "rounded.xlsx",
        _book(["code", "name"], [320321195003071234, "x"]),
        "field A: a number of over 15 digits",
    ),
    Broken(
        "merged-rows.xlsx",
        _book(["code", "name"], ["1", "x"], change=_merge),
        "the cells A2:A3 are merged over several rows",
    ),
    Broken("no-names.xlsx", _book(["code", None, "name"], ["1", "2", "3"]), "columns without a name: B"),
    Broken("beyond.xlsx", _book(["code", "name"], ["1", "2", "3"]), "field C: a value stands under no name"),
    Broken("blank.xlsx", _book(), "the workbook holds no values"),
    Broken(
        "no-sheet.xlsx",
        _book(["code", "name"]),
        "no sheet '二月'; there are: Sheet",
        options=("--sheet", "二月"),
    ),
]

DEGREES = ("--crs", "4326")
SHAPED = ("areas", "buildings", "streets")
LAND = ("areas", "buildings")
CONTENT = [
    Broken("no-shapes.csv", _text("code,name\n1,x\n"), "the file", kinds=SHAPED, options=DEGREES),
    Broken(
        "no-crs.shp",
        _without(_frame(square(0, 0)), ".prj"),
        "the file doesn't say its CRS: give --crs",
        kinds=SHAPED,
    ),
    Broken(
        "odd-option.gpkg",
        _frame(square(0, 0)),
        "unknown CRS 'EPSG:0'",
        kinds=SHAPED,
        options=("--crs", "EPSG:0"),
    ),
    Broken(
        "odd-column.gpkg",
        _frame(square(0, 0)),
        "no column 'kode'; there are: code",
        kinds=LAND,
        options=("--column", "code=kode"),
    ),
    Broken(
        "odd-field.gpkg",
        _frame(square(0, 0)),
        "'colour=code' is not OURS=THEIRS",
        kinds=SHAPED,
        options=("--column", "colour=code"),
    ),
    Broken(
        "swapped.geojson",
        _collection(_shape((LAT, LON), (LAT, LON + 0.01), (LAT + 0.01, LON), (LAT, LON))),
        "longitude and latitude seem to be swapped in 1 of 1 rows",
        kinds=SHAPED,
    ),
    Broken(
        "metres.geojson",
        _collection(
            *[_shape((5e5 + n, 3e6), (5e5 + n, 3.1e6), (5.1e5, 3e6), (5e5 + n, 3e6)) for n in range(6)]
        ),
        "6 of 6 positions are no degrees: say the CRS",
        kinds=SHAPED,
    ),
    Broken("no-code.gpkg", _frame(square(0, 0), code=None), "no column for code", kinds=LAND),
    Broken("null-code.gpkg", _frame(square(0, 0), code=["NULL"]), "feature 1, field code", kinds=LAND),
    Broken("long-code.gpkg", _frame(square(0, 0), code=["9" * 61]), "at most 60 characters", kinds=LAND),
    Broken("nan.gpkg", _odd(NAN), "feature 1, field geometry", kinds=LAND),
    Broken("inf.gpkg", _odd(INF), "feature 1, field geometry", kinds=LAND),
    Broken("bow.gpkg", _frame(BOW), "the outline crosses itself", kinds=LAND),
    Broken("no-geometry.geojson", _collection(None), "feature 1, field geometry", kinds=SHAPED),
    Broken("lines.gpkg", _frame(LINE), "feature 1, field geometry", kinds=LAND),
    Broken("points.gpkg", _frame(POINT), "feature 1, field geometry", kinds=SHAPED),
    Broken(
        "still.gpkg",
        _frame(shapely.LineString([(LON, LAT), (LON, LAT)])),
        "the street has no length",
        kinds=("streets",),
    ),
    Broken(
        "mixed.geojson",
        _collection(
            _shape((LON, LAT), (LON + 0.01, LAT), (LON, LAT + 0.01), (LON, LAT)),
            {"type": "Point", "coordinates": [LON, LAT]},
        ),
        "feature 2, field geometry",
        kinds=("areas",),
    ),
    Broken(
        "twins.gpkg",
        _frame(square(0, 0), square(1, 0), code=["1", "1"]),
        "feature 1 has the code 1 too",
        kinds=("areas",),
    ),
    Broken("overlap.gpkg", _frame(square(0, 0, 2), square(1, 0, 2)), "1 and 2 overlap by", kinds=("areas",)),
    Broken("covered.gpkg", _frame(square(0, 0), square(0, 0)), "overlap by", kinds=("areas",)),
    Broken("nothing.geojson", _collection(), "no column for code", kinds=("areas",)),
    Broken(
        "floors.gpkg",
        _frame(square(0, 0), floors=["many"]),
        "field floors: this is no whole number",
        kinds=("buildings",),
    ),
    Broken(
        "year.gpkg",
        _frame(square(0, 0), built_year=["99999"]),
        "the number must lie between 1000 and 2200",
        kinds=("buildings",),
    ),
    Broken(
        "lift.gpkg",
        _frame(square(0, 0), lift=["perhaps"]),
        "field lift: this is neither yes nor no",
        kinds=("buildings",),
    ),
    Broken(
        "tunnel.gpkg",
        _frame(LINE, tunnel=["perhaps"]),
        "field tunnel: this is neither yes nor no",
        kinds=("streets",),
    ),
    Broken(
        "no-time.csv",
        _text("number,lon,lat\n1,2,3\n"),
        "no column for reported_at",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "no-crs.csv",
        _text(CASES + f"1,x,2025-03-01,,{WHERE}\n"),
        "the file doesn't say its CRS",
        kinds=("cases",),
    ),
    Broken(
        "no-place.csv",
        _text("number,reported_at\n1,2025-03-01\n"),
        "no columns for a place",
        kinds=("cases",),
    ),
    Broken(
        "soon.csv",
        _text(CASES + f"1,x,soon,,{WHERE}\n"),
        "line 2, field reported_at: this is no date and time",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "never.csv",
        _text(CASES + f"1,x,NULL,,{WHERE}\n"),
        "a case needs the moment of its report",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "backwards.csv",
        _text(CASES + f"1,x,2025-03-02,2025-03-01,{WHERE}\n"),
        "closed before it was reported",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "category.csv",
        _text(CASES + f"1,路灯,2025-03-02,,{WHERE}\n"),
        "the category '路灯' is not known",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "swapped.csv",
        _text(CASES + f"1,x,2025-03-02,,{LAT},{LON}\n" * 3),
        "swapped in 3 of 3 rows",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "metres.csv",
        _text(CASES + "1,x,2025-03-02,,500000,3500000\n" * 5),
        "5 of 5 positions are no degrees",
        kinds=("cases",),
        options=DEGREES,
    ),
    Broken(
        "polygons.gpkg",
        _frame(square(0, 0), reported_at=["2025-03-02"]),
        "feature 1: a point is needed, not a Polygon",
        kinds=("cases",),
    ),
]
