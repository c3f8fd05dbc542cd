"""Records of some days by form and place, straight from SQL: how many, of how many subjects, of whom met."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from sqlalchemy import Select, case, func, select

from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import cell_at
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.figures.groups import Groups
from gisgrid.figures.record_forms import COUNTED
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.form_models import FieldForm
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import KEYS
from gisgrid.records.core.validity import is_valid
from gisgrid.records.core.versions import own_forms
from gisgrid.records.lists.kept_ids import ids_here
from gisgrid.records.lists.scope import is_agreed_to, is_known, record_rows

COUNTS: Final = ("records", "subjects", "met", "unmet")


def record_counts(
    view: View, form: str, days: Period, groups: Groups, *, without: frozenset[str] = frozenset()
) -> pd.DataFrame:
    """The columns ``COUNTS`` per row of a level, in the order of its rows, also rows with nothing.

    A subject counts once in the row where it lies at the moment of the view, however often something was
    noted of it; ``met`` are those met at least once, ``unmet`` the others. What another record corrects, what
    was taken out and what is about somebody who has said no since isn't counted, nor what lies in the cells
    ``without``. Areas count into the row that holds them, meetings into the community's.
    """
    places = _by_place(view, days)
    places = places.loc[(places["form"] == form) & ~places["place"].isin(without)]
    rows = [_row_of(view, groups, place) for place in places["place"]]
    summed = places[["records", "subjects", "met"]].groupby(rows).sum().drop(index=-1, errors="ignore")
    counts: pd.DataFrame = summed.reindex(range(len(groups.rows)), fill_value=0).astype("int64")
    return counts.assign(unmet=counts["subjects"] - counts["met"])


def _row_of(view: View, groups: Groups, place: str | None) -> int:
    """The row into which a cell or an area counts, -1 outside all."""
    key = groups.of_cell.get(place or "")
    tree = view.division.tree
    if key is None and place in tree.areas:
        path = (area.id for area in reversed(tree.path(place)))
        key = next((area for area in path if area in groups.positions), None)
    return -1 if key is None else groups.positions[key]


def _by_place(view: View, days: Period) -> pd.DataFrame:
    """A row for each form and place: ``form``, ``place`` (a cell, an area or none) and its counts."""
    return view.remembered("records by place", days.first, days.last, make=lambda: _read_by_place(view, days))


def _read_by_place(view: View, days: Period) -> pd.DataFrame:
    noted = _noted(view, days).subquery()
    met = case((noted.c.met.is_(True), noted.c.subject))
    counts = (func.count(), func.count(noted.c.subject.distinct()), func.count(met.distinct()))
    statement = select(noted.c.form, noted.c.place, *counts).group_by(noted.c.form, noted.c.place)
    rows: list[Any] = list(view.session.execute(statement))
    return pd.DataFrame(rows, columns=["form", "place", "records", "subjects", "met"])


def _noted(view: View, days: Period) -> Select[Any, Any, Any, Any]:
    """A row for each record that counts: its form, its subject, where that lies, whether it was met."""
    of_forms = own_forms(view).with_only_columns(FieldForm.code).where(FieldForm.subject.in_(COUNTED))
    codes = list(view.session.scalars(of_forms))
    keys = [getattr(Record, KEYS[kind]) for kind in sorted(COUNTED & KEYS.keys())]
    return (
        record_rows(ids_here(view, days, codes))
        .with_only_columns(
            Record.form_code.label("form"),
            func.coalesce(*keys, Record.community_id).label("subject"),
            _place(view).label("place"),
            Record.met.label("met"),
        )
        .where(
            Record.subject.in_(COUNTED),
            *(is_valid(), is_agreed_to(), is_known(view)),
        )
    )


def _place(view: View) -> Any:
    return func.coalesce(
        cell_at(PlacedKind.HOUSEHOLD, Household.id, Household.cell_id, view.when),
        cell_at(PlacedKind.BUILDING, Building.id, Building.cell_id, view.when),
        cell_at(PlacedKind.FACILITY, Facility.id, Facility.cell_id, view.when),
        Record.area_id,
        case((Record.subject == SubjectKind.COMMUNITY, Record.community_id)),
    )
