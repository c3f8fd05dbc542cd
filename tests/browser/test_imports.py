"""Files sent through pages in a real browser: households of a workbook, areas of a map program, bad rows."""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from data.uploads.store import Uploads, Work, new_upload
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.conftest import KEYS
from tests.world import square

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

WORK_MS = 60_000


@pytest.fixture
def visit_imports(own_visitors: Visitors) -> Iterator[Visitors]:
    with own_visitors.watched() as visitors:
        yield visitors


def asked(visitors: Visitors, sql: str, *values: str) -> str:
    with closing(sqlite3.connect(f"file:{visitors.site.file}?mode=ro", uri=True)) as database:
        row = database.execute(sql, values).fetchone()
    return "" if row is None else str(row[0])


def workbook(path: Path, *rows: tuple[str, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in (("户地址*", "联系电话", "登记同意"), *rows):
        book.worksheets[0].append(row)
    book.save(path)
    return path


def send(page: Page, kind: str, file: Path) -> None:
    page.get_by_label("文件里是什么").select_option(kind)
    page.locator("#file").set_input_files(file)
    page.locator("#send-button").click()
    wait(page)


def wait(page: Page) -> None:
    """Until the work on the file has ended."""
    page.wait_for_url("**/imports/*", timeout=WORK_MS)
    expect(page.locator("main h1")).to_be_visible(timeout=WORK_MS)
    expect(page.locator("#running")).to_have_count(0, timeout=WORK_MS)


def addresses(visitors: Visitors, count: int) -> list[str]:
    return [
        asked(visitors, "SELECT address FROM building ORDER BY address LIMIT 1 OFFSET ?", str(place))
        for place in range(count)
    ]


def test_the_button_of_a_file_speaks_the_language_of_the_page(
    visit_imports: Visitors, tmp_path: Path
) -> None:
    file = workbook(tmp_path / "住户.xlsx")
    for device in ("desk", "tall"):
        page = visit_imports.open("/imports", "head", device)
        pick = page.locator(".file-pick")
        expect(pick).to_have_text("选择文件还没有选择文件")
        with page.expect_file_chooser() as chosen:
            page.get_by_text("选择文件", exact=True).click()
        chosen.value.set_files(file)
        expect(pick).to_contain_text("住户.xlsx")
        keep_picture(page, f"imports-file-{device}")
        assert not axe_faults(page)
        page.locator("#file").set_input_files([])
        expect(pick).to_contain_text("还没有选择文件")
        page.get_by_label("文件里是什么").select_option("households")
        page.locator("#send-button").click()
        said = page.locator("#file").evaluate("(one) => one.validationMessage")
        assert said == "请先选择文件。"


def test_households_of_a_workbook_from_sending_to_taking_back(
    visit_imports: Visitors, tmp_path: Path
) -> None:
    before = asked(visit_imports, "SELECT count(*) FROM household")
    homes = addresses(visit_imports, 3)
    rows = [(f"{home}1单元9{number:02}室", "199-0000-0000", "同意") for number, home in enumerate(homes)]
    known = asked(visit_imports, "SELECT std_address FROM household WHERE consent = 'granted' ORDER BY fid")
    file = workbook(
        tmp_path / "住户.xlsx", *rows, (known, "199-0000-0009", ""), ("没有的地方9号", "", "同意")
    )
    head = visit_imports.open("/imports", "head")
    keep_picture(head, "imports-desk")
    send(head, "households", file)
    expect(head.locator("#checked")).to_contain_text("共 5 行,还没有导入")
    expect(head.locator("#bad-rows")).to_contain_text("第 6 行")
    expect(head.locator("#changes")).to_contain_text("联系电话")
    expect(head.locator("#first-rows")).not_to_contain_text("199-0000")
    head.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    keep_picture(head, "imports-checked-desk")
    assert not axe_faults(head)
    assert asked(visit_imports, "SELECT count(*) FROM household") == before
    head.locator("#start").click()
    expect(head.locator("#done")).to_contain_text("1 行有错误", timeout=WORK_MS)
    keep_picture(head, "imports-done-desk")
    assert int(asked(visit_imports, "SELECT count(*) FROM household")) == int(before) + 3
    with head.expect_download() as caught:
        head.locator("#report").click()
    report = Path(caught.value.path()).read_bytes()
    assert report.startswith(b"\xef\xbb\xbf")
    assert "没有" in report.decode("utf-8-sig").splitlines()[-1]
    visit_imports.go(head, "/imports")
    expect(head.locator("#past")).to_contain_text("住户.xlsx")
    keep_picture(head, "imports-past-desk")
    head.locator("#past .undo summary").first.click()
    head.get_by_role("button", name="撤销整个导入").first.click()
    expect(head.locator("#undone")).to_be_visible(timeout=WORK_MS)
    keep_picture(head, "imports-undone-desk")
    assert asked(visit_imports, "SELECT count(*) FROM household") == before
    assert not list(visit_imports.site.file.parent.glob("uploads/*/file.*"))


ORANGE = """() => [...document.querySelectorAll("#moved-map canvas")].reduce((sum, canvas) => {
  if (!canvas.width || !canvas.height) return sum;
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] > 100 && data[at] > 180 && data[at + 1] > 40 && data[at + 2] < 90) found += 1;
  return sum + found;
}, 0)"""
"""How much is drawn in the colour of pieces that move."""


def test_areas_of_a_new_community_with_an_overlap_that_is_mended(
    visit_imports: Visitors, tmp_path: Path
) -> None:
    shapes = [square(0, 0), square(1, 0), square(0.995, 1)]
    features = [
        {
            "type": "Feature",
            "properties": {"网格编码": f"X{n}", "名称": f"第{n}网格"},
            "geometry": shape.__geo_interface__,
        }
        for n, shape in enumerate([*shapes, square(0, 1)], 1)
    ]
    file = tmp_path / "网格.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    admin = visit_imports.open("/imports", "admin")
    admin.get_by_label("社区编码").fill("X")
    send(admin, "areas", file)
    expect(admin.locator("#refused")).to_contain_text("重叠")
    keep_picture(admin, "imports-overlap-desk")
    admin.get_by_label("修复无效图形").check()
    admin.locator("#recheck").click()
    expect(admin.locator("#checked")).to_be_visible(timeout=WORK_MS)
    expect(admin.locator("#more-counts")).to_contain_text("修复重叠与缝隙")
    expect(admin.locator(".import-map canvas").first).to_be_visible()
    visit_imports.settle(admin)
    admin.locator(".import-map").scroll_into_view_if_needed()
    keep_picture(admin, "imports-areas-map-desk")
    assert not axe_faults(admin)
    admin.locator("#start").click()
    expect(admin.locator("#done")).to_be_visible(timeout=WORK_MS)
    assert (
        asked(visit_imports, "SELECT count(*) FROM area_name WHERE code IN ('X1', 'X2', 'X3', 'X4')") == "4"
    )
    admin.locator("details.undo summary").click()
    expect(admin.locator("details.undo")).to_contain_text("社区的第一次划分会整个删去")
    keep_picture(admin, "imports-areas-undo-desk")
    admin.set_viewport_size({"width": 390, "height": 844})
    keep_picture(admin, "imports-areas-undo-phone")
    visit_imports.go(admin, "/imports")
    admin.locator("#past .undo summary").click()
    admin.locator("#past").scroll_into_view_if_needed()
    keep_picture(admin, "imports-areas-past-phone")
    admin.set_viewport_size({"width": 1440, "height": 900})
    admin.locator("#past").scroll_into_view_if_needed()
    keep_picture(admin, "imports-areas-past-desk")
    assert not axe_faults(admin)
    admin.get_by_role("button", name="撤销整个导入").click()
    expect(admin.locator("#undone")).to_be_visible(timeout=WORK_MS)
    keep_picture(admin, "imports-areas-undone-desk")
    assert asked(visit_imports, "SELECT count(*) FROM area_name WHERE code LIKE 'X%'") == "0"
    visit_imports.go(admin, "/imports")
    expect(admin.locator("#past")).to_contain_text("已撤销")


@devices("phone", "desk")
def test_joined_codes_and_a_big_repair_are_asked_about_one_after_the_other(
    visit_imports: Visitors, tmp_path: Path, device: str
) -> None:
    shapes = [("Y1", square(0, 0)), ("Y2", square(0.5, 0)), ("Y1", square(3, 0))]
    features = [
        {"type": "Feature", "properties": {"code": code}, "geometry": shape.__geo_interface__}
        for code, shape in shapes
    ]
    file = tmp_path / "网格.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    admin = visit_imports.open("/imports", "admin", device)
    admin.get_by_label("社区编码").fill("Y")
    send(admin, "areas", file)
    expect(admin.locator("#refused")).to_contain_text("第 3 个图形")
    keep_picture(admin, f"imports-same-code-{device}")
    admin.locator("#merge-same-code").click()
    expect(admin.locator("#merge-same-code")).to_have_count(0)  # the page that had it tells of overlaps too
    expect(admin.locator("#refused")).to_contain_text("重叠", timeout=WORK_MS)
    admin.get_by_label("修复无效图形").check()
    admin.locator("#recheck").click()
    expect(admin.locator("#asks-moved")).to_contain_text("超过 100 平方米", timeout=WORK_MS)
    expect(admin.locator("#moved-map canvas").first).to_be_visible()
    visit_imports.settle(admin)
    admin.locator("#moved-map").scroll_into_view_if_needed()
    keep_picture(admin, f"imports-asks-moved-{device}")
    assert admin.evaluate(ORANGE) > 300
    assert not axe_faults(admin)
    admin.locator("#accept-moved").click()
    expect(admin.locator("#checked")).to_be_visible(timeout=WORK_MS)
    expect(admin.locator("#moved")).to_contain_text("Y")
    keep_picture(admin, f"imports-accepted-{device}")
    admin.locator("#forget").click()


def test_a_head_cannot_replace_the_division_by_a_file(visit_imports: Visitors) -> None:
    head = visit_imports.open("/imports", "head")
    assert "areas" not in [one.get_attribute("value") for one in head.locator("#kind option").all()]


def test_a_work_under_way_shows_how_far_it_is(visit_imports: Visitors) -> None:
    uploads = Uploads(visit_imports.site.file.parent / "uploads", KEYS)
    account, now = asked(visit_imports, "SELECT id FROM account WHERE name = 'head'"), datetime.now(UTC)
    new = new_upload(account_id=account, kind="households", file_name="很多户.xlsx", community=None, at=now)
    begun = uploads.begin(uploads.take(new, io.BytesIO(b"x")), Work.CHECK, at=now)
    uploads.beat(begun, 0.25)
    page = visit_imports.open("/imports", "head")
    row = page.locator("#waiting li", has_text="很多户.xlsx")
    expect(row.locator("progress")).to_have_js_property("value", 0.25)
    uploads.beat(begun, 0.5)
    expect(row.locator("progress")).to_have_js_property("value", 0.5)
    keep_picture(page, "imports-under-way")
    one = visit_imports.open(f"/imports/{begun.id}", "head")
    expect(one.locator("#percent")).to_have_text("50 %")
    uploads.beat(begun, 0.75)
    expect(one.locator("#percent")).to_have_text("75 %")
    keep_picture(one, "import-under-way")
    uploads.end(begun, {"stage": "stopped"})
    expect(one.locator("#stopped")).to_be_visible()
    expect(row).to_contain_text("已结束")
    uploads.put_away(begun)


@devices("phone", "desk", "tall")
def test_each_page_of_an_import_can_be_read_and_used(
    visit_imports: Visitors, tmp_path: Path, device: str
) -> None:
    home = addresses(visit_imports, 1)[0]
    file = workbook(tmp_path / "手机.xlsx", (f"{home}1单元988室", "", ""), ("没有的地方9号", "", ""))
    page = visit_imports.open("/imports", "head", device)
    keep_picture(page, f"imports-{device}")
    for step in ("first", "checked"):
        assert not scrolls_sideways(page), step
        assert not axe_faults(page), step
        if is_phone(device):
            assert not too_small_for_a_thumb(page), step
        if step == "first":
            send(page, "households", file)
            keep_picture(page, f"imports-checked-{device}")
    page.locator("#forget").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("文件已删除,没有导入")
    visit_imports.go(page, "/imports")
    expect(page.locator("main")).not_to_contain_text("手机.xlsx")
