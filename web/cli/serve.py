"""``gisgrid serve``: the web application on gunicorn."""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import sys
from pathlib import Path
from typing import Final

import click

from gisgrid.errors import Conflict, InvalidInput
from gisgrid.settings import Settings
from web.cli.acting import opened

_FACTORY: Final = "web.app:create_app_from_environment()"
_THREADS: Final = 4
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
    # Both say in one sentence what is wrong, before any worker starts and tries again and again.
    refuse_taken(host, port)
    settings = Settings()
    with opened(settings):
        pass
    is_https = settings.https or cert is not None
    if not is_https and not is_loopback(host):
        click.secho(_warning(host), err=True, fg="red", bold=True)
    tls = ["--certfile", str(cert), "--keyfile", str(key)] if cert else []
    environment = os.environ | {"GISGRID_HTTPS": "true" if is_https else "false"}
    scheme = "https" if cert else "http"
    click.echo(f"serving on {scheme}://{host}:{port} (stop with Ctrl+C)")
    sys.stdout.flush()
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        *gunicorn_options(host, port, workers=workers),
        *tls,
        _FACTORY,
    ]
    os.execve(sys.executable, command, environment)  # noqa: S606 - this process becomes the server


def gunicorn_options(host: str, port: int, *, workers: int) -> list[str]:
    """Threads in each worker; no preloading, so that every worker opens its own database connections."""
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        *("--bind", address),
        *("--workers", str(workers)),
        *("--worker-class", "gthread"),
        *("--threads", str(_THREADS)),
        *("--timeout", "120"),
        *("--graceful-timeout", "20"),
        *("--log-level", "warning"),
        "--no-control-socket",
    ]


def refuse_taken(host: str, port: int) -> None:
    """Refuse an address on which nothing can be served.

    Raises
    ------
    Conflict
        Another program serves on it.
    InvalidInput
        The host names no address of this machine, or the port is reserved for the administrator.
    """
    try:
        family, kind, *_rest, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            probe.bind(address)
    except socket.gaierror:
        raise InvalidInput(f"there is no host called {host}: give an address with --host") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            said = f"port {port} of {host} is in use: stop what serves there, or choose another with --port"
            raise Conflict(said) from None
        said = f"nothing can be served on port {port} of {host}: {(error.strerror or '').lower()}"
        raise InvalidInput(said) from None


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
