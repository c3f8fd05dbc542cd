"""The whole list of records of some days, for files that leave the house."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shapely
from sqlalchemy import func, select

from gisgrid.areas.view import View
from gisgrid.days import Period, period
from gisgrid.places.import_rows import batches
from gisgrid.places.models import Building, Facility, Household
from gisgrid.places.queries import Feature
from gisgrid.records.core.record_models import Record
from gisgrid.records.lists.lines import KeptRow, RecordLine, kept_rows, lines_of
from gisgrid.records.lists.openings import require_reading
from gisgrid.records.lists.queries import NEWEST, USUAL_DAYS, RecordFilter, listed
from gisgrid.records.lists.scope import record_rows

_ZH = "zh"


def record_list(view: View, *, during: Period | None) -> Iterator[Feature]:
    """The records that hold within one's scope without their answers, the newest first, as they are listed.

    Each with the point of its subject: a household's door, the middle of a building, a facility; others have
    none. Without days those of the last month. Given one by one.

    Raises
    ------
    NotAllowed
        The role sees no list of records.
    """
    ids = list(view.session.scalars(_listed(view, during).with_only_columns(Record.id).order_by(*NEWEST)))
    return _features(view, ids)


def count_records(view: View, *, during: Period | None) -> int:
    """How many there are in the list."""
    narrowed = _listed(view, during).with_only_columns(Record.id)
    return view.session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0


def _listed(view: View, during: Period | None) -> Any:
    require_reading(view.actor)
    days = during or period(None, None, today=view.when.day, tz=view.tz, days=USUAL_DAYS)
    return listed(view, RecordFilter(), days)


def _features(view: View, ids: list[str]) -> Iterator[Feature]:
    for few in batches(ids):
        rows = kept_rows(view, record_rows().where(Record.id.in_(few)).order_by(*NEWEST))
        points = subject_points(view, few)
        for row, line in zip(rows, lines_of(view, rows, is_shown=False), strict=True):
            yield points.get(row.record.id), line_values(view, row, line)


def line_values(view: View, row: KeptRow, line: RecordLine) -> dict[str, Any]:
    """What a file tells of a record beside its answers."""
    subject, grid = line["subject"], view.present.grid_of(row.record.cell_id)
    return {
        "day": row.record.day,
        "form": line["form"],
        "title": line["title"].get(_ZH) or line["form"],
        "subject": subject["kind"],
        "name": subject["label"] if subject["label"] != subject["address"] else None,
        "address": subject["address"] or None,
        "grid": grid.code if grid else None,
        "by": line["by"],
        "met": line["met"],
        "doubtful": line["is_day_doubtful"],
        "correction": line["is_correction"],
    }


def subject_points(view: View, ids: Sequence[str]) -> Mapping[str, shapely.Point]:
    """Where the subjects of some records stand, in EPSG:4326."""
    columns = (Household.position, Building.footprint, Facility.position)
    statement = record_rows().with_only_columns(Record.id, *columns).where(Record.id.in_(ids))
    points = {}
    for record_id, *shapes in view.session.execute(statement):
        shape = next((shape for shape in shapes if shape is not None), None)
        if shape is not None:
            points[record_id] = shape if isinstance(shape, shapely.Point) else shape.centroid
    return points
