"""Assets: only files of this installation, and an unknown one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gisgrid.errors import MissingPart
from layers.assets import DROPPED, FROM_PACKAGES, ICONS, LOCAL, copy_assets, local_url
from tests import ROOT


def make_packages(folder: Path, *, css: str = "a { color: red }") -> Path:
    for source in FROM_PACKAGES:
        target = folder / source
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(css if source.endswith(".css") else "x", encoding="utf-8")
    icons = folder / "bootstrap-icons" / "icons"
    icons.mkdir(parents=True)
    for name in ICONS:
        svg = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path d="M0 0"/></svg>'
        (icons / f"{name}.svg").write_text(svg, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", sorted(LOCAL))
def test_a_listed_file_is_served_from_here(name: str) -> None:
    assert local_url(f"//content.example/x@1/dist/{name}") == f"/static/vendor/{LOCAL[name]}"


@pytest.mark.parametrize("name", sorted(DROPPED))
def test_what_our_layers_never_use_is_dropped(name: str) -> None:
    assert local_url(f"//content.example/x@1/dist/{name}") is None


def test_our_own_files_stay_as_they_are() -> None:
    assert local_url("/static/js/map.js") == "/static/js/map.js"


def test_an_unknown_file_is_refused_by_name() -> None:
    with pytest.raises(MissingPart, match=r"d3\.v4\.min\.js"):
        local_url("//content.example/d3.v4.min.js")


def test_copying_gives_every_listed_file_and_one_sprite(tmp_path: Path) -> None:
    vendor = tmp_path / "vendor"
    written = copy_assets(make_packages(tmp_path / "packages"), vendor)
    assert {path.relative_to(vendor).as_posix() for path in written} == {
        *FROM_PACKAGES.values(),
        LOCAL["leaflet_heat.min.js"],
        "icons.svg",
    }
    sprite = (vendor / "icons.svg").read_text(encoding="utf-8")
    assert all(f'id="{name}"' in sprite for name in ICONS)


def test_copying_again_removes_what_left_the_list(tmp_path: Path) -> None:
    packages, vendor = make_packages(tmp_path / "packages"), tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "old.js").write_text("x", encoding="utf-8")
    copy_assets(packages, vendor)
    assert not (vendor / "old.js").exists()


@pytest.mark.parametrize("rule", ["url(//a.example/f.woff)", "url('https://a.example/f')", '@import "//a/b"'])
def test_a_style_sheet_that_loads_from_outside_is_refused(tmp_path: Path, rule: str) -> None:
    packages = make_packages(tmp_path / "packages", css=rule)
    with pytest.raises(MissingPart, match="from outside"):
        copy_assets(packages, tmp_path / "vendor")


def test_a_missing_package_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(MissingPart, match="npm ci"):
        copy_assets(tmp_path, tmp_path / "vendor")


def test_the_lock_names_no_addresses() -> None:
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in lock
    assert set(json.loads(lock)["packages"][""]["dependencies"]) == {"leaflet", "bootstrap-icons"}


def test_templates_and_scripts_use_icons_of_the_sprite_only() -> None:
    import re

    used: set[str] = set()
    for path in (*ROOT.glob("web/**/templates/**/*.html"), *ROOT.glob("web/**/static/**/*.js")):
        used |= set(re.findall(r"\bicon\(\s*[\"']([a-z0-9-]+)[\"']", path.read_text(encoding="utf-8")))
    assert used <= set(ICONS)
