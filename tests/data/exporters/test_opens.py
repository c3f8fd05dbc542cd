"""Long proof: QGIS opens every map file, LibreOffice every table, with the same rows, places and texts."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from data.exporters.files import FORMS as WRITERS
from data.exporters.frame import sheet_of
from data.exporters.layer import ExportRequest
from data.exporters.layers import LAYERS
from data.exporters.origin import Origin
from data.exporters.run import Ask, Made, export
from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.storage.engine import Database
from tests import ROOT
from tests.exporting import read_csv
from tests.world import TZ

LOCAL: Final = Actor(name="local", role=Role.LOCAL, operator="tester")
SHAPED: Final = [name for name, layer in LAYERS.items() if layer.geometry is not None]
FEW: Final = ["areas", "buildings", "streets", "facilities"]
"""A layer of each type of shape: in other CRS these stand for all."""
FORMS: Final = ("gpkg", "shp", "geojson", "zip")
CRS: Final = ("EPSG:4326", "EPSG:4490", "EPSG:32650", "EPSG:4527", "GCJ-02", "BD-09")
HARD: Final = (
    "0113", "321302001601001", "1e5", "2026-11-24", "1/2", "真", "𠮷野", 'a"b,c', "一\n二", "=1+1", "TRUE",
)  # fmt: skip
METRES: Final = 111_195.0
CSV_FILTER: Final = "Text - txt - csv (StarCalc):44,34,76,1,,0,true,true"
"""Commas, quotes, UTF-8; what stands in quotes is text, and days are seen as days."""

pytestmark = [pytest.mark.prove, pytest.mark.timeout(3600)]


def view_of(session: Any, now: datetime) -> View:
    return open_view(session, LOCAL, ViewRequest(), caches=Caches(), now=now, tz=TZ)


def written(
    database: Database, folder: Path, now: datetime, names: list[str], forms: tuple[str, ...], crs: str | None
) -> dict[Path, Made]:
    """Layers of the demo in several forms, and what was told of each file."""
    found = {}
    with database.read() as session, session.no_autoflush:
        view = view_of(session, now)
        for name in names:
            for form in forms:
                out = folder / f"{name}-{(crs or 'table').replace(':', '')}.{form}"
                ask = Ask(layer=LAYERS[name], wish=ExportRequest(now=now), crs=crs)
                found[out] = export(view, ask, out)
    return found


def in_qgis(files: list[Path]) -> dict[str, Any]:
    """What QGIS makes of files; a shapefile in an archive is opened where it lies."""
    python = Path("/usr/bin/python3")
    names = [f"/vsizip/{file}" if file.suffix == ".zip" else str(file) for file in files]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": ""}
    command = [str(python), str(ROOT / "tests" / "prove" / "open_in_qgis.py"), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, f"QGIS is needed: apt-get install python3-qgis. {done.stderr[-800:]}"
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("crs", CRS)
def test_qgis_opens_every_layer(
    demo: Database, tmp_path: Path, now: datetime, crs: str, request: pytest.FixtureRequest
) -> None:
    made = written(demo, tmp_path, now, SHAPED if crs == CRS[0] else FEW, FORMS, crs)
    with demo.read() as session:
        outline = view_of(session, now).division.outlines
        west, south, east, north = max(outline.values(), key=lambda one: one.area).bounds
    found = in_qgis(list(made))
    off, features = 0.0, 0
    for (file, told), seen in zip(made.items(), found["files"].values(), strict=True):
        assert seen["valid"], file.name
        assert seen["features"] == told.rows > 0, file.name
        assert seen["broken"] == 0, file.name
        shifted = crs in {"GCJ-02", "BD-09"}
        # GeoJSON is WGS-84 by its standard: programs believe that of every file.
        expected = ("EPSG:4326" if file.suffix == ".geojson" else "") if shifted else crs
        assert seen["crs"] == expected, file.name
        is_chinese = any("\u4e00" <= letter <= "\u9fff" for text in seen["texts"] for letter in text)
        assert is_chinese or file.name.startswith("cells"), file.name  # cells have codes only
        assert not any("\ufffd" in text for text in seen["texts"]), file.name
        if file.name.startswith("areas") and not shifted:
            pairs = zip(seen["bounds"], (west, south, east, north), strict=True)
            off = max(off, *(abs(one - other) * METRES for one, other in pairs))
        features += seen["features"]
    assert off < 0.01
    request.node.user_properties.append(("QGIS", found["version"]))
    request.node.user_properties.append(("files", len(made)))
    request.node.user_properties.append(("features", features))
    request.node.user_properties.append(("most off, m", round(off, 6)))


def in_office(files: list[Path], folder: Path, *filters: str) -> dict[str, Path]:
    """Files opened in LibreOffice and written again as workbooks."""
    office = shutil.which("soffice")
    assert office is not None, "LibreOffice is needed: apt-get install libreoffice-calc-nogui"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    options = ["--headless", "--norestore", *filters, "--convert-to", "xlsx", "--outdir", str(folder)]
    command = [office, profile, *options, *map(str, files)]
    subprocess.run(command, capture_output=True, text=True, check=True, timeout=1800)
    return {file.stem: folder / f"{file.stem}.xlsx" for file in files}


def cells_of(path: Path) -> list[dict[str, Any]]:
    """Cells of the first sheet by the heads of its columns."""
    rows = openpyxl.load_workbook(path).worksheets[0].iter_rows()
    heads = [cell.value for cell in next(rows)]
    return [dict(zip(heads, row, strict=True)) for row in rows]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_libreoffice_opens_every_table(
    demo: Database, tmp_path: Path, now: datetime, form: str, request: pytest.FixtureRequest
) -> None:
    source, opened = tmp_path / "source", tmp_path / "opened"
    source.mkdir()
    opened.mkdir()
    made = written(demo, source, now, list(LAYERS), (form,), None)
    plain = written(demo, source, now, list(LAYERS), ("csv",), None)
    filters = [f"--infilter={CSV_FILTER}"] if form == "csv" else []
    found = in_office(list(made), opened, *filters)
    texts = days = 0
    for file, told in made.items():
        rows = cells_of(found[file.stem])
        expected = read_csv(file.with_suffix(".csv"))
        assert len(rows) == told.rows == len(expected), file.name
        for row, wanted in zip(rows, expected, strict=True):
            for name, text in wanted.items():
                if name not in row:
                    continue
                is_right, kind = agrees(row[name], text)
                assert is_right, (file.name, name, text, row[name].value)
                texts, days = texts + (kind == "text"), days + (kind == "day")
    leading = [cell for row in cells_of(found["residents-table"]) for cell in [row["building"]] if cell.value]
    assert all(isinstance(cell.value, str) for cell in leading)
    assert plain.keys() >= {file.with_suffix(".csv") for file in made}
    request.node.user_properties.append(("tables", len(made)))
    request.node.user_properties.append(("texts the same", texts))
    request.node.user_properties.append(("days and times as such", days))


def agrees(cell: Any, text: str) -> tuple[bool, str]:
    """Whether a cell holds what stands in the CSV, and of which kind it is."""
    value = cell.value
    if value is None:
        return text == "", "nothing"
    if isinstance(value, datetime | date):
        moment = value.strftime("%Y-%m-%d %H:%M:%S")
        return moment.startswith(text), "day"
    if isinstance(value, int | float):
        return bool(text) and float(value) == pytest.approx(float(text), rel=1e-12), "number"
    is_bare_day = text[:2] in {"19", "20"} and text[4:5] == "-" and text[7:8] == "-"
    return value == text and not is_bare_day, "text"


def test_codes_with_a_zero_in_front_stay_texts(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """The hard ones, one by one: codes, formulas, quotes, line breaks, rare characters."""
    day = datetime(2026, 11, 24, tzinfo=TZ)
    origin = Origin(by="tester", at=day, as_of=day.date(), community="C1")
    rows = [(None, {"name": text, "capacity": 7}) for text in HARD]
    for form, filters in [("csv", [f"--infilter={CSV_FILTER}"]), ("xlsx", [])]:
        out = tmp_path / f"hard{form}.{form}"
        WRITERS[f".{form}"].write(out, sheet_of(LAYERS["facilities"], rows, crs=None), origin)
        opened = tmp_path / form
        opened.mkdir()
        cells = cells_of(in_office([out], opened, *filters)[out.stem])
        assert [row["name"].value for row in cells] == [text.replace("=1+1", "'=1+1") for text in HARD], form
        assert {row["capacity"].value for row in cells} == {7}
    request.node.user_properties.append(("hard texts", len(HARD)))
