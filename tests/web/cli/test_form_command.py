"""``gisgrid form add``: a draft, published where that may be, every fault by its cell, nothing kept half."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from gisgrid.records.core.form_models import FieldForm, FormVersion
from tests import world
from tests.data.forms.books import SETTINGS, SURVEY, write_form
from tests.web.cli.installation import Installation
from web.cli.actor import acting

STAIRS = [{"form_id": "stairs", "form_title": "楼道", "subject": "building"}]


@pytest.fixture
def house(at: Installation) -> Installation:
    """An installation with one community."""
    with acting() as context:
        world.found(context.session)
    return at


def kept() -> list[tuple[str, int, str]]:
    with acting() as context:
        rows = select(FieldForm.code, FormVersion.number, FormVersion.state)
        joined = rows.join(FormVersion, FormVersion.form_id == FieldForm.id).order_by(FormVersion.number)
        own = joined.where(FieldForm.owner_area_id.is_not(None))
        return [(code, number, str(state)) for code, number, state in context.session.execute(own)]


def test_a_workbook_becomes_a_draft_and_is_published_where_it_asks_for_nobody(
    house: Installation, tmp_path: Path
) -> None:
    file = write_form(tmp_path / "stairs.xlsx", settings=STAIRS)
    assert house("form", "add", str(file), "--json") == 0, house.err
    assert house.told == {
        "form": "stairs",
        "version": 1,
        "state": "draft",
        "remarks": ["row 12 tells of the device and is left out"],
    }
    assert "left out: row 12" in house.err
    assert house("form", "add", str(file), "--publish", "--json") == 0
    assert (house.told["state"], kept()) == ("published", [("stairs", 1, "published")])
    assert house("form", "add", str(file)) == 1
    assert "published already" in house.err


def test_nothing_is_kept_of_what_cannot_be_taken(house: Installation, tmp_path: Path) -> None:
    survey = [*SURVEY, {"type": "video", "name": "film", "label": "录像"}, {"type": "text", "name": "1st"}]
    file = write_form(tmp_path / "bad.xlsx", survey, settings=STAIRS)
    assert house("form", "add", str(file)) == 1
    assert "[survey], row 13, field type" in house.err
    assert "[survey], row 14, field name" in house.err
    personal = write_form(tmp_path / "visit.xlsx", settings=SETTINGS)
    assert house("form", "add", str(personal), "--publish") == 1
    assert "somebody else than who drafted it" in house.err
    assert kept() == []
    assert house("form", "add", str(personal)) == 0
    assert kept() == [("visit", 1, "draft")]
    assert house("form", "add", str(personal), "--as", "nobody") == 1
    assert house("form", "add", str(personal), "--community", "none") == 1
