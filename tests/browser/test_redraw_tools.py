"""Every tool by every pointer: driven on the page, its result read back from the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, get_args

import numpy as np
import pytest
import shapely
from playwright.sync_api import expect

from tests.browser import neighbours
from tests.browser.hands import Hand, Pointer
from tests.browser.looking import map_centre, on_screen
from tests.browser.plots import two_buildings_in_a_cell
from tests.browser.redrawing import (
    aim,
    border_corner,
    bring,
    crossing_line,
    givable,
    grid_shapes,
    open_board,
    start_anew,
)
from tests.browser.visiting import Visitors

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
POINTERS: Final[tuple[Pointer, ...]] = get_args(Pointer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The demo as it is before anything is drawn: cells by id, grids by code (EPSG:4326)."""

    cells: dict[str, dict[str, Any]]
    grids: dict[str, Any]
    buildings: list[Any]
    shared: str
    """A cell with two buildings."""

    def middle(self, key: str) -> tuple[float, float]:
        """A place in a cell."""
        point = self.cells[key]["shape"].representative_point()
        return point.x, point.y

    def largest(self) -> str:
        """Code of the grid with most cells."""
        return max(sorted(self.grids), key=lambda code: len(self.members(code)))

    def members(self, code: str) -> list[str]:
        """Ids of a grid's cells."""
        return [key for key, cell in self.cells.items() if cell["grid"] == code]


@pytest.fixture(scope="module")
def shared_cell(own_visitors: Visitors) -> str:
    """A demo with another community in its east and a cell with two buildings."""
    neighbours.found_beside(own_visitors.site)
    return two_buildings_in_a_cell(own_visitors.site)


@pytest.fixture(scope="module")
def hands(own_visitors: Visitors, shared_cell: str) -> Iterator[dict[Pointer, Hand]]:
    """A head's page for each pointer, open for all tests; judged for errors at the end."""
    assert shared_cell
    with own_visitors.watched() as visit:
        devices: dict[Pointer, str] = {"mouse": "desk", "touch": "phone", "keys": "desk"}
        yield {by: Hand(open_board(visit, "head", device), by) for by, device in devices.items()}


@pytest.fixture(scope="module")
def ground(hands: dict[Pointer, Hand], shared_cell: str) -> Ground:
    """What the API says of the demo."""
    board = hands["mouse"].board
    cells = board.cells()
    rows = board.get("buildings")["features"]
    footprints = [shapely.geometry.shape(row["geometry"]) for row in rows]
    return Ground(cells=cells, grids=grid_shapes(cells), buildings=footprints, shared=shared_cell)


@pytest.fixture
def hand(request: pytest.FixtureRequest, hands: dict[Pointer, Hand]) -> Hand:
    """The hand of one test, with nothing drawn."""
    found = hands[request.param]
    start_anew(found.board, brush="fine")
    return found


def edits(hand: Hand) -> list[str]:
    """Kinds of the edits that the open plan has on the server."""
    hand.board.wait()
    return [one["op"] for one in hand.board.get(f"plans/{hand.board.plan}")["edits"]]


def changed(hand: Hand, ground: Ground) -> set[str]:
    """Cells that are of another grid than before."""
    now = hand.board.cells()
    return {key for key, cell in ground.cells.items() if key in now and now[key]["grid"] != cell["grid"]}


def paint(hand: Hand, ground: Ground) -> None:
    target, (key,) = givable(ground.cells)
    hand.take("paint", "1")
    aim(hand.board, target)
    hand.press(*ground.middle(key))
    assert edits(hand) == ["paint"]
    assert hand.board.cells()[key]["grid"] == target
    assert changed(hand, ground) == {key}


def swap(hand: Hand, ground: Ground) -> None:
    target, (key,) = givable(ground.cells)
    shape = ground.cells[key]["shape"]
    beside = next(
        one for one in ground.members(target) if ground.cells[one]["shape"].intersection(shape).length > 0
    )
    hand.take("select", "2")
    for one in (key, beside):
        hand.press(*ground.middle(one))
    assert edits(hand) == ["paint"]
    assert hand.board.cells()[key]["grid"] == target


def rectangle(hand: Hand, ground: Ground) -> None:
    target, (key,) = givable(ground.cells)
    hand.take("rectangle", "3")
    aim(hand.board, target)
    middle = hand.board.page.evaluate(
        """async (key) => {
          const { state } = await import(scripts + "redraw/static/state.js");
          const { toLonLat } = await import(scripts + "redraw/static/tools/tools.js");
          return toLonLat(state.store.get(key).middle);
        }""",
        key,
    )
    hand.stroke(*middle, (-20, -20), (20, 20))
    assert edits(hand) == ["paint"]
    assert changed(hand, ground) == {key}


def merge(hand: Hand, ground: Ground) -> None:
    keep, other = next(
        (one, two)
        for one in sorted(ground.grids)
        for two in sorted(ground.grids)
        if one < two and ground.grids[one].intersection(ground.grids[two]).length > 0
    )
    hand.take("merge", "4")
    for code in (keep, other):
        point = ground.grids[code].representative_point()
        hand.press(point.x, point.y, 17)
    hand.accept()
    assert edits(hand) == ["merge"]
    assert {cell["grid"] for cell in hand.board.cells().values()} == set(ground.grids) - {other}


def split(hand: Hand, ground: Ground) -> None:
    code = ground.largest()
    hand.take("split", "5")
    aim(hand.board, code)
    hand.line(crossing_line(ground.grids[code], []))
    expect(hand.board.page.locator("#hint-text")).to_contain_text("沿这条线切分")
    hand.accept()
    assert edits(hand) == ["split"]
    moved = changed(hand, ground)
    assert moved
    assert moved < set(ground.members(code))


def cut(hand: Hand, ground: Ground) -> None:
    code = ground.largest()
    hand.take("split", "5")
    aim(hand.board, code)
    through = hand.board.page.get_by_label("按线切开楼栋地块")
    hand.tap(through)
    expect(through).to_be_checked()
    hand.line(crossing_line(ground.grids[code], ground.buildings))
    hand.accept()
    hand.board.wait()
    still = hand.board.page.locator("#cuts-still")
    expect(still).to_be_visible()
    hand.tap(still)
    assert edits(hand) == ["split"]
    after = hand.board.cells()
    assert len(after) > len(ground.cells)
    assert whole(after).symmetric_difference(whole(ground.cells)).area < 1e-12


def whole(cells: dict[str, dict[str, Any]]) -> Any:
    """The ground of all cells (EPSG:4326)."""
    return shapely.coverage_union_all([cell["shape"] for cell in cells.values()])


def ring_around(ground: Ground, wanted: set[str]) -> list[tuple[float, float]]:
    """Corners of a ring that holds most of each wanted cell and little of any other: as few as can be."""
    ground_wanted = whole({key: ground.cells[key] for key in wanted})
    for tolerance in np.linspace(4e-4, 2e-5, 20):
        ring = ground_wanted.simplify(tolerance)
        share = {key: _share(cell["shape"], ring) for key, cell in ground.cells.items()}
        if all(held > 0.8 if key in wanted else held < 0.2 for key, held in share.items()):
            corners: list[tuple[float, float]] = shapely.get_coordinates(ring)[:-1].tolist()
            return corners
    raise AssertionError("no ring is plain enough")


def _share(shape: Any, ring: Any) -> float:
    return float(shape.intersection(ring).area / shape.area)


def reshape(hand: Hand, ground: Ground) -> None:
    target, (key,) = givable(ground.cells)
    hand.take("reshape", "6")
    aim(hand.board, target)
    for lon, lat in ring_around(ground, {*ground.members(target), key}):
        hand.press(lon, lat, 17)
    hand.accept()
    assert edits(hand) == ["reshape"]
    assert hand.board.cells()[key]["grid"] == target


def move(hand: Hand, ground: Ground) -> None:
    place = border_corner(ground.cells)
    hand.take("move", "7")
    hand.stroke(*place, (0, 0), (10, 10))
    assert edits(hand) == ["move"]
    corners = shapely.get_coordinates([cell["shape"] for cell in hand.board.cells().values()])
    assert abs(corners - place).max(axis=1).min() > 1e-7


def divide(hand: Hand, ground: Ground) -> None:
    hand.take("divide", "8")
    hand.press(*ground.middle(ground.shared))
    assert edits(hand) == ["divide"]
    after = hand.board.cells()
    assert ground.shared not in after
    assert len(after) > len(ground.cells)


def lock(hand: Hand, ground: Ground) -> None:
    code = ground.largest()
    point = ground.grids[code].representative_point()
    hand.take("lock", "9")
    hand.press(point.x, point.y)
    assert edits(hand) == ["lock"]
    assert hand.board.get(f"plans/{hand.board.plan}")["locks"] == [code]


def outline(hand: Hand, ground: Ground) -> None:
    before = whole(ground.cells)
    west, _south, _east, north = before.bounds
    ring = shapely.get_exterior_ring(before)
    left, right = (
        ring.interpolate(ring.project(shapely.Point(west + across, north))) for across in (0.0035, 0.0042)
    )
    hand.take("outline", "0")
    above = north + 0.0004
    for lon, lat in ((left.x, left.y), (left.x, above), (right.x, above), (right.x, right.y)):
        hand.press(lon, lat, 17)
    expect(hand.board.page.locator("#hint-text")).to_contain_text("新的外边界")
    hand.accept()
    expect(hand.board.page.locator("#refused")).to_be_hidden()
    assert edits(hand) == ["outline"]
    assert whole(hand.board.cells()).area > before.area


def transfer(hand: Hand, ground: Ground) -> None:
    code = hand.board.get("plans/takers")["rows"][0]["grids"][0]
    point = ground.grids[code].representative_point()
    hand.take("transfer", "t")
    hand.press(point.x, point.y, 17)
    hand.accept()
    hand.tap(hand.board.page.get_by_role("dialog").get_by_role("button", name="划给对方"))
    assert edits(hand) == ["transfer"]
    gone = hand.board.get(f"plans/{hand.board.plan}/impact")["transfers"]
    assert [(one["grid"], one["to"]) for one in gone] == [(code, neighbours.CODE)]


def undo(hand: Hand, ground: Ground) -> None:
    lock(hand, ground)
    hand.step_in_time("undo")
    assert edits(hand) == []
    assert hand.board.get(f"plans/{hand.board.plan}")["can_redo"]


def redo(hand: Hand, ground: Ground) -> None:
    undo(hand, ground)
    hand.step_in_time("redo")
    assert edits(hand) == ["lock"]


def move_map(hand: Hand, ground: Ground) -> None:
    """The map goes along under a pointer; with keys the cursor pushes it at the edge. Nothing is drawn."""
    hand.take("hand", "h")
    page = hand.board.page
    bring(hand.board, *ground.middle(ground.shared), 19)
    before = map_centre(page)[:2]
    if hand.by == "keys":
        hand.on_map(*["Shift+ArrowRight"] * 30)
    else:
        x, y = on_screen(page, *ground.middle(ground.shared))
        (hand.board.drag if hand.by == "mouse" else hand.board.touch)((x, y), (x - 60, y + 40))
    page.wait_for_timeout(700)
    after = map_centre(page)[:2]
    assert after[0] > before[0]
    assert hand.board.plan is None
    assert changed(hand, ground) == set()


TOOLS: Final[dict[str, Callable[[Hand, Ground], None]]] = {
    "hand": move_map,
    "paint": paint,
    "select": swap,
    "rectangle": rectangle,
    "merge": merge,
    "split": split,
    "cut": cut,
    "reshape": reshape,
    "move": move,
    "divide": divide,
    "lock": lock,
    "outline": outline,
    "transfer": transfer,
    "undo": undo,
    "redo": redo,
}
"""How each tool is tried. ``cut``: a line that goes through cells; ``select``: building by building."""
WAYS: Final[dict[str, tuple[Pointer, ...]]] = dict.fromkeys(TOOLS, POINTERS)
"""By what each tool can be driven: everything by everything."""
ELSEWHERE: Final[frozenset[tuple[str, Pointer]]] = frozenset(
    {("transfer", "mouse"), ("transfer", "keys"), ("paint", "mouse"), ("paint", "touch"), ("move", "mouse")}
    | {("lock", "mouse"), ("undo", "mouse"), ("undo", "keys"), ("redo", "keys")}
)
"""What tests of other files do on their way: tried here by ``make prove`` alone."""
NO_BUTTON: Final = {"cut"}
"""Tools that are a choice of another tool."""


@pytest.mark.parametrize(
    ("tool", "hand"),
    [
        pytest.param(
            tool, by, id=f"{tool}-{by}", marks=[pytest.mark.prove] if (tool, by) in ELSEWHERE else []
        )
        for by in POINTERS
        for tool in TOOLS
        if by in WAYS[tool]
    ],
    indirect=["hand"],
)
def test_a_tool_does_its_work(tool: str, hand: Hand, ground: Ground) -> None:
    TOOLS[tool](hand, ground)


def test_every_tool_of_the_page_is_tried_in_every_way_it_has(hands: dict[Pointer, Hand]) -> None:
    page = hands["mouse"].board.page
    names = page.locator("#tools [data-tool]").evaluate_all("(all) => all.map((one) => one.dataset.tool)")
    keys_of = 'async () => Object.keys((await import(scripts + "redraw/static/tools/keys.js")).KEYS)'
    keys = page.evaluate(keys_of)
    assert {*names, "undo", "redo"} | NO_BUTTON == set(TOOLS)
    assert set(keys) == set(names), "a tool without a key, or a key without a tool"
    assert {by for ways in WAYS.values() for by in ways} == set(POINTERS)
