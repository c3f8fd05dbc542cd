"""One word per idea: files that go out, templates of files that come in, and pages say the same."""

from __future__ import annotations

import pytest

from data.exporters.layers import LAYERS
from data.importers.kinds.fields import KINDS, spelt, word_options
from data.importers.values.field import Field
from gisgrid.labels.table import Labels

WORDED = [
    pytest.param(column.words, field, id=f"{layer.name}-{field.name}")
    for layer in LAYERS.values()
    for column in layer.columns
    for field in KINDS.get(layer.name, ())
    if field.name == column.name and column.words and field.words
]


def test_exports_call_it_as_the_card_of_a_case_does() -> None:
    titles = {column.name: column.title for column in LAYERS["cases"].columns}
    assert (titles["handler"], titles["due_at"]) == ("主办人", "办理期限")


@pytest.mark.parametrize(("labels", "field"), WORDED)
def test_an_import_reads_what_an_export_writes(labels: Labels, field: Field) -> None:
    options = word_options(field.words or {})
    assert {code: options[spelt(word)] for code, word in labels.items()} == {code: code for code in labels}


def test_codes_stand_in_several_files_that_also_come_in() -> None:
    assert len(WORDED) >= 7
