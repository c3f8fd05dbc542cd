"""The files for a server are ones that nginx and systemd take."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import ROOT

FILES = ROOT / "docs" / "server"


def _nginx() -> str:
    found = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if found is None:
        pytest.skip("nginx is not here: its configuration was not tried")
    return found


def _certificate(folder: Path) -> tuple[Path, Path]:
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=x"]
    subprocess.run([*command, "-keyout", str(key), "-out", str(cert)], check=True, capture_output=True)
    return cert, key


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    program = _nginx()
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here: no certificate to try nginx with")
    cert, key = _certificate(tmp_path)
    site = (FILES / "nginx.conf").read_text()
    for path, own in (
        ("/etc/gisgrid/cert.pem", cert),
        ("/etc/gisgrid/key.pem", key),
        ("/var/log/nginx/gisgrid.log", tmp_path / "access.log"),
    ):
        assert path in site
        site = site.replace(path, str(own))
    whole = tmp_path / "nginx.conf"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    own_folders = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    head = f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}"
    whole.write_text(f"{head} http {{ access_log off; {own_folders} {site} }}")
    command = [program, "-t", "-c", str(whole), "-p", str(tmp_path), "-e", str(tmp_path / "error.log")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "query_string" not in site
    assert "$args" not in site
    assert "$request_uri" not in site.split("server {")[0]


def test_systemd_takes_its_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not here: its units were not tried")
    for path in FILES.glob("gisgrid*.*"):
        text = path.read_text().replace("/opt/gisgrid/.venv/bin/gisgrid", "/bin/true")
        (tmp_path / path.name).write_text(text)
    units = [str(tmp_path / path.name) for path in sorted(FILES.glob("gisgrid*.*")) if path.suffix != ".env"]
    assert len(units) == 5
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if "gisgrid" in line]
    assert own == []


def test_the_environment_names_settings_that_there_are() -> None:
    from gisgrid.settings import Settings

    names = {
        line.partition("=")[0].removeprefix("GISGRID_").lower()
        for line in (FILES / "gisgrid.env").read_text().splitlines()
        if line and not line.startswith("#")
    }
    assert names <= set(Settings.model_fields)
    assert {"database_url", "key_file", "https", "trusted_proxies"} <= names
