"""Which fields there are in a community, by what a row is about, and what each may be called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gisgrid.areas.view import View
from gisgrid.labels.outward import OUTWARD_FIELDS
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.catalogue import CONSTANTS, COUNTS, REGISTER_FIELDS, OutwardField
from gisgrid.records.outward.form_fields import FormField, fields_of_forms, published_forms
from gisgrid.records.outward.sheets import ROW_NUMBER, OutwardSheet


@dataclass(frozen=True, slots=True, kw_only=True)
class OutwardFields:
    """The catalogue of a community: fields of rows by their kind, and what single cells may hold."""

    register: Mapping[OutwardRows, Mapping[str, OutwardField]]
    forms: Mapping[OutwardRows, Mapping[str, FormField]]

    def words(self, rows: OutwardRows) -> dict[str, str]:
        """What each field of a column is called, in the order it is offered."""
        constants = {code: OUTWARD_FIELDS[code] for code in CONSTANTS}
        register = {code: field.word for code, field in self.register[rows].items()}
        of_forms = {code: field.word for code, field in self.forms[rows].items()}
        return {ROW_NUMBER: OUTWARD_FIELDS[ROW_NUMBER], **register, **of_forms, **constants}

    def cell_words(self) -> dict[str, str]:
        """What each field of a single cell is called."""
        counts = {code: field.word for code, field in COUNTS.items()}
        grids = self.forms[OutwardRows.GRID].items()
        of_forms = {code: field.word for code, field in grids if field.is_count}
        member = {"grid.member": OUTWARD_FIELDS["grid.member"]}
        return {**{code: OUTWARD_FIELDS[code] for code in CONSTANTS}, **member, **counts, **of_forms}

    def field(self, rows: OutwardRows, code: str) -> OutwardField | FormField | None:
        """A field of a row; nothing for constants and for what a form asks no more."""
        return self.register[rows].get(code) or self.forms[rows].get(code)

    def purposes(self, sheets: Sequence[OutwardSheet]) -> set[Purpose]:
        """For which purposes the personal data of some sheets are kept."""
        fields = [self.field(sheet.rows, code) for sheet in sheets for code in sheet.columns.values()]
        return {field.purpose for field in fields if field is not None and field.purpose is not None}


def read_fields(view: View) -> OutwardFields:
    """The catalogue of a community with what its published forms add."""
    return OutwardFields(register=REGISTER_FIELDS, forms=fields_of_forms(published_forms(view)))
