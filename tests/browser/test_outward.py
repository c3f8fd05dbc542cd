"""A table of an office in a browser: sent, mapped, asked for, approved by another, filled, taken along."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from data.forms.built_in.forms import built_in_forms
from gisgrid.access.actors import local_actor
from gisgrid.records.publication.built_in import install_forms
from tests.browser.looking import axe_faults, scrolls_sideways, too_small_for_a_thumb
from tests.browser.visiting import Visitors, devices, is_phone, keep_picture
from tests.conftest import NOW
from tests.data.outward.sheets import write_template
from tests.web.browsing import services_of

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
IN_THE_WAY = "409 (CONFLICT)"
SAID = {"名称": "老年人登记表(试)", "来文部门": "民政科", "法律依据": "老年人权益保障法"}


@pytest.fixture(scope="module")
def with_forms(own_visitors: Visitors) -> Visitors:
    """The demo with the forms that come with the program."""
    with services_of(own_visitors.site.app).database.write() as session:
        install_forms(session, local_actor(session, "tester"), built_in_forms(), now=NOW)
    return own_visitors


@pytest.fixture
def office(with_forms: Visitors) -> Iterator[Visitors]:
    with with_forms.watched() as visitors:
        yield visitors


def judge(page: Page, title: str, device: str) -> None:
    """What an eye would check on the page as it stands."""
    keep_picture(page, f"{title}-{device}")
    assert not scrolls_sideways(page)
    assert not axe_faults(page)
    if is_phone(device):
        assert not too_small_for_a_thumb(page)


def send(page: Page, path: Path, said: dict[str, str]) -> None:
    form = page.locator("#send")
    form.get_by_label("文件").set_input_files(path)
    for field, text in said.items():
        form.get_by_label(field, exact=True).fill(text)
    form.get_by_role("button", name="上传").click()


def spoil(sheet: Any) -> None:
    sheet["D5"] = "=SUM(D4:D4)"
    sheet.merge_cells("B3:C3")


@devices("tall", "desk")
def test_a_table_goes_from_the_department_and_back(office: Visitors, tmp_path: Path, device: str) -> None:
    staff = office.open("/outward", "staff", "desk", expected=("422",))
    said = {**SAID, "名称": f"{SAID['名称']}{device}"}
    send(staff, write_template(tmp_path / "bad.xlsx", spoil), said)
    expect(staff.get_by_role("alert")).to_contain_text("第 5 行")
    expect(staff.get_by_label("名称", exact=True)).to_have_value(said["名称"])
    send(staff, write_template(tmp_path / "good.xlsx"), {})
    expect(staff.get_by_text("请核对每一格填什么")).to_be_visible()
    path = staff.url.partition("?")[0].removeprefix(office.site.url)
    remark = staff.get_by_label("备注 F")
    expect(remark).to_have_value("")
    rows = staff.get_by_label("每行")
    rows.select_option("grid")  # other rows hold other fields
    expect(remark.locator("option[value='count.elders']")).to_have_count(1)
    rows.select_option("person")
    remark.select_option("person.phone")
    judge(staff, "outward-places", "desk")
    staff.get_by_role("button", name="保存为新的一版").click()
    expect(staff.get_by_role("heading", level=1)).to_contain_text("第 2 版")

    member = office.open(path, "member01", device, expected=(IN_THE_WAY,))
    member.get_by_label("填写的理由").fill("民政科抽查")
    member.get_by_role("button", name="填好并下载").click()
    expect(member.get_by_role("alert")).to_contain_text("要先由另一人同意")
    member.get_by_role("button", name="申请同意").click()
    expect(member.locator("#approvals")).to_contain_text("等人同意")
    judge(member, "outward-waiting", device)

    head = office.open("/", "head", device)
    head.locator("#waiting-tables").get_by_role("link", name="去看").click()
    waiting = head.locator("#waiting li", has_text=said["名称"])
    expect(waiting).to_contain_text("民政科抽查")
    judge(head, "outward-approve", device)
    waiting.get_by_role("button", name="同意 30 天").click()
    expect(head.locator("#waiting-tables, #waiting li", has_text=said["名称"])).to_have_count(0)

    office.go(member, path)
    expect(member.locator("#approvals")).to_contain_text("已同意到 2026-12-24")
    member.get_by_label("填写的理由").fill("民政科抽查")
    with member.expect_download() as started:
        member.get_by_role("button", name="填好并下载").click()
    file = tmp_path / "filled.xlsx"
    started.value.save_as(file)
    assert started.value.suggested_filename.startswith(said["名称"])
    told = member.locator("#filled")
    expect(told).to_contain_text("负责人(E7):没有选对应字段 1 格")
    judge(member, "outward-filled", device)
    sheet = openpyxl.load_workbook(file)["表一"]
    numbers = [int(text.replace(",", "")) for text in _figures(told.locator("strong").inner_text())]
    assert numbers[0] == numbers[1] + numbers[3] + numbers[4], numbers
    assert sheet["A1"].value == "老年人登记表"
    assert sheet["B4"].value
    assert sheet["D4"].value >= 60, "its title says that it lists elders"


def _figures(text: str) -> list[str]:
    """All cells, those filled, the share, empty ones, those without consent."""
    return (
        "".join(letter if letter.isdigit() or letter == "," else " " for letter in text)
        .replace(" ,", " ")
        .replace(", ", " ")
        .split()
    )


def test_what_is_empty_becomes_a_round(office: Visitors, tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        heads = ("姓名", "现住址", "下次探访日期", "探访方式", "帮扶措施")
        for letter, head in zip("BCDEF", heads, strict=True):
            sheet[f"{letter}3"] = head

    page = office.open("/outward", "head", "desk")
    send(page, write_template(tmp_path / "a.xlsx", change), {**SAID, "名称": "独居老人探访情况"})
    page.get_by_label("填写的理由").fill("核对")
    page.get_by_role("button", name="申请同意").click()
    expect(page.locator("#approvals")).to_contain_text("等人同意")
    path = page.url.removeprefix(office.site.url)
    staff = office.open("/outward", "staff", "desk")
    staff.locator("#waiting li", has_text="独居老人探访情况").get_by_role("button", name="同意 30 天").click()
    expect(staff.get_by_text("30 天内有效")).to_be_visible()
    office.go(page, path.partition("?")[0])
    page.get_by_label("填写的理由").fill("核对")
    with page.expect_download():
        page.get_by_role("button", name="填好并下载").click()
    choices = page.locator("#filled .choices li")
    expect(choices).to_have_count(2)
    expect(choices.first).to_contain_text("个对象")
    choices.filter(has_text="老人探访").get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("独居老人探访情况 · 补采")
    expect(page.get_by_text("按名单")).to_be_visible()
