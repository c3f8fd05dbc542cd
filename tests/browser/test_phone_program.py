"""The phone's program works without network from what it holds, and shuts when it should."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PIN = "40291736"
QUIET = ("net::ERR_INTERNET_DISCONNECTED", "net::ERR_FAILED")
"""What a browser says of requests without network."""
KEPT = """async () => {
  const asked = (request) => new Promise((done) => (request.onsuccess = () => done(request.result)));
  const kinds = ["utf-8", "utf-16le"];
  const bytesAs = (bytes) => kinds.map((kind) => new TextDecoder(kind).decode(bytes)).join("");
  const decode = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return bytesAs(value);
    if (!value || typeof value !== "object") return String(value);
    return Object.entries(value).map(([key, inner]) => key + decode(inner)).join();
  };
  const texts = [JSON.stringify({ ...localStorage })];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const file of await cache.matchAll()) texts.push(await file.text());
  }
  for (const { name } of await indexedDB.databases()) {
    const database = await asked(indexedDB.open(name));
    for (const store of database.objectStoreNames)
      texts.push(decode(await asked(database.transaction(store).objectStore(store).getAll())));
    database.close();
  }
  return texts;
}"""
"""Everything that this browser keeps of the site, as texts."""


@pytest.fixture
def phone(request: pytest.FixtureRequest, own_visitors: Visitors) -> Iterator[tuple[Visitors, Page]]:
    """A member's phone, prepared and at Today, with its program kept by the worker."""
    name = getattr(request, "param", "member01")
    with own_visitors.watched() as visitors:
        page = visitors.page(name, "tall", expected=QUIET, service_workers="allow")
        page.goto("/m/")
        prepare(page)
        page.evaluate("() => navigator.serviceWorker.ready.then(() => 1)")
        page.wait_for_function("() => navigator.serviceWorker.controller !== null")
        yield visitors, page


def prepare(page: Page) -> None:
    page.locator("#pin").fill(PIN)
    page.locator("#pin-again").fill(PIN)
    page.locator("#prepare button").click()
    expect(page.locator("#work .work-group").first).to_be_visible()


def start_offline(page: Page) -> None:
    page.context.set_offline(True)
    page.reload()


def unlock(page: Page, pin: str = PIN) -> None:
    page.locator("#pin").fill(pin)
    page.locator("#unlock button").click()


def change_head(page: Page, changes: dict[str, Any]) -> None:
    vault = "import(window.scripts + 'offline/static/store/vault.js')"
    page.evaluate(f"(changes) => {vault}.then((it) => it.changeHead(changes))", changes)


def test_a_phone_starts_without_network_and_shows_its_territory(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    start_offline(page)
    unlock(page)
    expect(page.locator("#work .work-group").first).to_be_visible()
    expect(page.locator("#data-chip")).to_contain_text("离线 · 资料截至")
    page.goto("/m/#/find")
    page.locator("#phone-search").fill("ydhy6-1-101")
    expect(page.locator(".phone-list li")).to_have_count(1)
    page.locator(".phone-list a").click()
    expect(page.locator("h1")).to_have_text("园丁花园 6幢 1单元 101室")
    page.locator(".page-head a").click()
    expect(page.locator(".door.verified").first).to_be_visible()
    assert page.locator(".doors .door").count() == 12
    page.goto("/m/#/map")
    expect(page.locator(".phone-map canvas").first).to_be_visible()
    expect(page.locator(".phone-number").first).to_be_visible()
    page.goto("/m/#/cases")
    expect(page.locator("h1")).to_contain_text("我的待办案件")


def test_only_what_differs_is_loaded_again(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    page.goto("/m/#/phone")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_role("button", name="现在更新").click()
    expect(page.locator("#data-chip")).to_contain_text("已同步")
    page.wait_for_timeout(500)
    assert [url for url in asked if "/offline/hello" in url]
    assert not [url for url in asked if url.endswith("/offline/parts")]


def test_the_fifth_wrong_pin_deletes_what_is_held(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    start_offline(page)
    for left in (4, 3, 2, 1):
        unlock(page, "99887766")
        expect(page.locator("#unlock .notice.bad")).to_contain_text(f"还可试 {left} 次")
        page.reload()  # a new start gives no new tries
    unlock(page, "99887766")
    expect(page.locator("#unlock")).to_have_count(0)
    assert held(page) == (0, False)


def held(page: Page) -> tuple[int, bool]:
    """How many parts lie on the phone, and whether any key does."""
    script = """() => import(window.scripts + "offline/static/store/vault.js").then(async (vault) =>
      [Object.keys(await vault.heldTags()).length, Boolean((await vault.headOf()).wrapped)])"""
    count, has_key = page.evaluate(script)
    return count, has_key


def test_what_is_over_is_shut_and_a_clock_set_back_too(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    page.context.set_offline(True)
    page.clock.install()
    page.clock.fast_forward(40 * 3600 * 1000)
    page.reload()
    expect(page.locator("#main")).to_contain_text("离线数据已到期")
    assert page.locator("#pin").count() == 0
    page.clock.fast_forward(8 * 24 * 3600 * 1000)
    page.reload()
    expect(page.locator("#main")).to_contain_text("离线工作")
    assert held(page) == (0, False)


def test_a_clock_that_was_set_back_opens_nothing(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    page.context.set_offline(True)
    change_head(page, {"latest": page.evaluate("() => Date.now() + 864e5 * 20")})
    page.reload()
    expect(page.locator("#main")).to_contain_text("手机时间不对")


def test_nothing_of_anybody_can_be_read_without_the_pin(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    homes = page.evaluate(
        """() => import(window.scripts + "offline/static/data/territory.js")
          .then(async ({ homes }) => (await homes()).map(({ door }) => door))"""
    )
    persons = [person for door in homes for person in door.get("persons", ())]
    fields = [(door, ("address", "contact")) for door in homes]
    fields += [(person, ("name", "phone", "born")) for person in persons]
    planted = [row[name] for row, names in fields for name in names if name in row]
    assert len(set(planted)) > 200
    texts = page.evaluate(KEPT)
    assert len(texts) > 20
    whole = "\n".join(texts)
    found = [text for text in set(planted) if any(form in whole for form in forms_of(text))]
    assert not found


def forms_of(text: str) -> list[str]:
    """A text as it might stand somewhere: plain, escaped, in base64."""
    return [text, json.dumps(text)[1:-1], base64.b64encode(text.encode()).decode().rstrip("=")[:-1]]


@pytest.mark.parametrize("phone", ["member03"], indirect=True)
def test_a_phone_that_was_stopped_deletes_what_it_holds_at_its_next_call(
    phone: tuple[Visitors, Page],
) -> None:
    visitors, page = phone
    head = visitors.page("head")
    head.goto("/devices")
    rows = head.request.get("/api/v1/offline/devices").json()["rows"]
    own = next(row["id"] for row in rows if row["account"] == "member03")
    box = head.locator(".device", has=head.locator(f'form[action="/devices/{own}/stop"]'))
    box.locator("summary").click()
    box.get_by_label("原因").fill("手机丢了")
    box.get_by_role("button", name="停用").click()
    expect(head.locator(".notice.good")).to_contain_text("已停用")
    page.goto("/m/#/phone")
    page.get_by_role("button", name="现在更新").click()
    expect(page.locator("#main")).to_contain_text("这台手机已停用")
    assert held(page) == (0, False)


@pytest.mark.parametrize("phone", ["member02"], indirect=True)
def test_logging_out_deletes_what_is_held(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    page.goto("/m/#/phone")
    page.get_by_role("button", name="退出登录").click()
    page.get_by_role("button", name="删除并退出").click()
    expect(page.locator("#main")).to_contain_text("请先用密码登录")
    assert held(page) == (0, False)


def test_a_version_that_lacks_a_file_keeps_the_one_that_stands(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    before = page.evaluate("() => caches.keys()")
    text = page.request.get("/m/sw.js").text()
    newer = re.sub(r'VERSION = "\w+"', 'VERSION = "newer"', text).replace("/m/manifest", "/m/missing")
    page.context.route("**/m/sw.js", lambda route: route.fulfill(body=newer, content_type="text/javascript"))
    page.evaluate(
        "() => navigator.serviceWorker.getRegistration('/m/').then((it) => it.update().catch(() => null))"
    )
    page.wait_for_timeout(1500)
    assert page.evaluate("() => caches.keys()") == before
    start_offline(page)
    unlock(page)
    expect(page.locator("#work .work-group").first).to_be_visible()


def test_tries_on_two_pages_at_once_are_all_counted(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    vault = "import(window.scripts + 'offline/static/store/vault.js')"
    page.evaluate(f"() => {vault}.then((it) => Promise.all([...Array(4)].map(() => it.unlock('99887766'))))")
    other = page.context.new_page()
    other.goto("/m/")
    expect(other.locator("#unlock")).to_contain_text("还可试 1 次")
    other.close()


def test_what_was_loaded_anew_is_shown_and_nothing_older(phone: tuple[Visitors, Page]) -> None:
    _visitors, page = phone
    addresses = page.evaluate(
        """async () => {
          const vault = await import(window.scripts + "offline/static/store/vault.js");
          const { homes } = await import(window.scripts + "offline/static/data/territory.js");
          const before = (await homes()).length;
          const tags = await vault.heldTags();
          const name = Object.keys(tags).find((held) => held.startsWith("b/"));
          const part = await vault.readPart(name);
          const fresh = { ...part, doors: [{ ...part.doors[0], address: "示例新址" }] };
          await vault.writeParts([{ part: name, tag: "newer", data: fresh }], Object.keys(tags), {});
          const after = (await homes()).map(({ door }) => door.address);
          return [before - after.length - part.doors.length + 1, after.includes("示例新址")];
        }"""
    )
    assert addresses == [0, True]
