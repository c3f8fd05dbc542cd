"""A hand on the redraw page: strokes by mouse and finger over cells, and what the API says afterwards."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from playwright.sync_api import APIResponse, Page, expect
from shapely.geometry import shape

from tests.browser.looking import on_screen
from tests.browser.visiting import Visitors

Point = tuple[float, float]
REST_MS = 80
"""How long a finger rests before it lifts: after a flick the browser takes the next tap as a stop."""


@dataclass(frozen=True, slots=True)
class Board:
    """The redraw page of one account, with the cells as the API gives them now."""

    page: Page
    visit: Visitors

    @property
    def plan(self) -> str | None:
        """Id of the open plan, as the address has it."""
        found: str | None = self.page.evaluate("() => new URLSearchParams(location.search).get('plan')")
        return found

    def get(self, path: str, **parameters: str | float | bool) -> Any:
        """JSON of the API, asked with the page's own login."""
        answer = self.page.request.get(f"/api/v1/{path}", params=parameters)
        assert answer.ok, answer.text()
        return answer.json()

    def cells(self, plan: str | None = None) -> dict[str, dict[str, Any]]:
        """Cells by id, with their shape (EPSG:4326), as a plan has them: the open one, if none is named."""
        plan = plan or self.plan
        found = self.get("cells", **({"plan": plan} if plan else {}))["features"]
        return {one["id"]: {**one["properties"], "shape": shape(one["geometry"])} for one in found}

    def tool(self, name: str) -> None:
        """Take a tool by its word."""
        button = self.page.locator("#tools").get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")

    def at(self, geometry: Any) -> Point:
        """Where a point inside a shape stands on the screen."""
        point = geometry.representative_point()
        return on_screen(self.page, point.x, point.y)

    def drag(self, *stops: Point) -> None:
        """Press at the first stop, move over the others, let go."""
        self.page.mouse.move(*stops[0])
        self.page.mouse.down()
        for stop in stops[1:]:
            self.page.mouse.move(*stop, steps=6)
        self.page.mouse.up()
        self.visit.settle(self.page)

    def touch(self, *stops: Point) -> None:
        """The same with a finger."""
        tools = self.page.context.new_cdp_session(self.page)
        for kind, points in [("touchStart", stops[:1]), *(("touchMove", (stop,)) for stop in stops[1:])]:
            where = [{"x": x, "y": y} for x, y in points]
            tools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": where})
        if len(stops) > 1:
            self.page.wait_for_timeout(REST_MS)
        tools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        tools.detach()
        self.visit.settle(self.page)

    def wait(self) -> None:
        """Until the last edit has been answered."""
        self.visit.settle(self.page)
        expect(self.page.locator("#hint-text")).not_to_have_text("正在计算…")

    def steps(self) -> int:
        """How many edits the plan has on the server."""
        return len(self.get(f"plans/{self.plan}")["edits"])


def open_board(visit: Visitors, name: str = "staff", device: str = "desk", path: str = "/redraw") -> Board:
    """The redraw page, drawn."""
    page = visit.open(path, name, device, expected=("status of 409", "status of 422"))
    expect(page.locator("#hint-text")).not_to_be_empty()
    return Board(page, visit)


_ANEW = """async (brush) => {
  const { openPlan } = await import(scripts + "redraw/static/plan/plan.js");
  const { state } = await import(scripts + "redraw/static/state.js");
  Object.assign(state, { brush, cut: false });
  await openPlan(null);
  document.querySelector("[data-tool=paint]").click();
  document.querySelector("[data-home]").click();
}"""


def start_anew(board: Board, *, brush: str = "medium") -> None:
    """Bring an open page to where it begins: no plan, nothing in hand, the whole community in sight."""
    board.page.evaluate(_ANEW, brush)
    board.visit.settle(board.page)


def aim(board: Board, code: str) -> None:
    """Choose the grid that takes, at the foot of the map."""
    board.page.locator("#hint [name=target]").select_option(code)


def view_of(board: Board, lon: float, lat: float, zoom: float) -> None:
    """Bring a place (EPSG:4326) to the middle of the map, and wait for what it fetches."""
    bring(board, lon, lat, zoom)
    board.visit.settle(board.page)


def bring(board: Board, lon: float, lat: float, zoom: float) -> None:
    """Bring a place (EPSG:4326) to the middle of the map."""
    board.page.evaluate(
        "([lon, lat, zoom]) => { window.gisgrid.map.setView([lat, lon], zoom, { animate: false }); }",
        [lon, lat, zoom],
    )


def zoom_to(board: Board, ids: list[str], zoom: float = 17) -> None:
    """Bring cells to the middle of the map."""
    cells = board.cells()
    x = sum(cells[key]["shape"].centroid.x for key in ids) / len(ids)
    y = sum(cells[key]["shape"].centroid.y for key in ids) / len(ids)
    view_of(board, x, y, zoom)


def publish(board: Board, reason: str, day: str = "") -> None:
    """Publish the open plan through the dialog; it must be closed afterwards."""
    board.page.get_by_role("button", name="发布…").click()
    dialog = board.page.get_by_role("dialog")
    dialog.get_by_label("发布理由").fill(reason)
    if day:
        dialog.get_by_label("生效日期").fill(day)
    dialog.get_by_role("button", name="确定发布").click()
    board.visit.settle(board.page)
    expect(board.page.locator("#publish")).to_be_hidden()


def edit(board: Board, plan: str, op: dict[str, Any]) -> Any:
    """Send an edit past the page, with its login and token."""
    answer = sent(board, plan, op)
    assert answer.ok, answer.text()
    return answer.json()


def sent(board: Board, path: str, body: dict[str, Any]) -> APIResponse:
    """What the API answers to a body, sent with the page's login; no page need be open."""
    token = re.search(r'"csrf": ?"([^"]+)"', board.page.request.get("/redraw").text())
    assert token, "no token on the page"
    return board.page.request.post(f"/api/v1/{path}", data=body, headers={"X-CSRFToken": token[1]})


def given_plan(visit: Visitors, *, count: int = 1) -> str:
    """Id of a new plan by staff that gives cells to the neighbour one by one, made past the page."""
    board = Board(visit.page("staff"), visit)
    target, keys = givable(board.cells(), count=count)
    plan: str = edit(board, "plans", {"name": f"给邻格 {secrets.token_hex(4)}"})["id"]
    for key in keys:
        edit(board, f"plans/{plan}/edits", {"op": "paint", "cells": [key], "to": target})
    return plan


def border_corner(cells: dict[str, dict[str, Any]], least: int = 2) -> Point:
    """A corner (lon, lat) of a border between grids, well inside the community."""
    grids = grid_shapes(cells)
    outline = shapely.get_exterior_ring(shapely.coverage_union_all(list(grids.values())))
    shapes, codes = ([cell[name] for cell in cells.values()] for name in ("shape", "grid"))
    for shape_of_cell in shapes:
        for x, y in shapely.get_coordinates(shape_of_cell)[:-1].tolist():
            spot = shapely.Point(x, y)
            meeting = np.flatnonzero(shapely.distance(shapes, spot) == 0)
            if len({codes[at] for at in meeting}) >= least and spot.distance(outline) > 0.001:
                return x, y
    raise AssertionError("no grid borders another")


def grid_shapes(cells: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Outline of each grid by its code (EPSG:4326)."""
    members: dict[str, list[Any]] = {}
    for cell in cells.values():
        members.setdefault(cell["grid"], []).append(cell["shape"])
    return {code: shapely.coverage_union_all(shapes) for code, shapes in members.items()}


def givable(cells: dict[str, dict[str, Any]], *, count: int = 1) -> tuple[str, list[str]]:
    """A grid, and cells with buildings of one neighbour that it can be given without breaking either."""
    grids = grid_shapes(cells)
    for target in sorted(grids):
        for source in sorted(set(grids) - {target}):
            chosen = _grown(cells, grids[target], source, count)
            if chosen:
                return target, chosen
    raise AssertionError(f"no grid of the demo can take {count} cells of a neighbour")


def _grown(cells: dict[str, dict[str, Any]], outline: Any, source: str, count: int) -> list[str]:
    """Cells of a grid taken one by one, each beside what is taken already; none where it has too few."""
    left = {key: cell for key, cell in sorted(cells.items()) if cell["grid"] == source}
    chosen: list[str] = []
    while len(chosen) < count:
        fitting = (key for key in left if left[key]["households"] and _can_go(left, key, outline))
        found = next(fitting, None)
        if found is None:
            return []
        outline = shapely.coverage_union_all([outline, left.pop(found)["shape"]])
        chosen.append(found)
    return chosen


def _can_go(left: dict[str, dict[str, Any]], key: str, outline: Any) -> bool:
    if not left[key]["shape"].intersection(outline).length:
        return False
    rest = [cell["shape"] for other, cell in left.items() if other != key]
    return _is_one([outline, left[key]["shape"]]) and bool(rest) and _is_one(rest)


def _is_one(shapes: list[Any]) -> bool:
    return bool(shapely.coverage_union_all(shapes).geom_type == "Polygon")


def crossing_line(grid: Any, hit: list[Any]) -> Any:
    """A line (EPSG:4326) from south to north across a grid, through as many of some shapes as can be."""
    west, south, east, north = grid.bounds
    margin = (north - south) * 0.02
    lines = [
        shapely.LineString([(lon, south - margin), (lon, north + margin)])
        for lon in (west + share * (east - west) for share in np.linspace(0.3, 0.7, 21))
    ]
    return max(lines, key=lambda line: int(shapely.intersects(line, hit).sum()) if hit else 0)


def draw_line(board: Board, line: Any, *, by: str = "mouse") -> None:
    """Draw a line with the tool in hand, in one stroke."""
    ends = [on_screen(board.page, x, y) for x, y in shapely.get_coordinates(line).tolist()]
    (board.drag if by == "mouse" else board.touch)(*ends)
