"""Where messages about cases may go: into the open network, to the machine a name meant, nowhere else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import update

from gisgrid.cases.core.outbox_models import Webhook
from gisgrid.cases.webhooks.addresses import NOBODY, may_receive, read_listed, receivers
from gisgrid.cases.webhooks.delivery import wait_after
from gisgrid.cases.webhooks.settings import add_hook
from gisgrid.settings import Settings
from gisgrid.storage.engine import Database
from tests.conftest import NOW
from tests.web.test_webhooks import Office, Robot


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    found = Robot()
    yield Office(database, found)
    found.stop()


INNER = [
    *("127.0.0.1", "127.8.9.1", "localhost", "LOCALHOST.", "sub.localhost", "[::1]"),
    *("10.1.2.3", "172.16.0.9", "192.168.1.1", "100.64.0.1", "169.254.169.254", "[fe80::1]", "[fd00::1]"),
    *("[fec0::1]", "224.0.0.1", "[ff02::1]", "0", "[::]", "255.255.255.255", "192.0.2.1"),
    *("2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "2852039166", "0xa9fea9fe"),
    *("169.254.43518", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.1]", "[2002:7f00:1::]", "[2002:a00:1::1]"),
    "[2001:0:0a00:1::1]",
]
"""Hosts of this machine, of inner networks or of nobody, in every spelling."""


@pytest.mark.parametrize("host", INNER)
def test_no_message_goes_to_this_machine_or_an_inner_network_however_it_is_written(host: str) -> None:
    url = f"http://{host}:8000/robot"
    assert not may_receive(url)
    with suppress(OSError):  # some machines resolve less than others
        assert receivers(url) == []


@pytest.mark.parametrize("host", ["93.184.216.34", "[2606:2800:220:1::1]", "a.example", "[::ffff:8.8.8.8]"])
def test_the_open_network_may_receive(host: str) -> None:
    assert may_receive(f"https://{host}/robot")


@pytest.mark.parametrize(
    ("listed", "host"),
    [
        ("10.1.2.0/24", "10.1.2.3"),
        ("10.1.2.3", "10.1.2.3"),
        ("a.example, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.0/8", "2130706433"),
        ("127.0.0.0/8", "[::ffff:127.0.0.1]"),
        ("fd00::/8", "[fd00::1]"),
        ("Localhost", "localhost"),
    ],
)
def test_what_the_administrator_lists_may_receive(listed: str, host: str) -> None:
    assert may_receive(f"http://{host}/robot", read_listed(listed))
    assert not may_receive("http://10.9.9.9/robot", read_listed(listed))


def test_a_list_that_cannot_be_read_is_told_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GISGRID_WEBHOOK_HOSTS", "10.0.0.0/99")
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/99"):
        Settings()


def names_mean(monkeypatch: pytest.MonkeyPatch, *meanings: str) -> list[str]:
    """Let names under ``.example`` mean one address after the other; what was asked for."""
    asked: list[str] = []
    real, waiting = socket.getaddrinfo, list(meanings)

    def resolve(host: str, port: Any, *more: Any, **named: Any) -> Any:
        if not host.endswith(".example"):
            return real(host, port, *more, **named)
        asked.append(host)
        return real(waiting.pop(0) if len(waiting) > 1 else waiting[0], port, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def put(office: Office, url: str) -> None:
    with office.database.write() as session:
        session.execute(update(Webhook).values(stopped_at=NOW))
        view = office.world.view(session, now=NOW)
        add_hook(view, office.given(url), now=NOW, listed=office.listed)


def test_a_name_is_looked_up_once_and_the_message_goes_where_it_led_then(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second time the name means another machine, as an attacker's name server would have it."""
    other = Robot("127.0.0.2", office.robot.server.server_port)
    put(office, f"http://rebind.example:{other.server.server_port}/robot?key=1")
    asked = names_mean(monkeypatch, "127.0.0.1", "127.0.0.2")
    office.report()
    assert office.send() == 1
    assert (asked, len(office.robot.got), other.got) == (["rebind.example"], 1, [])
    path, headers, _body = office.robot.got[0]
    assert path == "/robot?key=1"
    assert headers["Host"] == f"rebind.example:{other.server.server_port}"
    other.stop()


def test_a_name_that_leads_to_an_inner_machine_gets_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(office, f"http://inner.example:{office.robot.server.server_port}/robot")
    names_mean(monkeypatch, "127.0.0.1")
    office.listed = NOBODY
    office.report()
    assert office.send() == 0
    assert office.robot.got == []
    assert "address" in [row.error for row in office.outbox()]
    office.listed = read_listed("inner.example")
    office.now += wait_after(1)
    assert office.send() == 1


@pytest.mark.parametrize(("certified", "arrives"), [("robot.example", True), ("other.example", False)])
def test_the_certificate_must_be_of_the_name_although_the_number_is_called(
    office: Office, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, certified: str, *, arrives: bool
) -> None:
    robot = Robot("127.0.0.1", 0, certificate=certificate_of(tmp_path, certified))
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(tmp_path / "site.pem"))
    put(office, f"https://robot.example:{robot.server.server_port}/robot")
    names_mean(monkeypatch, "127.0.0.1")
    office.report()
    assert office.send() == int(arrives)
    assert len(robot.got) == int(arrives)
    (error,) = [row.error for row in office.outbox() if row.attempts]
    assert error == (None if arrives else "SSLError")
    robot.stop()


def certificate_of(folder: Path, name: str) -> Path:
    """A certificate of a name that signs itself, with its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    made = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(made - timedelta(days=1))
        .not_valid_after(made + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "site.pem"
    path.write_bytes(certificate.public_bytes(pem) + private)
    return path
