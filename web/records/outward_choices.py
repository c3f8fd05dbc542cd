"""What may be chosen for each place of a template, and what a form says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from gisgrid.errors import InvalidInput
from gisgrid.labels.outward import OUTWARD_FIELDS
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.sheets import OutwardPeople, OutwardSheet
from gisgrid.records.outward.template_queries import TemplateOpened, TemplatePlace, TemplateSheetRow
from web.i18n import gettext as _

Grouped = Sequence[tuple[str, Sequence[tuple[str, str]]]]
"""Code and word of fields under the words of their groups."""
_BEHIND_TITLE: Final = ":"
"""What stands between a form's title and its question in the word of a field."""


def grouped_fields(words: Mapping[str, str]) -> Grouped:
    """Fields for a list to choose from: the register first, then form by form."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for code, word in words.items():
        form, _colon, name = word.partition(_BEHIND_TITLE)
        is_known = code in OUTWARD_FIELDS
        key = _("登记和统计") if is_known else form
        groups.setdefault(key, []).append((code, _(word) if is_known else name or form))
    return list(groups.items())


def sheets_of_form(form: Mapping[str, str], opened: TemplateOpened) -> list[OutwardSheet]:
    """What a form says of each sheet, counted from 0; a place without a field is left to people.

    Raises
    ------
    InvalidInput
        Rows or people that there are not.
    """
    return [_sheet(form, at, sheet) for at, sheet in enumerate(opened["sheets"])]


def _sheet(form: Mapping[str, str], at: int, sheet: TemplateSheetRow) -> OutwardSheet:
    rows, people = form.get(f"rows-{at}", sheet["rows"]), form.get(f"people-{at}", sheet["people"])
    if rows not in set(OutwardRows) or people not in set(OutwardPeople):
        raise InvalidInput(_("请选择每行是什么"), field=f"rows-{at}")
    return OutwardSheet(
        sheet=sheet["sheet"],
        rows=OutwardRows(rows),
        people=OutwardPeople(people),
        columns=_chosen(form, f"column-{at}", sheet["columns"]),
        cells=_chosen(form, f"cell-{at}", sheet["cells"]),
    )


def _chosen(form: Mapping[str, str], kind: str, places: Sequence[TemplatePlace]) -> dict[str, str]:
    names = [place["place"] for place in places]
    said = {name: form.get(f"{kind}-{name}", "") for name in names}
    return {name: code for name, code in said.items() if code}
