"""Somebody who watches a browser: what leaves this machine, what fails, what pops up."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Route

LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost"})


@dataclass
class Watch:
    """What happened in a browser context that must not happen."""

    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)
    """Parts of console errors that a test provokes, such as a page that isn't there."""

    def attach(self, context: BrowserContext) -> None:
        """Stop every request that leaves this machine, and listen to all pages of the context."""
        context.route("**/*", self._route)
        context.on("page", self._listen)

    def _route(self, route: Route) -> None:
        address = urlsplit(route.request.url)
        if address.scheme in {"http", "https"} and address.hostname not in LOCAL_HOSTS:
            self.outside.append(route.request.url)
            route.abort()
        else:
            route.continue_()

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

    def forget(self) -> None:
        """For a test that provokes what it watches for."""
        for kind in (self.outside, self.errors, self.dialogs):
            kind.clear()

    def assert_quiet(self) -> None:
        """Fail when anything was recorded."""
        assert not self.outside, f"requests that leave this machine: {self.outside}"
        assert not self.errors, f"errors in the browser: {self.errors}"
        assert not self.dialogs, f"dialogs nobody asked for: {self.dialogs}"
