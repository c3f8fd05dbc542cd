"""Which levels of the area tree a community uses and what it calls them, in versions with who and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.models import Level, LevelVersion
from gisgrid.areas.tree import AreaTree, load_tree
from gisgrid.areas.view import View
from gisgrid.errors import Fault, InvalidInput, say

SWITCHABLE: Final = (Level.SUB_AREA, Level.COMPOUND, Level.MICRO_GRID)
"""Levels a community can do without. Beneath every grid lies a micro grid; off, it is nowhere named."""

_LONGEST: Final = {"name": 20, "name_en": 40}
_LONGEST_REASON: Final = 200
_AT_LAST: Final = datetime(2199, 1, 1, tzinfo=UTC)
"""When every revision that waits for its day has come into force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelUse:
    """Whether a level is used, and its own names; an empty one is the usual word."""

    is_used: bool = True
    name: str = ""
    name_en: str = ""


Levels = Mapping[Level, LevelUse]
DEFAULT: Final[Levels] = {level: LevelUse() for level in Level}


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsRow:
    """A version as a page lists it; ``by`` is the account that made it."""

    number: int
    made_at: datetime
    by: str | None
    reason: str
    levels: Levels


def levels_of(view: View) -> Levels:
    """The levels of the community that is looked at, as they are called now."""
    return view.remembered("levels", make=lambda: levels_in(view.session, view.community.id))


def levels_in(session: Session, community_id: str) -> Levels:
    """The levels of a community by its id."""
    statement = select(LevelVersion.levels).where(LevelVersion.community_id == community_id)
    stored = session.scalar(statement.order_by(LevelVersion.number.desc()).limit(1))
    return DEFAULT if stored is None else _read(stored)


def list_level_versions(view: View) -> list[LevelsRow]:
    """Every version there has been, the newest first. The usual words before them are none.

    Raises
    ------
    NotAllowed
        The role may not change levels.
    """
    require(view.actor, Action.LEVELS_CHANGE)
    statement = (
        select(LevelVersion, Account.name)
        .outerjoin(Account, Account.id == LevelVersion.account_id)
        .where(LevelVersion.community_id == view.community.id)
        .order_by(LevelVersion.number.desc())
    )
    return [
        LevelsRow(
            number=row.number, made_at=row.made_at, by=name, reason=row.reason, levels=_read(row.levels)
        )
        for row, name in view.session.execute(statement)
    ]


def set_levels(view: View, given: Levels, *, reason: str, now: datetime) -> bool:
    """Other levels or names from now on; whether anything changed. Levels left out stay as they are.

    Raises
    ------
    NotAllowed
        The role may not change levels.
    InvalidInput
        Every fault at once: a level in use or one that is always needed is switched off, a name is too long
        or stands for two levels, the reason is missing.
    """
    require(view.actor, Action.LEVELS_CHANGE)
    wait_for_others(view.session, view.community.id)
    before = levels_in(view.session, view.community.id)
    after = {**before, **{level: _stripped(use) for level, use in given.items()}}
    _check(view, before, after, reason=reason.strip())
    change = _change(before, after)
    if not change:
        return False
    own = LevelVersion.community_id == view.community.id
    last = view.session.scalar(select(func.max(LevelVersion.number)).where(own)) or 0
    view.session.add(
        LevelVersion(
            community_id=view.community.id,
            number=last + 1,
            made_at=now,
            account_id=view.actor.account_id,
            reason=reason.strip(),
            levels={level.value: asdict(use) for level, use in after.items()},
        )
    )
    view.session.flush()
    touch(view.session, [view.community.id])
    record(
        view.session,
        view.actor,
        "levels:change",
        "area",
        now=now,
        object_id=view.community.id,
        fields=tuple(change),
        reason=reason.strip(),
        change=change,
    )
    return True


def refuse_unused(levels: Levels, level: Level) -> None:
    """Refuse to make areas of a level that the community has switched off.

    Raises
    ------
    InvalidInput
        It has.
    """
    if not levels[level].is_used:
        raise InvalidInput(
            say("this community does not use the level {level}: switch it on in the settings", level=level),
            field="level",
        )


def counts_by_level(view: View) -> dict[Level, int]:
    """How many areas of each level there are today; of micro grids only those that divide a grid."""
    return _counts(view.present.tree)


def _counts(tree: AreaTree) -> dict[Level, int]:
    counts = Counter(area.level for area in tree.areas.values())
    micros = Counter(area.parent_id for area in tree.at_level(Level.MICRO_GRID))
    counts[Level.MICRO_GRID] = sum(count for count in micros.values() if count > 1)
    return {level: counts[level] for level in Level}


def _check(view: View, before: Levels, after: Levels, *, reason: str) -> None:
    faults = [*_switched_off(view, before, after), *_misnamed(after)]
    if not 0 < len(reason) <= _LONGEST_REASON:
        message = say("say why, in 1 to {most} characters", most=_LONGEST_REASON)
        faults.append(Fault(message=message, field="reason"))
    if faults:
        raise InvalidInput(faults)


def _switched_off(view: View, before: Levels, after: Levels) -> list[Fault]:
    off = [level for level in Level if before[level].is_used and not after[level].is_used]
    if not off:
        return []
    tree = load_tree(view.session, view.community.id, at=_AT_LAST)  # areas that wait for their day count
    today, later = counts_by_level(view), _counts(tree)
    faults = []
    for level in off:
        count = max(today[level], later[level])
        if level not in SWITCHABLE:
            message = say("the level {level} is always needed: it can't be switched off", level=level)
            faults.append(Fault(message=message, field=f"{level}.is_used"))
        elif count:
            message = say(
                "the level {level} is in use ({count} areas): it can't be switched off",
                level=level,
                count=count,
            )
            faults.append(Fault(message=message, field=f"{level}.is_used"))
    return faults


def _misnamed(after: Levels) -> list[Fault]:
    faults = [
        Fault(message=say("at most {limit} characters", limit=most), field=f"{level}.{part}")
        for level, use in after.items()
        for part, most in _LONGEST.items()
        if len(getattr(use, part)) > most
    ]
    for part in _LONGEST:
        names = Counter(getattr(use, part).casefold() for use in after.values())
        faults += [
            Fault(message="another level has this name", field=f"{level}.{part}")
            for level, use in after.items()
            if getattr(use, part) and names[getattr(use, part).casefold()] > 1
        ]
    return faults


def _change(before: Levels, after: Levels) -> dict[str, tuple[object, object]]:
    return {
        f"{level}.{part}": (old, new)
        for level in Level
        for part, old in asdict(before[level]).items()
        if old != (new := getattr(after[level], part))
    }


def _stripped(use: LevelUse) -> LevelUse:
    return LevelUse(is_used=use.is_used, name=use.name.strip(), name_en=use.name_en.strip())


def _read(stored: Mapping[str, Mapping[str, object]]) -> Levels:
    levels: dict[Level, LevelUse] = {}
    for level in Level:
        use = stored.get(level.value, {})
        levels[level] = LevelUse(
            is_used=bool(use.get("is_used", True)),
            name=str(use.get("name", "")),
            name_en=str(use.get("name_en", "")),
        )
    return levels


def used(levels: Levels, among: Sequence[Level]) -> list[Level]:
    """Those of some levels that are used."""
    return [level for level in among if levels[level].is_used]
