"""The build step of the words: ``python -m web.texts`` compiles the catalogues and gathers what scripts say.

Pages hand their scripts the words in the reader's language. Which words these are is read from the scripts
themselves, once, when the program is set up.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

WEB: Final = Path(__file__).parent
_TRANSLATIONS: Final = WEB / "translations"
_OF_SCRIPTS: Final = "scripts.json"
_WORD: Final = re.compile(r'(?<![\w.])_\(\s*"((?:[^"\\]|\\.)*)"')


def script_texts(language: str) -> dict[str, str]:
    """The words of the scripts in a language, by the Chinese one; nothing in Chinese itself."""
    path = _folder(language) / _OF_SCRIPTS
    if not path.is_file():
        return {}
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts


def build() -> None:
    """Compile every catalogue and write the words of the scripts beside it, one file a language."""
    words = sorted(set(words_of_scripts()))
    for source in sorted(_TRANSLATIONS.glob("*/LC_MESSAGES/*.po")):
        with source.open("rb") as file:
            catalogue = read_po(file)
        with source.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, catalogue)
        if source.stem == "messages":
            texts = json.dumps(_translated(words, catalogue), ensure_ascii=False, indent=0)
            source.with_name(_OF_SCRIPTS).write_text(texts, encoding="utf-8")


def words_of_scripts() -> Iterator[str]:
    """What stands in the calls of ``_`` in the scripts, also within template strings."""
    for path in WEB.glob("**/static/**/*.js"):
        if "vendor" not in path.parts:
            yield from words_of_script(path)


def words_of_script(path: Path) -> list[str]:
    """What stands in the calls of ``_`` in one script."""
    return _WORD.findall(path.read_text(encoding="utf-8"))


def _translated(words: list[str], catalogue: Catalog) -> dict[str, str]:
    known = {str(entry.id): str(entry.string) for entry in catalogue if entry.id and entry.string}
    return {word: known[word] for word in words if word in known}


def _folder(language: str) -> Path:
    return _TRANSLATIONS / language / "LC_MESSAGES"


if __name__ == "__main__":
    build()
