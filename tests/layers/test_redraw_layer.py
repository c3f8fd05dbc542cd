"""The layer of the redraw page: addresses and colours for its script, no data of its own."""

from __future__ import annotations

from layers.base import make_map
from layers.redraw import RedrawCells
from layers.shell import render_shell


def make_layer() -> RedrawCells:
    return RedrawCells(
        cells_url="/api/v1/cells",
        areas_url="/api/v1/areas",
        buildings_url="/api/v1/buildings",
        plans_url="/api/v1/plans",
    )


def test_the_layer_tells_its_script_where_to_fetch() -> None:
    spec = make_layer().spec
    assert spec["kind"] == "redraw"
    assert set(spec["urls"]) == {"cells", "areas", "buildings", "plans"}


def test_neighbours_can_have_different_colours() -> None:
    colours = make_layer().spec["style"]["colours"]
    assert len(set(colours)) == len(colours) == 12


def test_the_map_carries_no_cells_itself() -> None:
    shell = render_shell(make_map((118.18, 33.89, 118.21, 33.91), [make_layer()]), "abc")
    assert '"redraw"' in shell.script
    assert "coordinates" not in shell.script
