"""What every command prints: the optional last JSON line, and a progress bar on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click
import orjson

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")


def print_result(result: Mapping[str, Any], *, as_json: bool) -> None:
    """Print a result for people, then, if asked, as one JSON object on the last line of stdout."""
    for name, value in result.items():
        if not isinstance(value, (dict, list)):
            click.echo(f"{name}: {value}")
    if as_json:
        click.echo(orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY).decode())


@contextmanager
def progress(label: str) -> Iterator[Callable[[float], None]]:
    """A progress bar on stderr where that is a terminal; takes the share done, from 0 to 1."""
    if not sys.stderr.isatty():
        yield lambda _share: None
        return
    from rich.progress import Progress  # noqa: PLC0415 - only people at a terminal pay for it

    with Progress(transient=True) as bars:
        task = bars.add_task(label, total=1.0)
        yield lambda share: bars.update(task, completed=share)
