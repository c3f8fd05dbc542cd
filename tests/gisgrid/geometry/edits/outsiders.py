"""What other people's programs say of a tiling: maup, made for election precincts, and geoplanar."""

from __future__ import annotations

import warnings

import geopandas as gpd
import shapely

from gisgrid.geometry.lattice import LatticeFrame, as_array


def complaints(ground):
    """What maup's doctor and geoplanar's checks find wrong with the cells; nothing where all is well.

    Both look at whole lattice steps from the ground's corner: the same numbers, without the rounding of
    degrees. A hole of the outline is no fault; one that the outline lacks is.
    """
    frame = LatticeFrame.around(ground.land.shapes)
    cells = gpd.GeoDataFrame(geometry=frame.to_units(ground.land.shapes))
    outline = frame.to_units(as_array(ground.outline))[0]
    with warnings.catch_warnings():
        # Both set or use what pandas and geopandas will take away; not ours to mend.
        warnings.simplefilter("ignore")
        return [*_of_maup(cells, outline), *_of_geoplanar(cells, outline)]


def _of_maup(cells, outline):
    from maup import doctor
    from maup.repair import holes_of_union

    sound = doctor(cells, gpd.GeoDataFrame(geometry=[outline]), silent=True, accept_holes=True)
    found = [] if sound else ["maup.doctor"]
    if len(holes_of_union(cells)) != _holes(outline):
        found.append("maup: another number of holes than the outline has")
    return found


def _of_geoplanar(cells, outline):
    import geoplanar

    gaps = geoplanar.gaps(cells)
    checks = {
        "geoplanar: cells overlap": geoplanar.is_overlapping(cells),
        "geoplanar: a cell lies in another": bool(geoplanar.missing_interiors(cells)),
        "geoplanar: a gap": len(gaps) != _holes(outline),
        "geoplanar: a vertex is missing": _has_loose_vertices(cells, geoplanar),
    }
    return [name for name, is_found in checks.items() if is_found]


def _has_loose_vertices(cells, geoplanar):
    missing = geoplanar.non_planar_edges(cells)
    return len(missing.adjacency.loc[lambda weights: weights > 0]) > 0


def _holes(outline):
    return int(shapely.get_num_interior_rings(shapely.get_parts(outline)).sum())
