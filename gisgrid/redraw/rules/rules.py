"""The rules a division is held against. Pure: counts and measures in, findings out.

What can't be drawn at all needs no finding, since it is refused when it is tried: an invalid or overlapping
cell, a gap, land outside the parent, borders that don't fit (G01 to G05), a grid in more pieces than before
(G06), a cell in two communities (G10), a code used twice (G11), a time that is past (G16). What else would
lie in two communities is found where a grid goes to another one (`gisgrid.redraw.rules.belongings`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from typing_extensions import TypedDict

from gisgrid.analysis.workload import NormClass, norm_class
from gisgrid.errors import Sentence, say
from gisgrid.workforce.norms import Norms

LEAST_COMPACT: Final = 0.25
LONGEST_WALK_M: Final = 1000.0
LEAST_ALONG: Final = 0.5
"""The share of a new border that should follow streets or water."""


class Weight(StrEnum):
    """What a finding means for publishing: it stops it, asks for a reason, or only says."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


class FindingRow(TypedDict):
    """Something out of order, and what mends it; `touched`: the plan itself changes that grid."""

    rule: str
    level: Weight
    at_approval: Weight
    grid: str | None
    name: str
    message: str
    touched: bool
    lon: float
    lat: float
    fix: dict[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffFacts:
    """Who serves a grid: how many primary members, before too, and who is with them.

    ``primaries_before`` counts those of the grid it came out of where it is new. ``has_primaries``: whether
    any grid of the community has a primary member. ``lost``: capacities that nobody has any more.
    ``lacking``: capacities that nobody has here, though other grids of the community have them.
    """

    primaries: int = 0
    primaries_before: int = 0
    has_primaries: bool = False
    lost: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GridFacts:
    """What the rules need to know of a grid as the plan has it.

    ``compactness``, ``longest_walk_m`` (straight, between the farthest buildings), ``along`` (share of the
    new border that follows streets or water) and ``cut_buildings`` are measured where the plan changes it;
    ``homeless`` counts what lay in the grid and would lie in no cell. ``is_misnumbered``: its code breaks
    the order from west to east and north to south.
    """

    code: str
    name: str
    households: int
    is_touched: bool = True
    staff: StaffFacts = StaffFacts()
    parts: int = 1
    parts_before: int = 1
    micro_grids: int = 1
    compactness: float = 1.0
    longest_walk_m: float = 0.0
    along: float | None = None
    cut_buildings: int = 0
    homeless: int = 0
    has_new_outline: bool = False
    is_misnumbered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that a grid breaks, by the rule's code, with one sentence.

    ``at_approval`` is its weight when the plan is approved or published. ``fix``: an edit, or a tool and
    what it is to be opened for.
    """

    rule: str
    level: Weight
    grid: str
    name: str
    message: Sentence | str
    at_approval: Weight
    touched: bool
    fix: Mapping[str, Any] | None = None


def findings(facts: GridFacts, norms: Norms) -> list[Finding]:
    """What is out of order with a grid; nothing where all is well."""
    results = [_one_part(facts), _buildings(facts), _size(facts, norms), *_staff(facts), _order(facts)]
    results += [_lines(facts), _micro(facts, norms), *_shape(facts), _owners(facts)]
    return [finding for finding in results if finding is not None]


def _finding(
    facts: GridFacts,
    rule: str,
    level: Weight,
    message: Sentence | str,
    *,
    at_approval: Weight | None = None,
    fix: Mapping[str, Any] | None = None,
) -> Finding:
    return Finding(
        rule=rule,
        level=level,
        grid=facts.code,
        name=facts.name,
        message=message,
        at_approval=at_approval or level,
        touched=facts.is_touched,
        fix=fix,
    )


def _one_part(facts: GridFacts) -> Finding | None:
    if facts.parts <= 1:
        return None
    level = Weight.WARN if facts.parts <= facts.parts_before else Weight.BLOCK
    return _finding(
        facts, "G06", level, say("{name} lies in {count} pieces", name=facts.name, count=facts.parts)
    )


def _buildings(facts: GridFacts) -> Finding | None:
    if not facts.cut_buildings:
        return None
    return _finding(facts, "G07", Weight.BLOCK, cut_sentence(facts.name, facts.cut_buildings))


def cut_sentence(name: str, count: int) -> Sentence:
    """What G07 says of a grid whose border cuts buildings."""
    return say("the border of {name} cuts {count} buildings", name=name, count=count)


def _size(facts: GridFacts, norms: Norms) -> Finding | None:
    norm, name, count = norms.households, facts.name, facts.households
    kind = norm_class(count, norm)
    split = {"tool": "split", "grid": facts.code}
    if count == 0:
        return _finding(facts, "G08", Weight.WARN, say("{name} has no household", name=name))
    if kind == NormClass.LOW:
        few = say(
            "{name} has {count} households: fewer than {norm}", name=name, count=count, norm=norm.ok_from
        )
        return _finding(facts, "G08", Weight.HINT, few)
    if kind == NormClass.HIGH:
        many = say("{name} has {count} households: more than {norm}", name=name, count=count, norm=norm.ok_to)
        return _finding(facts, "G08", Weight.WARN, many, fix=split)
    if kind == NormClass.OVER:
        over = say(
            "{name} has {count} households: more than the {norm} one member serves",
            name=name,
            count=count,
            norm=norm.high_to,
        )
        return _finding(facts, "G08", Weight.WARN, over, fix=split)
    return None


def _staff(facts: GridFacts) -> list[Finding | None]:
    return [_primary(facts), *(_lacks(facts, kind) for kind in (*facts.staff.lost, *facts.staff.lacking))]


def _primary(facts: GridFacts) -> Finding | None:
    """More than one is never right; none is a warning until the plan is approved.

    It stops a plan that takes the member away or touches the grid, but not the plans of a community that
    has no members yet.
    """
    staff, choose = facts.staff, {"tool": "duty", "grid": facts.code}
    if staff.primaries > 1:
        said = say("{name} has {count} primary grid members", name=facts.name, count=staff.primaries)
        return _finding(facts, "G09", Weight.BLOCK, said, fix=choose)
    if staff.primaries == 1:
        return None
    is_stopping = staff.primaries_before > 0 or (facts.is_touched and staff.has_primaries)
    said = say("{name} has no primary grid member", name=facts.name)
    later = Weight.BLOCK if is_stopping else Weight.WARN
    return _finding(facts, "G09", Weight.WARN, said, at_approval=later, fix=choose)


def _lacks(facts: GridFacts, kind: str) -> Finding:
    words = {
        "community_police": say("{name} has no community police officer", name=facts.name),
        "party_cadre": say("{name} has no party cadre", name=facts.name),
    }
    level = Weight.WARN if kind in facts.staff.lost else Weight.HINT
    return _finding(facts, "G09", level, words[kind], fix={"tool": "duty", "grid": facts.code, "kind": kind})


def _order(facts: GridFacts) -> Finding | None:
    if not facts.is_misnumbered:
        return None
    said = say("from {name} on the codes don't run from west to east and north to south", name=facts.name)
    return _finding(facts, "G11", Weight.HINT, said, fix={"op": "renumber"})


def _lines(facts: GridFacts) -> Finding | None:
    if facts.along is None or facts.along >= LEAST_ALONG:
        return None
    share = round(100 * facts.along)
    said = say(
        "the part of the new border of {name} along streets or water: {share} %", name=facts.name, share=share
    )
    return _finding(facts, "G12", Weight.HINT, said)


def _micro(facts: GridFacts, norms: Norms) -> Finding | None:
    if facts.micro_grids == 1 or norms.micro_from <= facts.micro_grids <= norms.micro_to:
        return None
    said = say("{name} has {count} micro grids", name=facts.name, count=facts.micro_grids)
    fix = {"tool": "micro_grids", "grid": facts.code}
    return _finding(facts, "G13", Weight.HINT, said, fix=fix)


def _shape(facts: GridFacts) -> list[Finding | None]:
    hints: list[Finding | None] = []
    if facts.compactness < LEAST_COMPACT:
        hints.append(_finding(facts, "G14", Weight.HINT, say("{name} is long or winding", name=facts.name)))
    if facts.longest_walk_m > LONGEST_WALK_M:
        metres = round(facts.longest_walk_m, -1)
        said = say(
            "from one end of {name} to the other it is {metres} m: more than a quarter of an hour on foot",
            name=facts.name,
            metres=int(metres),
        )
        hints.append(_finding(facts, "G14", Weight.HINT, said))
    return hints


def _owners(facts: GridFacts) -> Finding | None:
    if not facts.homeless:
        return None
    said = say(
        "{count} buildings, households or cases of {name} would lie in no grid",
        count=facts.homeless,
        name=facts.name,
    )
    # Land that goes with a new outline takes what stands on it along, into the review list.
    return _finding(facts, "G15", Weight.WARN if facts.has_new_outline else Weight.BLOCK, said)
