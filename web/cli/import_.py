"""``gisgrid import``: areas, buildings, streets and cases from files of other programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from data.importers.areas import import_areas, read_areas
from data.importers.cases import NewCategories, import_cases, read_cases
from data.importers.outcome import Outcome, write_report
from data.importers.places import import_buildings, import_streets, read_buildings, read_streets
from data.importers.reading import Table, read_table
from gisgrid.areas.communities import choose_community
from gisgrid.areas.importing import IMPORT_LEVELS
from gisgrid.areas.models import Level
from gisgrid.errors import InvalidInput
from gisgrid.settings import Settings
from web.cli.acting import Acting, acting, as_option
from web.cli.output import json_option, print_result, progress

_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the options of one import say."""

    file: Path
    crs: str | None
    columns: tuple[str, ...]
    level: Level
    community: str | None
    fix: bool
    new_categories: NewCategories
    sheet: str | None

    def table(self) -> Table:
        """The file as it stands."""
        return read_table(self.file, layer=self.sheet)


Save = Callable[[Acting], Outcome]
"""The second half of an import: everything is read, now it goes into an open transaction."""


@click.command("import")
@click.argument("kind", type=click.Choice(["areas", "buildings", "streets", "cases"]))
@click.argument("file", type=click.Path(path_type=Path))
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
@click.option("--fix", is_flag=True, help="Repair invalid shapes, overlaps and gaps under 20 m.")
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
@json_option
@as_option
def import_(  # noqa: PLR0913 - one argument per option
    kind: str,
    file: Path,
    *,
    community: str | None,
    level: str,
    crs: str | None,
    columns: tuple[str, ...],
    sheet: str | None,
    fix: bool,
    new_categories: str,
    dry_run: bool,
    report: Path | None,
    as_json: bool,
    as_name: str | None,
) -> int:
    """Bring FILE in: areas tile their community and come all or not at all, of the others the good rows.

    Columns called as our fields are found by themselves; --column names others. Exit code 1 where rows
    were refused; the good ones are kept all the same. The same file again changes nothing.

    \b
    areas      code, name, parent, type
    buildings  code, address, name, compound, floors, built_year, condition, lift, dwellings
    streets    name, kind, tunnel, bridge, layer
    cases      source, number, category, severity, description, reported_at, due_at,
               closed_at, state, lon, lat, recorded_area

    \b
    Example: gisgrid import areas wards.geojson --community DC --column code=WARD
    """
    if kind != "cases" and community is None:
        raise click.UsageError("--community CODE says which community this belongs to")
    asked = Asked(
        file=file,
        crs=crs,
        columns=columns,
        level=Level(level),
        community=community,
        fix=fix,
        new_categories=NewCategories(new_categories),
        sheet=sheet,
    )
    with _reported(report), progress(f"importing {kind}") as advance:
        save = _READERS[kind](asked)
        advance(0.5)
        with acting(as_name) as here:
            outcome = save(here)
            if dry_run:
                here.session.rollback()
        advance(1.0)
    if report is not None:
        write_report(report, outcome)
    _print(outcome, is_dry_run=dry_run, as_json=as_json)
    return int(outcome.refused > 0)


@contextmanager
def _reported(report: Path | None) -> Iterator[None]:
    """Also where nothing is taken at all, the report says why, row by row."""
    try:
        yield
    except InvalidInput as error:
        if report is not None:
            write_report(report, Outcome(counts={}, faults=error.faults))
        raise


def _areas(asked: Asked) -> Save:
    table = asked.table()
    areas = read_areas(table, level=asked.level, crs=asked.crs, columns=asked.columns, fix=asked.fix)
    code = asked.community or ""
    return lambda here: import_areas(here.session, here.actor, areas, community=code, at=here.now)


def _buildings(asked: Asked) -> Save:
    rows = read_buildings(asked.table(), crs=asked.crs, columns=asked.columns, fix=asked.fix)
    code = asked.community or ""
    return lambda here: import_buildings(here.session, here.actor, rows, community=code, at=here.now)


def _streets(asked: Asked) -> Save:
    rows = read_streets(asked.table(), crs=asked.crs, columns=asked.columns)
    code = asked.community or ""
    return lambda here: import_streets(here.session, here.actor, rows, community=code, at=here.now)


def _cases(asked: Asked) -> Save:
    rows = read_cases(asked.table(), tz=Settings().tz, crs=asked.crs, columns=asked.columns)

    def save(here: Acting) -> Outcome:
        community = choose_community(here.session, here.actor, asked.community, now=here.now)
        return import_cases(
            here.session,
            here.actor,
            rows,
            community=community,
            new_categories=asked.new_categories,
            now=here.now,
        )

    return save


_READERS: Final[dict[str, Callable[[Asked], Save]]] = {
    "areas": _areas,
    "buildings": _buildings,
    "cases": _cases,
    "streets": _streets,
}


def _print_faults(outcome: Outcome) -> None:
    """Each kind of fault once, at its first row, and how many more rows have it."""
    alike = Counter((fault.field, fault.message) for fault in outcome.faults)
    first = {(fault.field, fault.message): fault for fault in reversed(outcome.faults)}
    for kind, count in list(alike.items())[:_SHOWN]:
        more = f" (and in {count - 1} more)" if count > 1 else ""
        click.echo(f"gisgrid: {first[kind].sentence()}{more}", err=True)
    if len(alike) > _SHOWN:
        click.echo(f"gisgrid: … and {len(alike) - _SHOWN} more (--report OUT.csv has all)", err=True)


def _print_warnings(outcome: Outcome) -> None:
    """What is odd about the whole file, and how well its places agree with what was known before."""
    for warning in outcome.warnings:
        click.echo(f"gisgrid: note: {warning}", err=True)
    if outcome.datum is not None:
        figures, *warnings = outcome.datum.sentences()
        click.echo(f"datum: {figures}")
        for warning in warnings:
            click.echo(f"gisgrid: warning: {warning}", err=True)


def _print(outcome: Outcome, *, is_dry_run: bool, as_json: bool) -> None:
    _print_faults(outcome)
    _print_warnings(outcome)
    for note in outcome.remarks[:_SHOWN]:
        place = f"row {note.row}, " if note.row else ""
        click.echo(f"  {place}{note.key}: {note.field}: {note.message}")
    if len(outcome.remarks) > _SHOWN:
        click.echo(f"  … and {len(outcome.remarks) - _SHOWN} more (--report OUT.csv has all)")
    counts = outcome.as_json()
    listed = {name: value for name, value in counts.items() if isinstance(value, list) and value}
    for name, value in listed.items():
        click.echo(f"{name}: {', '.join(str(one) for one in value[:_SHOWN])}")
    if not counts.get("new") and not counts.get("updated") and not counts.get("closed"):
        click.echo("nothing has changed")
    if is_dry_run:
        click.echo("dry run: nothing was kept")
    print_result({**counts, "dry_run": is_dry_run}, as_json=as_json)
