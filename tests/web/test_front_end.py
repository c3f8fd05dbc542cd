"""Templates, scripts and words: local, without inline styles, every word translated, every import there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from jinja2 import Environment

from tests import ROOT
from web.texts import script_texts, words_of_scripts

WEB = ROOT / "web"
CORE = ROOT / "gisgrid"
TEMPLATES = sorted(WEB.glob("**/templates/**/*.html"))
SCRIPTS = sorted(path for path in WEB.glob("**/static/**/*.js") if "vendor" not in path.parts)
SHEETS = sorted(path for path in WEB.glob("**/static/**/*.css") if "vendor" not in path.parts)
SVG = "http" + "://www.w3.org/2000/svg"
LONGEST_FILE = 400


def name_of(path: Path) -> str:
    return path.relative_to(WEB).as_posix()


def script_words() -> set[str]:
    return set(words_of_scripts())


def extracted() -> Iterator[str]:
    for _file, word in _by_source():
        yield word
    yield from script_words()


def _by_babel() -> set[str]:
    """What Babel finds in the scripts; it misses calls with values inside template strings."""
    return {word for file, word in _by_source() if file.endswith(".js")}


def _by_source() -> Iterator[tuple[str, str]]:
    with (WEB / "translations" / "babel.cfg").open(encoding="utf-8") as mapping:
        methods, options = parse_mapping_cfg(mapping)
    for folder, keywords in ((WEB, DEFAULT_KEYWORDS), (CORE, {"N_": None})):
        for file, _line, word, _comments, _context in extract_from_dir(folder, methods, options, keywords):
            yield file, word if isinstance(word, str) else word[0]


def catalogue() -> dict[str, str]:
    with (WEB / "translations" / "en" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id}


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_a_template_parses_and_keeps_the_content_policy(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    assert not re.search(r"\sstyle\s*=|\son[a-z]+\s*=|<style|javascript:", source)
    # The phone's page has no script of its own: what a worker keeps can't hold a nonce that is good once.
    marks = ("src=",) if path.name == "shell.html" else ('nonce="{{ nonce }}"',)
    assert all(mark in tag for mark in marks for tag in re.findall(r"<script[^>]*>", source))


CHOSEN_BY_US = {"figures", "map.html", "position.html", "_map_page.html", "history.html", "me.html"}
"""Where boxes are ticked beforehand: how a map looks, and whether a phone stays logged in."""
CHOSEN = re.compile(r'<select\b[^>]*\brequired\b[^>]*>\s*(?:\{%[^%]*%\}\s*)?<option value="(\w*)"')


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_nothing_that_is_asked_for_is_chosen_beforehand(path: Path) -> None:
    """A choice that has to be made begins empty; only a member's report comes from a patrol by itself."""
    source = path.read_text(encoding="utf-8")
    asked = len(re.findall(r"<select\b[^>]*\brequired\b", source))
    first = CHOSEN.findall(source)
    assert len(first) == asked, "the first option stands right behind its select"
    assert set(first) <= ({"", "patrol"} if path.name == "_report_form.html" else {""})
    if not CHOSEN_BY_US & {path.name, path.parent.name}:
        assert not re.search(r"\schecked\s*(?:>|/>)", source)


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *SHEETS], ids=name_of)
def test_nothing_names_an_address_outside(path: Path) -> None:
    source = path.read_text(encoding="utf-8").replace(SVG, "")
    assert not re.search(r"https?://|[\"'(]//[a-z]", source)


@pytest.mark.parametrize("path", SCRIPTS, ids=name_of)
def test_a_script_writes_no_markup_and_stays_small(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    assert not re.search(forbidden, source)
    assert not re.search(r"bind(?:Tooltip|Popup)\(\s*[\"'`]", source)
    assert len(source.splitlines()) <= LONGEST_FILE


def test_every_import_names_something_that_is_exported() -> None:
    exported = {
        path: set(
            re.findall(
                r"^export (?:async )?(?:function|const|class) (\w+)", path.read_text("utf-8"), re.MULTILINE
            )
        )
        for path in SCRIPTS
    }
    for path in SCRIPTS:
        for names, target in re.findall(r'import \{([^}]*)\} from "(\.[\w./]+)"', path.read_text("utf-8")):
            wanted = {name.strip() for name in names.split(",") if name.strip()}
            there = exported[(path.parent / target).resolve()]
            assert wanted <= there, f"{name_of(path)} wants {wanted - there} of {target}"


def test_every_file_a_page_or_script_names_is_there() -> None:
    for path in [*TEMPLATES, *SCRIPTS]:
        source = path.read_text(encoding="utf-8")
        named = [WEB / name for name in re.findall(r"static\('([\w./-]+)'\)", source)]
        named += [
            path.parent / name for name in re.findall(r'(?:from|import\(|new URL\()\s*"(\.[\w./]+)"', source)
        ]
        for file in named:
            assert file.is_file(), f"{name_of(path)}: {file}"


def test_every_import_is_used() -> None:
    for path in SCRIPTS:
        source = path.read_text(encoding="utf-8")
        rest = re.sub(r"^import [^;]+;", "", source, flags=re.MULTILINE)
        for names in re.findall(r"import \{([^}]*)\} from", source):
            for name in (one.strip() for one in names.split(",")):
                assert not name or re.search(rf"\b{re.escape(name)}\b", rest), f"{path.name}: {name}"


def test_pages_hand_their_scripts_every_word_in_english() -> None:
    assert script_words() >= {word for word in _by_babel() if word}
    assert set(script_texts("en")) == script_words(), "built by `python -m web.texts`"
    assert script_texts("zh") == {}


def test_every_word_has_an_english_one() -> None:
    words = catalogue()
    missing = sorted(word for word in set(extracted()) if not words.get(word))
    assert not missing, f"add to messages.po: {missing}"


def test_translations_keep_the_places_for_values() -> None:
    for chinese, english in catalogue().items():
        assert set(re.findall(r"\{\w+\}", chinese)) == set(re.findall(r"\{\w+\}", english)), chinese
        assert "%" not in chinese.replace("%(", "("), "a plain % would be read as a place for a value"
