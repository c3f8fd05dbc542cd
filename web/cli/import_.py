"""``gisgrid import``: all a community is made of from files, templates for them, and taking one back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy.orm import Session

from data.importers.kinds.area_rows import MOST_MOVED_M2
from data.importers.kinds.cases import NewCategories
from data.importers.kinds.fields import KINDS, SHAPED
from data.importers.outcome import ImportOutcome, write_report
from data.importers.prepare import ImportRequest, prepare
from data.importers.run import ImportWatch, run
from gisgrid.access.actors import Actor
from gisgrid.areas.imports import IMPORT_LEVELS
from gisgrid.areas.models import Level
from gisgrid.errors import InvalidInput
from gisgrid.imports.undo import undo_import
from gisgrid.imports.undo_rows import Undone
from gisgrid.settings import Settings
from gisgrid.storage.patience import patiently
from web.cli.actor import as_option, choose_actor, opened
from web.cli.output import json_option, print_result, progress

_SHOWN: Final = 20
_UNDO: Final = "undo"
_READ_SHARE: Final = 0.3
"""Share of the progress bar that reading takes."""


@click.command("import")
@click.argument("kind", type=click.Choice([*KINDS, _UNDO]))
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option("--community", metavar="CODE", help="Community it belongs to; areas and places make a new one.")
@click.option(
    "--level",
    type=click.Choice([level.value for level in IMPORT_LEVELS]),
    default=Level.GRID.value,
    show_default=True,
    help="What the areas are.",
)
@click.option("--crs", metavar="CRS", help="EPSG code, GCJ-02 or BD-09 [default: what the file says].")
@click.option(
    "--column", "columns", metavar="OURS=THEIRS", multiple=True, help="Which column is which field."
)
@click.option("--sheet", metavar="NAME", help="Sheet of a workbook, or layer of a file that has several.")
@click.option(
    "--source", metavar="NAME", help="Where cases came from that name no source: 12345, petition, …"
)
@click.option("--fix", is_flag=True, help="Repair invalid shapes, overlaps and gaps under 20 m.")
@click.option(
    "--accept-moved",
    metavar="M2",
    type=click.FloatRange(min=0),
    default=MOST_MOVED_M2,
    show_default=True,
    help="With --fix: how many square metres of one area may move; more is asked about first.",
)
@click.option("--merge-same-code", is_flag=True, help="Make one area of all polygons with the same code.")
@click.option(
    "--date-format",
    "dates",
    metavar="FORM",
    help="Dates that aren't year-month-day: mdy, dmy or a pattern like '%m/%d/%Y %I:%M %p'; never guessed.",
)
@click.option("--as-closed", is_flag=True, help="Cases without an end are closed: history, nothing is due.")
@click.option(
    "--new-categories",
    is_flag=False,
    flag_value=NewCategories.CONFIDENTIAL.value,
    default=NewCategories.REFUSE.value,
    type=click.Choice([choice.value for choice in NewCategories]),
    help="Make unknown categories of cases: confidential ones, or =open.",
)
@click.option("--dry-run", is_flag=True, help="Do everything, tell it, and keep nothing.")
@click.option("--report", type=click.Path(path_type=Path), metavar="OUT.csv", help="Rows refused or listed.")
@click.option(
    "--template",
    "out",
    type=click.Path(path_type=Path),
    metavar="OUT.csv|OUT.xlsx",
    help="Only write a template to fill in, with an example and what each column means.",
)
@json_option
@as_option
def import_(  # noqa: PLR0913 - one argument per option
    kind: str,
    file: Path | None,
    *,
    community: str | None,
    level: str,
    crs: str | None,
    columns: tuple[str, ...],
    sheet: str | None,
    source: str | None,
    fix: bool,
    accept_moved: float,
    merge_same_code: bool,
    dates: str | None,
    as_closed: bool,
    new_categories: str,
    dry_run: bool,
    report: Path | None,
    out: Path | None,
    as_json: bool,
    as_name: str | None,
) -> int:
    """Bring FILE in: areas tile their community and come all or not at all, of the others the good rows.

    Columns called as our fields, or as in a template, are found by themselves; --column names others. Exit
    code 1 where rows were refused; the good ones are kept all the same. The same file again changes nothing.
    Identity-card numbers are never stored. KIND undo takes the import with the id FILE back as a whole, as
    long as nothing of it was changed since (gisgrid imports lists them).

    \b
    areas       code, name, parent, type
    buildings   code, address, name, compound, floors, built_year, condition, lift, dwellings
    streets     name, kind, tunnel, bridge, layer
    households  address or building, unit, room; lon, lat, kind, contact, consent, consent_at,
                consent_text, lived_from, lived_to
    residents   external_id, address or building, unit, room; name, birth_date, sex, phone,
                residence_status, consent, consent_contact, consent_visits, consent_needs,
                consent_at, consent_text, lived_from, lived_to
    facilities  code, type, name, address, office_phone, capacity, floor_area_m2, lon, lat
    members     code, name, office_phone, birth_year, education, duty, area, primary, from, until
    cases       source, number, category, severity, description, reported_at, due_at,
                hotline_class, closed_at, state, address, contact, result, lon, lat,
                recorded_area; external_number of a list exported here

    \b
    Examples: gisgrid import areas wards.geojson --community DC --column code=WARD
              gisgrid import households --template households.xlsx
    """
    if out is not None:
        return _write_template(kind, out, as_json=as_json)
    if file is None:
        raise click.UsageError("FILE is missing")
    if kind == _UNDO:
        return _undo(str(file), as_name, as_json=as_json)
    if kind in SHAPED and community is None:
        raise click.UsageError("--community CODE says which community this belongs to")
    settings, now = Settings(), datetime.now(UTC)
    asked = ImportRequest(
        kind=kind,
        file=file,
        community=community,
        crs=crs,
        columns=columns,
        sheet=sheet,
        channel=source,
        level=Level(level),
        fix=fix,
        accepted_m2=accept_moved,
        merge=merge_same_code,
        dates=dates,
        as_closed=as_closed,
        new_categories=NewCategories(new_categories),
    )
    with _reported(report), progress(f"importing {kind}") as advance:
        prepared = prepare(asked, tz=settings.tz, progress=_reading(advance))
        watch = ImportWatch(progress=_advancing(advance), is_dry=dry_run)
        with opened(settings) as database:
            outcome = run(database, _who(as_name, now), prepared, now=now, tz=settings.tz, watch=watch)
    if report is not None:
        write_report(report, outcome)
    _print(outcome, is_dry_run=dry_run, as_json=as_json)
    return int(outcome.refused > 0)


def _reading(advance: Callable[[float], None]) -> Callable[[int, int], None]:
    return lambda done, total: advance(_READ_SHARE * done / max(total, 1))


def _advancing(advance: Callable[[float], None]) -> Callable[[int, int], None]:
    return lambda done, total: advance(_READ_SHARE + (1 - _READ_SHARE) * done / max(total, 1))


def _who(as_name: str | None, now: datetime) -> Callable[[Session], Actor]:
    return lambda session: choose_actor(session, as_name, now=now)


def _write_template(kind: str, out: Path, *, as_json: bool) -> int:
    from data.importers.templates import FORMATS, template  # noqa: PLC0415 - slow to load

    form = out.suffix.lower().removeprefix(".")
    if kind == _UNDO or form not in FORMATS:
        raise click.UsageError("--template OUT.csv or OUT.xlsx, for one of the kinds of files")
    out.write_bytes(template(kind, form))
    print_result({"template": str(out), "kind": kind}, as_json=as_json)
    return 0


def _undo(import_id: str, as_name: str | None, *, as_json: bool) -> int:
    settings, now = Settings(), datetime.now(UTC)
    with opened(settings) as database:

        def once() -> Undone:
            with database.write() as session:
                return undo_import(session, choose_actor(session, as_name, now=now), import_id, now=now)

        done = patiently(once)
    facts = {"import": import_id, "removed": done.removed, "restored": done.restored, "emptied": done.emptied}
    print_result(facts, as_json=as_json)
    return 0


@contextmanager
def _reported(report: Path | None) -> Iterator[None]:
    """Also where nothing is taken at all, the report says why, row by row."""
    try:
        yield
    except InvalidInput as error:
        if report is not None:
            write_report(report, ImportOutcome(counts={}, faults=error.faults))
        raise


def _print_faults(outcome: ImportOutcome) -> None:
    """Each kind of fault once, at its first row, and how many more rows have it."""
    alike = Counter((fault.field, fault.message) for fault in outcome.faults)
    first = {(fault.field, fault.message): fault for fault in reversed(outcome.faults)}
    for kind, count in list(alike.items())[:_SHOWN]:
        more = f" (and in {count - 1} more)" if count > 1 else ""
        click.echo(f"gisgrid: {first[kind].sentence()}{more}", err=True)
    if len(alike) > _SHOWN:
        click.echo(f"gisgrid: … and {len(alike) - _SHOWN} more (--report OUT.csv has all)", err=True)


def _print_warnings(outcome: ImportOutcome) -> None:
    """What is odd about the whole file, and how well its places agree with what was known before."""
    for warning in outcome.warnings:
        click.echo(f"gisgrid: note: {warning}", err=True)
    if outcome.datum is not None:
        figures, *warnings = outcome.datum.sentences()
        click.echo(f"datum: {figures}")
        for warning in warnings:
            click.echo(f"gisgrid: warning: {warning}", err=True)


def _print_moved(moved: Mapping[str, float]) -> None:
    """How much land a repair moved of each area, the most first."""
    named = [f"{code} {size:g} m²" for code, size in sorted(moved.items(), key=lambda entry: -entry[1])]
    if named:
        more = f" and {len(named) - _SHOWN} more" if len(named) > _SHOWN else ""
        click.echo(f"moved_by_area: {', '.join(named[:_SHOWN])}{more}")


def _print(outcome: ImportOutcome, *, is_dry_run: bool, as_json: bool) -> None:
    _print_faults(outcome)
    _print_warnings(outcome)
    for note in outcome.remarks[:_SHOWN]:
        place = f"{note.counted} {note.row}, " if note.row else ""
        click.echo(f"  {place}{note.key}: {note.field}: {note.message}")
    if len(outcome.remarks) > _SHOWN:
        click.echo(f"  … and {len(outcome.remarks) - _SHOWN} more (--report OUT.csv has all)")
    counts = outcome.as_json()
    _print_moved(outcome.counts.get("moved_by_area", {}))
    listed = {name: value for name, value in counts.items() if isinstance(value, list) and value}
    for name, value in listed.items():
        click.echo(f"{name}: {', '.join(str(item) for item in value[:_SHOWN])}")
    if not counts.get("new") and not counts.get("updated") and not counts.get("closed"):
        click.echo("nothing has changed")
    if is_dry_run:
        click.echo("dry run: nothing was kept")
    print_result({**counts, "dry_run": is_dry_run}, as_json=as_json)
