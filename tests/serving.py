"""The real server in processes of its own, how to ask it, and clients that never finish what they begin."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests import world

COMMAND = [sys.executable, "-c", "from web.cli import main; main()"]
REPORT = {
    "lon": world.LON + world.STEP / 2,
    "lat": world.LAT + world.STEP / 2,
    "category": "garbage",
    "description": "rubbish",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """A running server and how to ask it."""

    def __init__(self, port: int, cert: Path | None = None, timeout: float = 20) -> None:
        self.port, self.timeout = port, timeout
        self.tls = ssl.create_default_context(cafile=str(cert)) if cert else None
        self.pid = 0

    def connection(self) -> http.client.HTTPConnection:
        if self.tls:
            return http.client.HTTPSConnection("localhost", self.port, timeout=self.timeout, context=self.tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, str, Any]:
        connection = self.connection()
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), answer.headers
        finally:
            connection.close()

    def form(self) -> tuple[str, dict[str, str]]:
        """A token of forms and the cookie it belongs to."""
        _, text, headers = self.ask("GET", "/login")
        found = re.search(r'name="csrf_token" value="([^"]+)"', text)
        assert found
        return found.group(1), {"Cookie": headers["Set-Cookie"].partition(";")[0]}

    def report(self, token: str, cookie: dict[str, str], key: str = "") -> tuple[int, str, Any]:
        """Report a case like a phone whose browser holds this cookie."""
        headers = cookie | {"Content-Type": "application/json", "X-CSRFToken": token}
        headers |= {"Idempotency-Key": key or secrets.token_hex(16)}
        if self.tls:
            headers |= {"Referer": f"https://localhost:{self.port}/report"}
        return self.ask("POST", "/api/v1/cases", json.dumps(REPORT), headers)

    def raw(self) -> socket.socket:
        """A connection to say anything through; not yet secured."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=self.timeout)

    def secured(self) -> socket.socket:
        """A connection to say anything through, behind TLS where the server has it."""
        if self.tls is None:
            return self.raw()
        return self.tls.wrap_socket(self.raw(), server_hostname="localhost")


class Half(StrEnum):
    """What a client never finishes."""

    HEAD = "head"
    BODY = "body"
    CHUNKS = "chunks"
    HANDSHAKE = "handshake"


_BEGUN = {
    Half.HEAD: b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
    Half.BODY: b"POST /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Content-Length: 5000\r\n\r\n{"lon": ',
    Half.CHUNKS: b"POST /api/v1/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b'Transfer-Encoding: chunked\r\n\r\n400\r\n{"lon": ',
    Half.HANDSHAKE: b"",
}


def begin(server: Server, half: Half) -> socket.socket:
    """One client that has begun and says no more."""
    found = server.raw() if half == Half.HANDSHAKE else server.secured()
    found.sendall(_BEGUN[half])
    return found


@contextmanager
def half_sent(server: Server, half: Half, count: int) -> Iterator[list[socket.socket]]:
    """So many clients that have begun and say no more."""
    with ExitStack() as stack:
        yield [stack.enter_context(begin(server, half)) for _ in range(count)]


def is_closed(client: socket.socket, seconds: float) -> bool:
    """Whether the server lets a client go within some seconds, with or without a word."""
    client.settimeout(seconds)
    try:
        while client.recv(4096):
            pass
    except (TimeoutError, BlockingIOError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    return True


@contextmanager
def serving(
    folder: Path,
    *arguments: str,
    port: int = 0,
    cert: Path | None = None,
    ends: int = 0,
    **environment: str,
) -> Iterator[Server]:
    """``gisgrid serve`` until the block ends, its lines in ``log``; it ends as is said, in no traceback."""
    found = Server(port or free_port(), cert)
    command = [*COMMAND, "serve", "--port", str(found.port), *arguments]
    if cert:
        command += ["--host", "localhost", "--cert", str(cert), "--key", str(cert.with_suffix(".key"))]
    with (folder / "log").open("a") as log:
        running = subprocess.Popen(command, env=os.environ | environment, stdout=log, stderr=log)
        found.pid = running.pid
        try:
            wait_for(found)
            yield found
        finally:
            with suppress(ProcessLookupError):
                running.send_signal(signal.SIGTERM)
            code = running.wait(timeout=40)
    assert code == ends
    assert "Traceback" not in (folder / "log").read_text()


def wait_for(server: Server, seconds: float = 240) -> None:
    end = time.monotonic() + seconds
    while True:
        try:
            if server.ask("GET", "/healthz")[0] == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < end, "the server did not come up"
        time.sleep(0.2)


def children_of(pid: int) -> set[int]:
    """The processes that another has started."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(one) for one in told.split()}


def wait_until(is_so: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.1)


def self_signed(folder: Path) -> Path:
    """A certificate for localhost, with its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "site.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    path.with_suffix(".key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path
