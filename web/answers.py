"""Answers of the API: JSON with an ETag, features, and tables as CSV."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final

import numpy as np
import orjson
import shapely
from flask import Response, request
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from data.exporters.texts import csv_line
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, last_duty_changes, require
from gisgrid.access.audit import record
from gisgrid.access.models import AuditEntry
from gisgrid.access.spool import PATIENCE_MS, keep_entries
from gisgrid.areas.view import View, ViewRequest, open_view
from gisgrid.cases.escalation import escalate_due, has_due
from gisgrid.errors import GisgridError
from gisgrid.figures.tables import FigureTable
from gisgrid.places.queries import Feature
from gisgrid.redraw.due_work import run_due
from web.answer_models import ShapeFeature, Shapes
from web.context import (
    close_reading,
    current_actor,
    is_program,
    now,
    read_session,
    services,
    view_of,
    write_session,
)
from web.i18n import column_head, current_language
from web.i18n import gettext as _
from web.words.signs import sign_of

FOR_DRAWING: Final = 7
"""Decimals of degrees that are enough to draw (about a centimetre)."""
_TOLD_BY_READING: Final = 10
"""Of how many cases' time limits one who only reads tells, so as not to wait for many."""
_log: Final = logging.getLogger("web.answers")


@contextmanager
def writing_view(asked: ViewRequest) -> Iterator[View]:
    """A view through a transaction that writes. It is always one of today, whatever day is asked for.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    DatabaseBusy
        Another writer held the database for too long.
    """
    actor, site = current_actor(), services()
    asked = replace(asked, as_of=None, revision=None)  # what is written stands on the division in force
    with write_session() as session:
        view = open_view(session, actor, asked, caches=site.cache, now=now(), tz=site.settings.tz)
        if any(run_due(view, now=now()).values()):
            view = open_view(session, actor, asked, caches=site.cache, now=now(), tz=site.settings.tz)
        yield view


@contextmanager
def audited_view(asked: ViewRequest) -> Iterator[View]:
    """A view for reading whose audit entries are written at the end, in a transaction of their own.

    Reading inside the transaction that writes would make every list wait for the one writer. Nothing is
    answered unless the entries were kept. Time limits of cases that have run out are told of after them,
    unless another is writing.

    Raises
    ------
    NotFound
        No such community within what the actor may see.
    DatabaseBusy
        The entries could be kept nowhere.
    """
    view = view_of(asked)
    with audited(view.session):
        yield view
    if has_due(read_session(), view.community.id, now=now()):  # the closed one would keep one
        try:
            _tell_of_due(view)
        except (GisgridError, OperationalError) as error:
            # What was asked for is there and noted: the next one who reads or writes tells.
            _log.warning("time limits were not told of: %s", type(error).__name__)


def _tell_of_due(view: View) -> None:
    """Tell of some time limits that have run out in the community, each level once."""
    site = services()
    with write_session(patience_ms=PATIENCE_MS) as session:
        present = open_view(
            session,
            view.actor,
            ViewRequest(community=view.community.code),
            caches=site.cache,
            now=now(),
            tz=site.settings.tz,
        )
        escalate_due(present, now=now(), most=_TOLD_BY_READING)


@contextmanager
def audited(reading: Session) -> Iterator[None]:
    """Audit entries that reading adds to a session, kept at its end, whoever else writes meanwhile.

    Raises
    ------
    DatabaseBusy
        They could be kept nowhere.
    """
    with reading.no_autoflush:
        yield
        entries = [entry for entry in reading.new if isinstance(entry, AuditEntry)]
        for entry in entries:
            reading.expunge(entry)
    if entries:
        close_reading()
        keep_entries(services().database, entries)


def json_answer(value: Any, status: int = 200) -> Response:
    """A value as JSON that no cache keeps."""
    return Response(_dump(value), status=status, content_type="application/json")


def fresh_answer(
    view: View,
    action: Action,
    make: Callable[[], Any],
    *,
    kind: str = "application/json",
    also: str = "",
) -> Response:
    """A figure as JSON, or 304 when the asker still has it; the right is asked before either.

    The tag hangs on the revision in force, the data version, who is on duty, the day, who asks and what for,
    so that nothing is worked out for an answer that would be the same; ``also`` is what else it hangs on.
    """
    require(view.actor, action)
    tag = _tag(view, also)
    if request.if_none_match.contains_weak(tag) and not request.if_none_match.star_tag:
        response = Response(status=304)
    else:
        response = Response(_dump(make()), content_type=kind)
    response.set_etag(tag, weak=True)
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def _tag(view: View, also: str) -> str:
    duties = last_duty_changes(view.session, now=now())
    parts = (
        view.version,
        duties,
        view.when.day,
        view.when.is_past,
        _scope(view.actor),
        request.full_path,
        also,
    )
    return hashlib.sha256(repr((*parts, current_language())).encode()).hexdigest()[:32]


def _scope(actor: Actor) -> tuple[Any, ...]:
    return (actor.account_id, actor.role, sorted(actor.areas), sorted(actor.buildings), actor.household_id)


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def table_answer(view: View, action: Action, make: Callable[[], FigureTable], *, also: str = "") -> Response:
    """A table as ``{"rows": …, "meta": …}``."""
    return fresh_answer(view, action, lambda: parts_of(make()), also=also)


def parts_of(table: FigureTable) -> Mapping[str, object]:
    """The parts of a table by name; its rows are not copied."""
    return {"rows": table.rows, "meta": table.meta}


def features_answer(
    view: View, action: Action, make: Callable[[], Sequence[Feature]], *, decimals: int | None = None
) -> Response:
    """A GeoJSON FeatureCollection (RFC 7946); all digits of the coordinates unless ``decimals`` are given."""
    kind = "application/geo+json"
    return fresh_answer(view, action, lambda: feature_collection(make(), decimals=decimals), kind=kind)


def shapes_answer(pairs: Sequence[Feature]) -> Response:
    """Features of a plan, which changes with every edit, as GeoJSON that no cache keeps."""
    return Response(_dump(feature_collection(pairs)), content_type="application/geo+json")


def feature_collection(pairs: Sequence[Feature], *, decimals: int | None = None) -> Shapes:
    """Shapely geometries in EPSG:4326 with their properties as GeoJSON; a missing geometry is null."""
    shapes = np.array([shape for shape, _ in pairs], dtype=np.object_)
    if decimals is not None and len(shapes):
        shapes = shapely.transform(shapes, lambda pairs: np.round(pairs, decimals))
    texts: Sequence[str | None] = list(shapely.to_geojson(shapes)) if len(shapes) else []
    features = [_feature(text, properties) for text, (_, properties) in zip(texts, pairs, strict=True)]
    return {"type": "FeatureCollection", "features": features}


def _feature(text: str | None, properties: dict[str, Any]) -> ShapeFeature:
    geometry: Any = None if text is None else orjson.Fragment(text)
    name = properties.get("id") or properties.get("code")
    return {"type": "Feature", "id": name, "geometry": geometry, "properties": properties}


def csv_answer(
    name: str, asked: ViewRequest, make: Callable[[View], FigureTable], *, columns: Sequence[str] = ()
) -> Response:
    """A table as CSV. An export leaves an audit entry; its name tells who and when.

    Programs get the names of the JSON fields as heads, people words in their language. ``columns``: those of
    a table without rows.
    """
    with audited_view(asked) as view:
        table = make(view)
        record(view.session, view.actor, f"export:{name}", "table", now=now(), count=len(table.rows))
    if table.meta.get("confidential_left_out"):
        table = replace(table, rows=[{**row, "left_out": _("保密类别")} for row in table.rows])
        columns = [*columns, "left_out"]
    head = str if is_program() else column_head
    body = csv_text(table.rows, columns=columns, head=head).encode("utf-8-sig")
    response = Response(body, content_type="text/csv; charset=utf-8")
    file = f"{name}-{view.when.day.isoformat()}-{view.actor.name}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=file)
    return response


def csv_text(
    rows: Sequence[Mapping[str, Any]],
    *,
    columns: Sequence[str] = (),
    head: Callable[[str], str] = str,
) -> str:
    """Rows as CSV: lists joined, nested values in columns of their own, withheld numbers as their sign.

    ``columns``: those there are without rows; ``head`` gives what each is called.
    """
    flat = [dict(_cells(row)) for row in rows]
    columns = list(dict.fromkeys(key for row in flat for key in row)) or columns
    lines = [csv_line(map(head, columns))]
    lines += [csv_line(_cell(row.get(column)) for column in columns) for row in flat]
    return "".join(lines)


def _cells(row: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    withheld = set(row.get("suppressed") or ())
    sign = sign_of(row) if withheld else None
    for key, value in row.items():
        if key == "suppressed" or (key == "reason" and "suppressed" in row):
            continue
        if isinstance(value, dict):
            yield from ((f"{key}_{inner}", content) for inner, content in value.items())
        else:
            yield key, sign if key in withheld else value


def _cell(value: Any) -> Any:
    return "、".join(map(str, value)) if isinstance(value, (list, tuple)) else value
