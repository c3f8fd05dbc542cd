"""Many cells change hands at once: a whole division that somebody, or the program, has worked out."""

from __future__ import annotations

from collections.abc import Mapping

from gisgrid.errors import InvalidInput, say
from gisgrid.geometry.edits.codes import next_grid_code, next_micro_code
from gisgrid.geometry.edits.delta import Change, Delta, apply, compose, most_frequent
from gisgrid.geometry.edits.ground import Ground
from gisgrid.geometry.edits.micro_grids import regroup
from gisgrid.geometry.edits.soundness import refuse_broken_grids, refuse_falling


def assign(ground: Ground, owners: Mapping[int, str], opens: Mapping[str, str]) -> Delta:
    """Give each of some cells to a grid, or each to a micro grid of its grid; no geometry changes.

    Grids that get no cell and lose all of theirs close. Codes of new ones are the next free ones.

    Parameters
    ----------
    owners
        For each cell the code it goes to, or a key of ``opens``.
    opens
        For each grid or micro grid that is to be opened, by a key of any form, the one it comes out of.

    Raises
    ------
    InvalidInput
        No such cell or code, grids mixed with micro grids, or a grid would fall apart.
    """
    unknown = [cell for cell in owners if cell not in ground.owner]
    if unknown:
        raise InvalidInput(say("no cell with the number {cell}", cell=min(unknown)))
    codes = [opens.get(key, key) for key in owners.values()]
    if all(code in ground.grids for code in codes):
        return _grids_assigned(ground, owners, opens)
    for code in codes:
        ground.cells_of(code)
    if not all(code in ground.grid_of for code in codes):
        raise InvalidInput("grids and micro grids can't be given cells at once")
    return _micros_assigned(ground, owners, opens)


def opened_codes(ground: Ground, opens: Mapping[str, str]) -> dict[str, str]:
    """The codes that new grids and micro grids get, by their keys, in the order of the keys."""
    taken = ground.used | ground.grids.keys() | ground.grid_of.keys()
    codes: dict[str, str] = {}
    for key, origin in opens.items():
        made = list(codes.values())
        if origin in ground.grids:
            codes[key] = next_grid_code(origin, grids=[*ground.grids, *made], used=taken)
        else:
            grid = ground.grid_of[origin]
            own = [micro for micro in (*ground.grid_of, *made) if micro.startswith(grid)]
            codes[key] = next_micro_code(grid, micros=own, used=taken)
    return codes


def _grids_assigned(ground: Ground, owners: Mapping[int, str], opens: Mapping[str, str]) -> Delta:
    codes = opened_codes(ground, opens)
    to = {cell: codes.get(key, key) for cell, key in owners.items()}
    goes = {cell: code for cell, code in sorted(to.items()) if ground.grid_at(cell) != code}
    if not goes:
        return Delta()
    left = {goes.get(cell, ground.grid_at(cell)) for cell in ground.owner}
    refuse_broken_grids(ground, goes, allowed=dict.fromkeys(ground.grids.keys() - left, 0))
    origin = {code: opens[key] for key, code in codes.items() if code in left}
    delta = regroup(ground, goes, origin=origin)
    after = apply(ground, delta)
    joining = _joining(ground, after, set(goes.values()))
    return compose(delta, regroup(after, joining)) if joining else delta


def _joining(before: Ground, after: Ground, grids: set[str]) -> dict[int, str]:
    """Micro grids that nobody saw before become one in the grid that they came to."""
    goes: dict[int, str] = {}
    for grid in sorted(grids):
        micros = after.subdivision[grid]
        came = {before.grid_at(cell) for cell in after.grids[grid]}
        if len(micros) < 2 or any(len(before.subdivision[former_grid]) > 1 for former_grid in came):
            continue
        heir = max(micros, key=lambda micro: (micro.startswith(grid), after.weight(after.micro_grids[micro])))
        goes |= {cell: heir for cell in after.grids[grid] if after.owner[cell] != heir}
    return goes


def _micros_assigned(ground: Ground, owners: Mapping[int, str], opens: Mapping[str, str]) -> Delta:
    codes = opened_codes(ground, opens)
    after = dict(ground.owner)
    for cell, key in owners.items():
        if ground.grid_of[opens.get(key, key)] != ground.grid_at(cell):
            raise InvalidInput("a cell goes to micro grids of its own grid only")
        after[cell] = codes.get(key, key)
    open_now = set(after.values())
    _refuse_pieces(ground, after, open_now)
    changed: dict[int, Change[str | None]] = {
        cell: (ground.owner[cell], code) for cell, code in after.items() if code != ground.owner[cell]
    }
    new = {code: opens[key] for key, code in codes.items() if code in open_now}
    micros: dict[str, Change[str | None]] = {code: (None, ground.grid_of[of]) for code, of in new.items()}
    gone = ground.grid_of.keys() - open_now
    micros |= {code: (ground.grid_of[code], None) for code in sorted(gone)}
    heirs = {code: most_frequent(after[cell] for cell in ground.micro_grids[code]) for code in sorted(gone)}
    return Delta(owners=changed, micros=micros, origin=new, heir=heirs)


def _refuse_pieces(ground: Ground, after: Mapping[int, str], micros: set[str]) -> None:
    cells: dict[str, list[int]] = {}
    for cell in ground.land.numbers:
        cells.setdefault(after[cell], []).append(cell)
    for micro in sorted(micros):
        members, before = cells[micro], ground.micro_grids.get(micro, ())
        if tuple(members) == before:
            continue
        parts = len(ground.land.parts(members))
        if parts > max(1, len(ground.land.parts(before)) if before else 1):
            refuse_falling(micro, parts)
