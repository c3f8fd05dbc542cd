"""The one escape for Folium's strings."""

from __future__ import annotations

from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from layers.popups import escape_for_folium
from tests.layers.hostile import HOSTILE


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_loses_every_sign_that_html_or_a_template_literal_reads(text: str) -> None:
    assert not set(escape_for_folium(text)) & set("<>\"'`$\\{}")


@given(st.text())
def test_a_browser_shows_the_text_as_typed(text: str) -> None:
    escaped = escape_for_folium(text)
    assert not set(escaped) & set("<>\"'`$\\{}")
    if "\r" not in text and "\0" not in text:
        assert unescape(escaped) == text
