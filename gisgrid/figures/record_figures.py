"""How much was noted with a form: records, whom they are about and who was met, by grid and by month."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, cast

import pandas as pd
from sqlalchemy import func

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.analysis.disclosure import Related
from gisgrid.areas.models import Level
from gisgrid.areas.view import View
from gisgrid.days import Period
from gisgrid.errors import InvalidInput, say
from gisgrid.figures.counts import counts_by_group
from gisgrid.figures.groups import Groups
from gisgrid.figures.hotspots import why_untold
from gisgrid.figures.suppression import Guard, guarded
from gisgrid.figures.tables import FigureRow, FigureTable, legend, to_rows
from gisgrid.labels.figures import UNITS
from gisgrid.places.models import Building, Facility, Household
from gisgrid.records.core.record_models import Record
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subjects import KEYS
from gisgrid.records.core.validity import is_valid
from gisgrid.records.core.versions import published_version
from gisgrid.records.lists.scope import is_agreed_to, is_known, record_rows

_COLUMNS: Final = ("subjects", "met")
_DERIVED: Final = {"records": ("subjects",), "unmet": ("subjects", "met")}
_QUARTER: Final = 3
_COUNTED: Final = frozenset(
    {
        *(SubjectKind.PERSON, SubjectKind.HOUSEHOLD, SubjectKind.BUILDING),
        *(SubjectKind.FACILITY, SubjectKind.AREA, SubjectKind.COMMUNITY),
    }
)


class RecordFigureRow(FigureRow):
    """A grid: records that hold, their subjects, those of them met at least once, and the others."""

    code: str
    name: str
    records: int | None
    subjects: int | None
    met: int | None
    unmet: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordMonth:
    """A month of the community: its first day, records that hold and their subjects."""

    first: date
    records: int
    subjects: int


def record_figures(view: View, form: str, days: Period) -> FigureTable[RecordFigureRow]:
    """Per grid what was noted with a form on some days, by where the subjects lie today.

    What others correct, what was taken out, and what is about somebody who has said no since isn't counted.
    Accounts without exact counts have whole quarters that are over, without small numbers; members their own
    grids exactly.

    Raises
    ------
    NotAllowed
        The role has no figures.
    NotFound
        No such form is filled.
    InvalidInput
        The form is about cases, workers or organisations.
    """
    require(view.actor, Action.FIGURES_VIEW)
    kind = _kind_of(view, form)

    def count(groups: Groups, without: frozenset[str]) -> pd.DataFrame:
        counts = _counts(view, form, days, groups, without)
        return counts.assign(residents=counts_by_group(view, groups, without=without)["residents"])

    untold = None if view.actor.sees_exact_counts else why_untold(view, days)
    shown = guarded(view, Level.GRID, count, _guard(kind), untold=untold)
    known = shown["records"].dropna()
    meta = legend(
        view,
        unit=UNITS["records"],
        level=Level.GRID,
        period=days,
        records=int(known.sum()) if view.actor.sees_exact_counts else None,
    )
    frame = shown.drop(columns=["parent", "residents"])
    names = [[name for name in row if name != "residents"] for row in frame["suppressed"]]
    frame = frame.assign(suppressed=pd.Series(names, index=frame.index, dtype=object))
    return FigureTable(rows=cast("list[RecordFigureRow]", to_rows(frame)), meta=meta)


def record_months(view: View, form: str, days: Period) -> list[RecordMonth]:
    """The same for each month of some days in the whole community; nothing without exact counts.

    Raises
    ------
    NotAllowed
        The role has no figures.
    NotFound
        No such form is filled.
    InvalidInput
        The form is about cases, workers or organisations.
    """
    require(view.actor, Action.FIGURES_VIEW)
    _kind_of(view, form)
    if not view.actor.sees_exact_counts:
        return []
    frame = _noted(view, form, days)
    subjects: dict[date, list[str]] = defaultdict(list)
    for day, subject in zip(frame["day"], frame["subject"], strict=True):
        subjects[day.replace(day=1)].append(subject)
    return [
        RecordMonth(first=month, records=len(noted), subjects=len(set(noted)))
        for month, noted in sorted(subjects.items())
    ]


def last_quarter(view: View) -> tuple[date, date]:
    """The first and the last day of the quarter before today's."""
    last = view.when.day.replace(day=1)
    while last.month % _QUARTER != 1:
        last = (last - timedelta(days=1)).replace(day=1)
    last -= timedelta(days=1)
    return date(last.year, last.month - _QUARTER + 1, 1), last


def _kind_of(view: View, form: str) -> SubjectKind:
    kind = SubjectKind(published_version(view, form).form.subject)
    if kind not in _COUNTED:
        raise InvalidInput(say("there are no figures of forms about this"), field="form")
    return kind


def _guard(kind: SubjectKind) -> Guard:
    within = {"met": "subjects"} | ({"subjects": "residents"} if kind == SubjectKind.PERSON else {})
    return Guard(columns=("residents", *_COLUMNS), related=Related(parts=within, derived=_DERIVED))


def _counts(view: View, form: str, days: Period, groups: Groups, without: frozenset[str]) -> pd.DataFrame:
    """The columns by the rows of a level, what lies in the cells ``without`` left out."""
    frame = _noted(view, form, days)
    frame = frame.loc[~frame["cell"].isin(without)]
    place = pd.Series(groups.index_of(frame["cell"]), index=frame.index)
    by_row = frame.groupby(place)
    met = frame.loc[frame["met"]].groupby(place)["subject"].nunique()
    counts = pd.DataFrame(
        {"records": by_row.size(), "subjects": by_row["subject"].nunique(), "met": met}
    ).reindex(range(len(groups.rows)), fill_value=0)
    counts = counts.fillna(0).astype("int64")
    return counts.assign(unmet=counts["subjects"] - counts["met"])


def _noted(view: View, form: str, days: Period) -> pd.DataFrame:
    """A row for each record: ``subject``, ``cell`` of today, ``day`` and whether somebody was ``met``."""
    key = (form, days.first, days.last)
    return view.remembered("records noted", *key, make=lambda: _read_noted(view, form, days))


def _read_noted(view: View, form: str, days: Period) -> pd.DataFrame:
    cell = func.coalesce(Household.cell_id, Building.cell_id, Facility.cell_id)
    keys = [getattr(Record, KEYS[kind]) for kind in sorted(_COUNTED & KEYS.keys())]
    subject = func.coalesce(*keys, Record.community_id)
    statement = (
        record_rows()
        .with_only_columns(subject.label("subject"), cell.label("cell"), Record.day, Record.met)
        .where(
            Record.form_code == form,
            Record.day.between(days.first, days.last),
            is_valid(),
            is_agreed_to(),
            is_known(view),
        )
    )
    rows: list[Any] = list(view.session.execute(statement))
    frame = pd.DataFrame(rows, columns=["subject", "cell", "day", "met"])
    return frame.assign(met=frame["met"].map(lambda met: met is not False).astype(bool))
