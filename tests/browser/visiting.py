"""People at a desk and with a phone in the street, logged in once per role and run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
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

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')

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


def devices(first: str, *others: str) -> pytest.MarkDecorator:
    """On which device a test runs each time, and on which others by ``make prove`` alone."""
    return pytest.mark.parametrize("device", [first, *map(proved, others)])


def proved(value: Any) -> Any:
    """A value that a test is run with by ``make prove`` alone."""
    return pytest.param(value, marks=pytest.mark.prove)


@dataclass(eq=False, slots=True)
class Seat:
    """A browser context and who watches it; one that is kept has a page that stays.

    That page holds nothing, but the process that draws it stays with it, and with that what it has read.
    """

    context: BrowserContext
    watch: Watch
    anchor: Page | None = None


class Seats:
    """The contexts of a browser, kept from one visit to the next."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self._kept: dict[str, list[Seat]] = {}
        self._taken: list[Seat] = []

    def take(self, device: str, url: str, login: Any, options: dict[str, Any]) -> Seat:
        """A context that no other page of the test shares.

        One that asks for nothing special is kept from test to test, whoever is logged in, so that a browser
        need not fetch and read every script again; cookies are those of the login, and nothing else is left
        in it.
        """
        place = {kind: options.pop(kind) for kind in ("geolocation", "permissions") if kind in options}
        seat = self._new(device, url, login, options) if options else self._free(device, url, login)
        if place:
            seat.context.set_geolocation(place.get("geolocation"))
            seat.context.grant_permissions(place.get("permissions", []))
        self._taken.append(seat)
        return seat

    def of(self, page: Page) -> Seat:
        """Where the page of somebody who visits now is."""
        return next(seat for seat in self._taken if seat.context is page.context)

    def leave(self, seat: Seat, url: str) -> None:
        """Get up from it; nothing of a test stays but what was fetched from the server."""
        self._taken.remove(seat)
        if seat.anchor is None:
            seat.context.close()
            return
        for page in seat.context.pages:
            if page is not seat.anchor:
                page.close()
        tools = seat.context.new_cdp_session(seat.anchor)
        kinds = "local_storage,indexeddb,cache_storage,service_workers"
        tools.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": kinds})
        tools.detach()
        seat.context.clear_cookies()
        seat.context.clear_permissions()
        seat.context.set_geolocation(None)
        seat.context.set_offline(False)

    def _free(self, device: str, url: str, login: Any) -> Seat:
        seats = self._kept.setdefault(device, [])
        free = next((seat for seat in seats if seat not in self._taken), None)
        if free is None:
            free = self._new(device, url, login, {})
            free.anchor = free.context.new_page()
            free.anchor.goto(f"{static_root()}/static/favicon.svg")
            seats.append(free)
        elif login is not None:
            free.context.add_cookies(login["cookies"])
        return free

    def _new(self, device: str, url: str, login: Any, options: dict[str, Any]) -> Seat:
        settings = {**DEVICES[device], "locale": "zh-CN", "base_url": url, **options}
        context = self.browser.new_context(storage_state=login, **settings)
        context.add_init_script(f"window.scripts = '{static_root()}/';")
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(OPENING_MS)
        watch = Watch()
        watch.attach(context)
        return Seat(context, watch)

    def close(self) -> None:
        """Leave the browser."""
        for seat in chain.from_iterable(self._kept.values()):
            seat.context.close()
        self._kept.clear()


class Visitors:
    """Opens pages of one site as anybody on any device; what went wrong in them is told at the end."""

    def __init__(self, seats: Seats, site: Site) -> None:
        self.site = site
        self._seats = seats
        self._states: dict[str, Any] = {}
        self._open: list[Seat] = []

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
        """An empty page in a context that no other page of the test shares."""
        seat = self._seats.take(device, self.site.url, self._state_of(name), options)
        self._open.append(seat)
        seat.watch.expected = list(expected)
        seat.watch.under_way.clear()  # what a page had begun when it was closed may never be told as ended
        return seat.context.new_page()

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
        self._seats.of(page).watch.wait_until_quiet(page)

    def judge(self, page: Page) -> None:
        """Fail on what went wrong so far in a page that goes on to be used."""
        watch = self._seats.of(page).watch
        try:
            watch.assert_quiet()
        finally:
            watch.forget()

    def _state_of(self, name: str | None) -> Any:
        if name is None:
            return None
        if name not in self._states:
            self._states[name] = self._log_in(name)
        return self._states[name]

    def _log_in(self, name: str) -> Any:
        """By the form of the page, without drawing it: that is for tests of the page."""
        with self._seats.browser.new_context(base_url=self.site.url, locale="zh-CN") as context:
            token = _TOKEN.search(context.request.get("/login").text())
            assert token, "no form to log in"
            form = {"csrf_token": token[1], "username": name, "password": PASSWORD}
            answer = context.request.post("/login", form=form, timeout=OPENING_MS)
            assert "/login" not in answer.url, f"{name} could not log in"
            return context.storage_state()

    def last_watch(self) -> Watch:
        """Who watches the page opened last."""
        return self._open[-1].watch

    @contextmanager
    def watched(self) -> Iterator[Visitors]:
        """One test's visits, or those of several that share pages: closed at the end, and judged."""
        visitors = copy(self)
        visitors._open = []
        with self.site.entered():
            try:
                yield visitors
            finally:
                for seat in visitors._open:
                    self._seats.leave(seat, self.site.url)
        watches = [seat.watch for seat in visitors._open]
        try:
            for watch in watches:
                watch.assert_quiet()
        finally:
            for watch in watches:
                watch.forget()


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
