"""Somebody who watches a browser: what leaves this machine, what fails, what pops up."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Error, Page, Request

LOOK_MS, QUIET_LOOKS, MOST_LOOKS = 30, 3, 600
_AT_REST = """() => new Promise((told) => {
  const tell = () => told(!document.querySelector("[aria-busy=true]"));
  requestIdleCallback(tell, { timeout: 400 });
})"""
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})


@dataclass
class Watch:
    """What happened in a browser context that must not happen."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of console errors that a test provokes, such as a page that isn't there."""
    under_way: set[Request] = field(default_factory=set)

    def attach(self, context: BrowserContext) -> None:
        """Listen to all pages of the context; the browser itself finds no host but this machine."""
        context.on("page", self._listen)
        context.on("request", self._begin)
        for end in ("requestfinished", "requestfailed"):
            context.on(end, self._end)

    def _begin(self, request: Request) -> None:
        self.under_way.add(request)
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname not in LOCAL_HOSTS:
            self.outside.append(request.url)

    def _end(self, request: Request) -> None:
        self.under_way.discard(request)

    def _listen(self, page: Page) -> None:
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.errors.append(f"{page.url}: {error}"))
        page.on("dialog", self._dismiss)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(part in message.text for part in self.expected):
            self.errors.append(f"{message.location.get('url', '')}: {message.text}")

    def _dismiss(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def wait_until_quiet(self, page: Page) -> None:
        """Until nothing was under way for a moment: a page has fetched and drawn what it wants.

        The page itself is asked too, so that one that has no time to ask for its data isn't taken for one
        that wants none.
        """
        quiet = 0
        for _ in range(MOST_LOOKS):
            page.wait_for_timeout(LOOK_MS)
            quiet = quiet + 1 if not self.under_way and _is_at_rest(page) else 0
            if quiet == QUIET_LOOKS:
                return
        raise AssertionError(f"still under way: {[request.url for request in self.under_way]}")

    def forget(self) -> None:
        """For a test that provokes what it watches for."""
        for kind in (self.outside, self.errors, self.dialogs):
            kind.clear()

    def assert_quiet(self) -> None:
        """Fail when anything was recorded."""
        assert not self.outside, f"requests that leave this machine: {self.outside}"
        assert not self.errors, f"errors in the browser: {self.errors}"
        assert not self.dialogs, f"dialogs nobody asked for: {self.dialogs}"


def _is_at_rest(page: Page) -> bool:
    """Whether a page has come to an idle moment and waits for nothing; one that is being left has not."""
    try:
        return bool(page.evaluate(_AT_REST))
    except Error:
        return False
