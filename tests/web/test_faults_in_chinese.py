"""What is wrong with a file is told on a Chinese page in Chinese: no English words between."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import shapely
from flask_openapi3.openapi import OpenAPI

from data.importers.prepare import ImportRequest, prepare
from gisgrid.errors import InvalidInput
from gisgrid.geometry.clean import clean_line, clean_polygon
from tests.data.importers.broken import CONTENT, READING, Broken
from tests.web.test_broken_uploads import BIG
from tests.world import TZ
from web.i18n import tell

_ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]+ [a-z]{2,}\b|\ba [a-z]+\b|\bor\b|\bnone\b")
_SETTINGS = {"--crs": "crs", "--sheet": "sheet"}


def said_of(broken: Broken, path: Path, kind: str) -> list[str]:
    """The faults of a file that is only read."""
    given = dict(zip(broken.options[::2], broken.options[1::2], strict=True))
    how = {_SETTINGS[name]: value for name, value in given.items() if name in _SETTINGS}
    columns = [value for name, value in given.items() if name == "--column"]
    try:
        prepare(ImportRequest(kind=kind, file=path, community="C1", columns=columns, **how), tz=TZ)
    except InvalidInput as error:
        return [fault.message for fault in error.faults]
    return []


def test_what_is_wrong_with_a_file_is_told_in_chinese(lite_app: OpenAPI, tmp_path: Path) -> None:
    english, found = [], 0
    for broken in (*READING, *CONTENT):
        if broken.name in BIG:
            continue
        broken.make(tmp_path / broken.name)
        for kind in broken.kinds:
            messages = said_of(broken, tmp_path / broken.name, kind)
            found += len(messages)
            with lite_app.test_request_context(headers={"Cookie": "lang=zh"}):
                told = [tell(message) for message in messages]
            english += [f"{broken} as {kind}: {one}" for one in told if _ENGLISH.search(one)]
    assert english == []
    assert found > len(READING)


@pytest.mark.parametrize("clean", [clean_line, clean_polygon])
def test_a_shape_of_another_kind_is_told_in_chinese(lite_app: OpenAPI, clean: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        clean(shapely.MultiPoint([(118, 33), (118, 34)]))  # type: ignore[operator]
    with lite_app.test_request_context(headers={"Cookie": "lang=zh"}):
        assert not _ENGLISH.search(tell(caught.value.faults[0].message))
