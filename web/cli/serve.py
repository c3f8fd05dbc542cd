"""``gisgrid serve``: binds the socket, sees that all is there, and becomes the server."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import ssl
import sys
from pathlib import Path
from typing import Final

import click

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.settings import Settings
from web.cli.actor import opened
from web.server.plan import ServerPlan

_BACKLOG: Final = 1024
_UNREAD_MS: Final = 60_000
"""After how long the system drops a connection at whose other end nobody takes anything."""
_LEAN: Final = {"MALLOC_ARENA_MAX": "2", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""Less memory for each worker; whoever sets them otherwise has reasons."""
_READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@click.option("--workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes.")
@click.option("--cert", type=_READABLE, help="Certificate (PEM) for HTTPS.")
@click.option("--key", type=_READABLE, help="Private key (PEM) for HTTPS.")
def serve(host: str, port: int, workers: int, cert: Path | None, key: Path | None) -> None:
    """Serve the web application until it is stopped.

    \b
    Example: gisgrid serve --host 0.0.0.0 --port 8443 --cert site.pem --key site.key
    """
    if (cert is None) != (key is None):
        raise click.UsageError("--cert and --key belong together")
    # Each says in one sentence what is wrong, before any worker starts and tries again and again.
    with listening_on(host, port) as listening:
        settings = Settings()
        with opened(settings):
            pass
        if cert and key:
            refuse_unfit(cert, key)
        is_https = settings.https or cert is not None
        if not is_https and not is_loopback(host):
            click.secho(_warning(host), err=True, fg="red", bold=True)
        listening.set_inheritable(True)
        plan = ServerPlan(
            descriptor=listening.fileno(),
            workers=workers,
            cert=str(cert.resolve()) if cert else None,
            key=str(key.resolve()) if key else None,
        )
        click.echo(f"serving on {'https' if cert else 'http'}://{host}:{port} (stop with Ctrl+C)")
        sys.stdout.flush()
        command = [sys.executable, "-m", "web.server", plan.write()]
        environment = _LEAN | os.environ | {"GISGRID_HTTPS": "true" if is_https else "false"}
        os.execve(sys.executable, command, environment)  # noqa: S606 - this process becomes the server


def listening_on(host: str, port: int) -> socket.socket:
    """A socket that connections already wait at while the server starts.

    Raises
    ------
    Conflict
        Another program serves on it.
    InvalidInput
        The host names no address of this machine, or the port is reserved for the administrator.
    """
    try:
        family, kind, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):
                listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNREAD_MS)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except socket.gaierror:
        raise InvalidInput(f"there is no host called {host}: give an address with --host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = f"port {port} of {host} is in use: stop what serves there, or choose another with --port"
            raise Conflict(said) from None
        said = f"nothing can be served on port {port} of {host}: {(error.strerror or '').lower()}"
        raise InvalidInput(said) from None
    return listener


def refuse_unfit(cert: Path, key: Path) -> None:
    """Refuse files that are no certificate with its key.

    Raises
    ------
    InvalidInput
        They can't be read as such, or don't belong together.
    """
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert, key)
    except ssl.SSLError:
        said = "--cert and --key are no certificate and the key that belongs to it, both in PEM"
        raise InvalidInput(said, file=cert.name) from None


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _warning(host: str) -> str:
    return (
        f"WARNING: serving plain HTTP on {host}. Passwords and personal data travel unprotected."
        " Use --cert and --key, or a reverse proxy with HTTPS and GISGRID_HTTPS=true."
    )
