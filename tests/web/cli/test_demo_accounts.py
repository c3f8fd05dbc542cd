"""The file with the demo's passwords: for its owner only, also where its folder is not there yet."""

from __future__ import annotations

from pathlib import Path

from web.cli.demo import write_accounts


def test_the_folder_is_made_and_only_the_owner_reads_the_file(tmp_path: Path) -> None:
    path = tmp_path / "var" / "demo-accounts.txt"
    write_accounts(path, [("head", "head", "a long password")])
    assert path.read_text(encoding="utf-8").splitlines()[1] == "head\thead\ta long password"
    assert path.stat().st_mode & 0o777 == 0o600
    write_accounts(path, [])
    assert "password\n" in path.read_text(encoding="utf-8")
