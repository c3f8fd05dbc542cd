"""Counts per cell, straight from SQL: households, residents, elders, open cases, as of any moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.sql.elements import KeyedColumnElement

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at, is_of, was_ever_of
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.core.scope import is_open
from gisgrid.figures.groups import Groups
from gisgrid.people.core.models import Resident
from gisgrid.people.core.rules import (
    ELDER_AGE,
    LIVING_HERE,
    NO_CONSENT,
    OLD_ELDER_AGE,
    ResidenceStatus,
    latest_birth,
)
from gisgrid.places.models import Household
from gisgrid.storage.base import lived_on
from gisgrid.welfare.queries import has_visitor

PERSON_COLUMNS: Final = ("households", "residents", "elders", "elders_80", "with_visitor", "unregistered")
CASE_COLUMNS: Final = ("open_cases", "open_shown_cases")
COLUMNS: Final = PERSON_COLUMNS + CASE_COLUMNS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """By what households and cases are counted, and which of them."""

    home: ColumnElement[Any]
    case: ColumnElement[Any]
    homes: ColumnElement[bool]
    cases: ColumnElement[bool]


def counts_by_cell(view: View) -> pd.DataFrame:
    """One row per cell that holds anything; index ``cell``, whole numbers, columns ``COLUMNS``.

    ``residents`` live there that day (not ``absent``) with consent neither refused nor withdrawn;
    ``elders`` by the one definition, ``with_visitor`` those of them who are visited; ``unregistered``
    households have nobody registered; ``open_shown_cases`` are the open ones outside confidential categories.
    """
    keys = _Keys(
        home=household_cell(view),
        case=case_cell(view),
        homes=is_of(view, PlacedKind.HOUSEHOLD, Household),
        cases=is_of(view, PlacedKind.CASE, Case),
    )
    return view.remembered("counts", make=lambda: _counts(view, keys))


def counts_by_object(view: View) -> pd.DataFrame:
    """The same counts for each household and each case that counts at all, by its id.

    Those that went to another community are among them: a published plan tells what it gave away.
    """
    keys = _Keys(
        home=Household.id.expression,
        case=Case.id.expression,
        homes=was_ever_of(view, PlacedKind.HOUSEHOLD, Household),
        cases=was_ever_of(view, PlacedKind.CASE, Case),
    )
    return _counts(view, keys)


def _counts(view: View, keys: _Keys) -> pd.DataFrame:
    homes, people, cases = _households(view, keys), _people(view, keys), _cases(view, keys)
    frame = homes.join(people, how="outer").join(cases, how="outer").fillna(0).astype("int64")
    frame["unregistered"] = frame["households"] - frame.pop("registered")
    return frame[list(COLUMNS)]


def counts_by_group(view: View, groups: Groups, *, without: frozenset[str] = frozenset()) -> pd.DataFrame:
    """The same per row of a level, in the order of its rows, also rows with nothing.

    What lies in the cells ``without`` is left out.
    """
    cells = counts_by_cell(view)
    cells = cells.loc[~cells.index.isin(without)]
    summed = cells.groupby(groups.index_of(cells.index.to_series())).sum()
    summed = summed.drop(index=-1, errors="ignore")
    result: pd.DataFrame = summed.reindex(range(len(groups.rows)), fill_value=0)
    return result


def household_cell(view: View) -> ColumnElement[str | None]:
    """The cell of a household at the moment of the view."""
    return cell_at(PlacedKind.HOUSEHOLD, Household.id, Household.cell_id, view.when)


def case_cell(view: View) -> ColumnElement[str | None]:
    """The cell of a case at the moment of the view."""
    return cell_at(PlacedKind.CASE, Case.id, Case.cell_id, view.when)


def is_here(view: View) -> ColumnElement[bool]:
    """Households of the community that stood there that day."""
    return and_(is_of(view, PlacedKind.HOUSEHOLD, Household), _is_lived_in(view))


def _is_lived_in(view: View) -> ColumnElement[bool]:
    return lived_on(Household.lived_from, Household.lived_to, view.when.day)


def is_registered_resident(view: View) -> ColumnElement[bool]:
    """Residents who lived there that day and have neither refused nor withdrawn."""
    here = lived_on(Resident.lived_from, Resident.lived_to, view.when.day)
    return and_(here, Resident.consent.not_in(NO_CONSENT))


def is_elder_sql(view: View, age: int = ELDER_AGE) -> ColumnElement[bool]:
    """The one definition of an elder as SQL; see `gisgrid.people.core.rules.is_elder`."""
    return and_(
        is_registered_resident(view),
        Resident.birth_date <= latest_birth(age, view.when.day),
        Resident.residence_status.in_(LIVING_HERE),
    )


def _households(view: View, keys: _Keys) -> pd.DataFrame:
    cell = keys.home.label("cell")
    homes = select(cell, func.count().label("households")).where(keys.homes, _is_lived_in(view))
    statement = homes.group_by(cell)
    return _by_cell(view, statement, ["households"])


def _people(view: View, keys: _Keys) -> pd.DataFrame:
    cell = keys.home.label("cell")
    is_present = Resident.residence_status != ResidenceStatus.ABSENT

    def number(condition: ColumnElement[bool], name: str) -> KeyedColumnElement[int]:
        return func.count().filter(condition).label(name)

    statement = (
        select(
            cell,
            func.count(func.distinct(Resident.household_id)).label("registered"),
            number(is_present, "residents"),
            number(is_elder_sql(view), "elders"),
            number(is_elder_sql(view, OLD_ELDER_AGE), "elders_80"),
            number(and_(is_elder_sql(view), has_visitor(view)), "with_visitor"),
        )
        .join(Resident, Resident.household_id == Household.id)
        .where(keys.homes, _is_lived_in(view), is_registered_resident(view))
        .group_by(cell)
    )
    return _by_cell(view, statement, ["registered", "residents", "elders", "elders_80", "with_visitor"])


def _cases(view: View, keys: _Keys) -> pd.DataFrame:
    cell, at = keys.case.label("cell"), view.when.at
    statement = (
        select(
            cell,
            func.count().label("open_cases"),
            func.count().filter(Category.is_confidential.is_(False)).label("open_shown_cases"),
        )
        .join(Category, Category.code == Case.category_code)
        .where(
            keys.cases,
            Case.reported_at <= at,
            is_open(view.when),
        )
        .group_by(cell)
    )
    return _by_cell(view, statement, ["open_cases", "open_shown_cases"])


def _by_cell(view: View, statement, columns: list[str]) -> pd.DataFrame:  # type: ignore[no-untyped-def]  # noqa: ANN001
    rows = [tuple(row) for row in view.session.execute(statement) if row[0] is not None]
    return pd.DataFrame(rows, columns=["cell", *columns]).set_index("cell")
