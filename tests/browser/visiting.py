"""People at a desk and with a phone in the street, logged in once per role and run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.cases.core.models import Case
from tests.browser.serving import Site
from tests.browser.watching import Watch
from tests.demo_files import PASSWORD
from web.assets import static_root

PATIENCE_MS = 30_000
"""How long what is expected may take: a busy machine is no fault, and what is there costs no waiting."""
OPENING_MS = 60_000
"""How long a page may take to come: the first of a server also reads the whole division."""

DEVICES: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1366, "height": 768}},
    "phone": {
        "viewport": {"width": 360, "height": 640},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
    "tall": {
        "viewport": {"width": 390, "height": 844},
        "is_mobile": True,
        "has_touch": True,
        "device_scale_factor": 2,
    },
}


def is_phone(device: str) -> bool:
    """Whether a device is held in the hand and touched."""
    return bool(DEVICES[device].get("has_touch"))


class Visitors:
    """Opens pages of one site as anybody on any device; what went wrong in them is told at the end."""

    def __init__(self, browser: Browser, site: Site) -> None:
        self.site = site
        self._browser = browser
        self._states: dict[str, Any] = {}
        self._kept: dict[tuple[str | None, str], tuple[BrowserContext, Watch]] = {}
        self._open: list[tuple[BrowserContext, Watch]] = []

    def open(self, path: str, name: str | None = "head", device: str = "desk", **options: Any) -> Page:
        """A page as an account (none: nobody logged in), waited for until nothing is under way."""
        page = self.page(name, device, **options)
        self.go(page, path)
        return page

    def page(
        self,
        name: str | None = "head",
        device: str = "desk",
        *,
        expected: tuple[str, ...] = (),
        **options: Any,
    ) -> Page:
        """An empty page in a context that no other page of the test shares.

        One that asks for nothing special is kept from test to test, so that a browser need not fetch and
        read every script again; cookies are those of the login, and nothing else is left in it.
        """
        key = (name, device)
        is_kept = not options and all(one is not self._kept.get(key) for one in self._open)
        known = self._kept.get(key) if is_kept else None
        if known is None:
            known = self._new_context(name, device, options)
            if is_kept:
                self._kept[key] = known
        elif name is not None:
            known[0].add_cookies(self._state_of(name)["cookies"])
        context, watch = known
        watch.expected = list(expected)
        watch.under_way.clear()  # what a page had begun when it was closed may never be told as ended
        self._open.append(known)
        return context.new_page()

    def _new_context(
        self, name: str | None, device: str, options: dict[str, Any]
    ) -> tuple[BrowserContext, Watch]:
        settings = {**DEVICES[device], "locale": "zh-CN", "base_url": self.site.url, **options}
        context = self._browser.new_context(storage_state=self._state_of(name), **settings)
        context.add_init_script(f"window.scripts = '{static_root()}/';")
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(OPENING_MS)
        watch = Watch()
        watch.attach(context)
        return context, watch

    def go(self, page: Page, path: str) -> None:
        """To an address of this site, until its data have come."""
        page.goto(path)
        self.settle(page)

    def hand_over(self, page: Page, name: str | None) -> None:
        """Another person takes the same browser; what it keeps stays in it."""
        page.context.clear_cookies()
        if name is not None:
            page.context.add_cookies(self._state_of(name)["cookies"])

    def settle(self, page: Page) -> None:
        """Wait until a page has fetched what it wants."""
        next(watch for context, watch in self._open if context is page.context).wait_until_quiet(page)

    def _state_of(self, name: str | None) -> Any:
        if name is None:
            return None
        if name not in self._states:
            self._states[name] = self._log_in(name)
        return self._states[name]

    def _log_in(self, name: str) -> Any:
        """Through the form, as people do."""
        with self._browser.new_context(base_url=self.site.url, locale="zh-CN") as context:
            context.set_default_timeout(PATIENCE_MS)
            context.set_default_navigation_timeout(OPENING_MS)
            page = context.new_page()
            page.goto("/login")
            page.get_by_label("账号", exact=True).fill(name)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录").click()
            expect(page.locator("nav.rail")).to_be_attached()
            return context.storage_state()

    def last_watch(self) -> Watch:
        """Who watches the page opened last."""
        return self._open[-1][1]

    @contextmanager
    def watched(self) -> Iterator[Visitors]:
        """One test's visits: closed at its end, and judged."""
        yield self
        opened, self._open = self._open, []
        for one in opened:
            if one in self._kept.values():
                self._clear(one[0])
            else:
                one[0].close()
        watches = [watch for _, watch in opened]
        try:
            for watch in watches:
                watch.assert_quiet()
        finally:
            for watch in watches:
                watch.forget()

    def _clear(self, context: BrowserContext) -> None:
        """Leave nothing of a test in a context that is kept, but what was fetched from the server."""
        last, *others = context.pages or [None]
        for page in others:
            page.close()
        if last is not None:
            last.goto("about:blank")  # nothing is asked any more once the cookies are gone
            tools = context.new_cdp_session(last)
            kinds = "local_storage,indexeddb,cache_storage,service_workers"
            tools.send("Storage.clearDataForOrigin", {"origin": self.site.url, "storageTypes": kinds})
            last.close()
        context.clear_cookies()

    def close(self) -> None:
        """Leave the browser."""
        for context, _ in self._kept.values():
            context.close()
        self._kept.clear()


def keep_picture(page: Page, name: str) -> None:
    """A screenshot into the folder of ``GISGRID_SCREENSHOTS``, where one is set."""
    folder = os.environ.get("GISGRID_SCREENSHOTS")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png")


def cases_saying(session: Session, description: str) -> list[Case]:
    """Of the cases made last, those with a description: it is sealed, so that no statement can ask for it."""
    last = select(Case).order_by(Case.fid.desc()).limit(100)
    return [case for case in session.scalars(last) if case.description == description]
