"""The root of the ``gisgrid`` command: lazy subcommands, and one place that turns errors into sentences."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from typing import Any, Final

import click

from gisgrid.errors import GisgridError, InvalidInput

COMMANDS: Final = {
    "assign": "web.cli.assign:assign",
    "background": "web.cli.background:background",
    "backup": "web.cli.backup:backup",
    "cells": "web.cli.cells:cells",
    "check": "web.cli.check:check",
    "db": "web.cli.db:db",
    "demo": "web.cli.demo:demo",
    "export": "web.cli.export:export",
    "form": "web.cli.form:form",
    "import": "web.cli.import_:import_",
    "imports": "web.cli.imports:imports",
    "key": "web.cli.key:key",
    "report": "web.cli.report:report",
    "restore": "web.cli.backup:restore",
    "serve": "web.cli.serve:serve",
    "tick": "web.cli.tick:tick",
    "token": "web.cli.accounts:token",
    "user": "web.cli.accounts:user",
}
"""Name of each subcommand and where its click command stands; imports are heavy, so they wait."""


class LazyGroup(click.Group):
    """A click group that knows its subcommands by name and imports one only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted, without importing anything."""
        del ctx
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, or nothing."""
        del ctx
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, attribute = target.split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="gisgrid")
def gisgrid() -> None:
    """Community grid governance on a map.

    \b
    Example: gisgrid demo && gisgrid serve
    """


def run(command: Callable[..., Any], arguments: list[str] | None = None) -> int:
    """Run a click command and give its exit code: 0 success, 1 bad input or a found fault, 2 wrong usage."""
    try:
        result = command(args=arguments, prog_name="gisgrid", standalone_mode=False)
    except (GisgridError, OSError, click.Abort) as error:
        for sentence in _sentences(error):
            click.echo(f"gisgrid: {sentence}", err=True)
        return 1
    except click.ClickException as error:
        error.show()
        return 2 if isinstance(error, click.UsageError) else 1
    return result if isinstance(result, int) else 0


def _sentences(error: GisgridError | OSError | click.Abort) -> list[str]:
    if isinstance(error, InvalidInput):
        return [fault.sentence() for fault in error.faults]
    if isinstance(error, OSError):
        return [f"{error.filename}: {error.strerror}" if error.filename else str(error)]
    return [str(error) or "stopped"]


def main() -> None:
    """Entry point of the installed script."""
    sys.exit(run(gisgrid))
