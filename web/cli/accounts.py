"""``gisgrid user`` and ``gisgrid token``: accounts, their passwords, and tokens for programs."""

from __future__ import annotations

import sys

import click
from sqlalchemy import select

from gisgrid.access.accounts import NewAccount, create_account, disable_account, set_password
from gisgrid.access.models import Role
from gisgrid.access.tokens import DEFAULT_DAYS, ApiPart, TokenScope, create_token
from gisgrid.areas.models import AreaName
from gisgrid.errors import InvalidInput, NotFound
from gisgrid.storage.base import valid_at
from web.cli.actor import Acting, acting, as_option
from web.cli.output import json_option, print_result

_ROLES = [role.value for role in Role if role != Role.LOCAL]


@click.group()
def user() -> None:
    """Make, disable and unlock accounts.

    \b
    Example: gisgrid user add zhang --role member --area 321302001001001
    """


@user.command()
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), required=True, help="What the account may do.")
@click.option("--area", metavar="CODE", help="The area its sight is limited to.")
@click.option("--organisation", metavar="NAME", help="The property company or organisation it stands for.")
@click.option("--instruct", is_flag=True, help="A leader who is told of and sees all that is escalated.")
@as_option
def add(
    name: str,
    role: str,
    area: str | None,
    organisation: str | None,
    instruct: bool,  # noqa: FBT001 - a flag of click
    as_name: str | None,
) -> None:
    """Make an account. The password is asked for, or read as one line from stdin.

    \b
    Example: gisgrid user add zhang --role member --area 321302001001001
    """
    with acting(as_name) as here:
        area_id = _area_id(here, area) if area else None
        command = NewAccount(
            name=name,
            role=Role(role),
            area_id=area_id,
            organisation=organisation,
            may_instruct=instruct,
        )
        create_account(here.session, here.actor, command, now=here.now)
        set_password(here.session, here.actor, name, _read_password(), now=here.now)
    click.echo(f"account {name} made")


@user.command()
@click.argument("name")
@as_option
def disable(name: str, as_name: str | None) -> None:
    """End an account with all its sessions and tokens.

    \b
    Example: gisgrid user disable zhang
    """
    with acting(as_name) as here:
        disable_account(here.session, here.actor, name, now=here.now)
    click.echo(f"account {name} disabled")


@user.command()
@click.argument("name")
@as_option
def password(name: str, as_name: str | None) -> None:
    """Give an account a new password, which ends its sessions and any lock.

    \b
    Example: gisgrid user password zhang < password.txt
    """
    with acting(as_name) as here:
        set_password(here.session, here.actor, name, _read_password(), now=here.now)
    click.echo(f"password of {name} changed")


@click.group()
def token() -> None:
    """Tokens by which programs use the HTTP interface.

    \b
    Example: gisgrid token create zhang --json
    """


@token.command()
@click.argument("name")
@click.option("--days", type=int, default=DEFAULT_DAYS, show_default=True, help="How long it works.")
@click.option("--read-only", is_flag=True, help="It may write nothing.")
@click.option(
    "--part",
    "parts",
    multiple=True,
    type=click.Choice([part.value for part in ApiPart]),
    help="Only this part.",
)
@json_option
@as_option
def create(
    name: str,
    days: int,
    read_only: bool,  # noqa: FBT001 - a flag of click
    parts: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - a flag of click
    as_name: str | None,
) -> None:
    """Make a token that acts for account NAME. It is shown once.

    \b
    Example: gisgrid token create zhang --json
    """
    with acting(as_name) as here:
        scope = TokenScope(may_write=not read_only, parts=tuple(ApiPart(part) for part in parts))
        secret = create_token(here.session, here.actor, name, now=here.now, days=days, scope=scope)
    print_result({"token": secret}, as_json=as_json)


def _read_password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return typed
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InvalidInput("a password is read from stdin, but it is empty", field="password")
    return line


def _area_id(here: Acting, code: str) -> str:
    statement = select(AreaName.area_id).where(AreaName.code == code, valid_at(AreaName, here.now))
    ids = here.session.scalars(statement).all()
    if not ids:
        raise NotFound(f"no area with the code {code!r}")
    if len(ids) > 1:
        raise InvalidInput("several areas have this code", field="area")
    return ids[0]
