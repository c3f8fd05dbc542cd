"""One hand on the redraw page, by mouse, finger or keys: the same gestures, and what they act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

import shapely
from playwright.sync_api import Locator, expect

from tests.browser.looking import on_screen
from tests.browser.redrawing import Board, bring

Pointer = Literal["mouse", "touch", "keys"]
Pixels = tuple[int, int]
STEP_PX: Final = 10
"""How far one arrow key moves the cursor."""
_KEYS: Final = {"undo": "Control+z", "redo": "Control+y"}


@dataclass(frozen=True, slots=True)
class Hand:
    """A hand; places are lon, lat (EPSG:4326), distances pixels, multiples of ``STEP_PX``."""

    board: Board
    by: Pointer

    def take(self, tool: str, key: str) -> None:
        """Take a tool, by its button or its key."""
        button = self.board.page.locator(f"[data-tool={tool}]")
        if self.by == "keys":
            self.on_map(key)
        else:
            self.tap(button)
        expect(button).to_have_attribute("aria-pressed", "true")
        self.board.visit.settle(self.board.page)

    def tap(self, control: Locator) -> None:
        """Press a control of the page."""
        if self.by == "mouse":
            control.click()
        elif self.by == "keys":
            control.focus()
            self.board.page.keyboard.press("Space")
        else:
            control.evaluate("(one) => one.scrollIntoView({ block: 'nearest', inline: 'center' })")
            box = control.bounding_box()
            assert box is not None
            self.board.touch((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2))

    def step_in_time(self, way: Literal["undo", "redo"]) -> None:
        """Undo or redo."""
        if self.by == "keys":
            self.on_map(_KEYS[way])
        else:
            self.tap(self.board.page.locator(f"#{way}"))
        self.board.wait()

    def on_map(self, *words: str) -> None:
        """Keys while the map has the focus."""
        self.board.page.locator(".folium-map").focus()
        for word in words:
            self.board.page.keyboard.press(word)

    def press(self, lon: float, lat: float, zoom: float = 19) -> None:
        """Press once at a place."""
        self.stroke(lon, lat, (0, 0), (0, 0), zoom=zoom)

    def stroke(self, lon: float, lat: float, start: Pixels, end: Pixels, *, zoom: float = 19) -> None:
        """Bring a place to the middle; press at ``start`` from there, move to ``end``, let go."""
        bring(self.board, lon, lat, zoom)
        if self.by == "keys":
            self._stroke_by_keys(start, end)
            return
        x, y = on_screen(self.board.page, lon, lat)
        stops = [(x + dx, y + dy) for dx, dy in ((start, end) if start != end else (start,))]
        if self.by == "touch":
            self.board.touch(*stops)
        else:
            self.board.drag(*stops)

    def _stroke_by_keys(self, start: Pixels, end: Pixels) -> None:
        tools = 'await import(scripts + "redraw/static/tools/tools.js")'
        forget = f"async () => {{ ({tools}).hand.cursor = null; }}"
        self.board.page.evaluate(forget)
        self.on_map("ArrowRight", "ArrowLeft", *_arrows((0, 0), start), "Space")
        if start != end:
            self.on_map(*_arrows(start, end), "Space")
        elif self._is_pressed():
            self.on_map("Space")
        self.board.visit.settle(self.board.page)

    def _is_pressed(self) -> bool:
        asked = 'async () => (await import(scripts + "redraw/static/tools/tools.js")).isPressed()'
        found: bool = self.board.page.evaluate(asked)
        return found

    def line(self, line: Any) -> None:
        """Draw a line in one stroke; by keys point by point."""
        ends = shapely.get_coordinates(line).tolist()
        if self.by == "keys":
            for lon, lat in ends:
                self.press(lon, lat, 17)
            return
        self.board.page.locator("[data-home]").click()
        self.board.visit.settle(self.board.page)
        stops = [on_screen(self.board.page, lon, lat) for lon, lat in ends]
        (self.board.drag if self.by == "mouse" else self.board.touch)(*stops)

    def accept(self) -> None:
        """Finish what is in hand."""
        if self.by == "keys":
            self.on_map("Enter")
        else:
            self.tap(self.board.page.locator("#accept"))
        self.board.visit.settle(self.board.page)


def _arrows(start: Pixels, end: Pixels) -> list[str]:
    across, down = ((after - before) // STEP_PX for before, after in zip(start, end, strict=True))
    return ["ArrowRight" if across > 0 else "ArrowLeft"] * abs(across) + [
        "ArrowDown" if down > 0 else "ArrowUp"
    ] * abs(down)
