"""An export from the first question to the written file: the right, the rows, the file, an audit entry."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from data.exporters.files import form_of
from data.exporters.frame import sheet_of
from data.exporters.layer import Column, ExportRequest, Layer
from data.exporters.layers import LAYERS
from data.exporters.origin import Origin
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may, require
from gisgrid.access.audit import record
from gisgrid.access.models import Role
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import HELPING

_OPEN_CASES: Final = HELPING | {Role.LEADER}
"""Roles whose lists of cases have none of a confidential category, but for what they reported themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What is wanted: a layer, in a CRS or datum, with Chinese titles and words or the names of programs."""

    layer: Layer
    wish: ExportRequest
    crs: str | None = None
    in_chinese: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What stands in a file: rows, those of them that no map can show, and texts that had to be cut.

    ``reference``: the CRS or datum its numbers are in.
    """

    rows: int
    without_place: int
    texts_cut: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPreview:
    """How many rows an export would have, and which columns."""

    rows: int
    columns: tuple[Column, ...]


def layers_for(actor: Actor) -> list[Layer]:
    """The layers an actor may export."""
    if not may(actor, Action.EXPORTS_MAKE):
        return []
    return [layer for layer in LAYERS.values() if may(actor, layer.action)]


def preview(view: View, layer: Layer, wish: ExportRequest) -> ExportPreview:
    """What an export would hold; it leaves no audit entry, since no row of it is shown.

    Raises
    ------
    NotAllowed
        The role lacks the right to export, or to what is in the layer.
    """
    require(view.actor, Action.EXPORTS_MAKE)
    require(view.actor, layer.action)
    rows = iter(layer.read(view, wish))
    first = list(islice(rows, 1))
    count = layer.count(view, wish) if layer.count else len(first) + sum(1 for _row in rows)
    return ExportPreview(rows=count, columns=sheet_of(layer, first, crs=None).columns)


def export(view: View, ask: Ask, out: Path, *, reason: str | None = None) -> Made:
    """Write what of a layer the actor may see, in the form that the ending names.

    Adds one audit entry to the view's session, with the reason where there is one: whoever calls keeps it
    before the file is handed out.

    Raises
    ------
    NotAllowed
        The role lacks the right to export, or to what is in the layer.
    InvalidInput
        No such form, or the CRS is unknown or doesn't reach there.
    """
    layer = ask.layer
    require(view.actor, Action.EXPORTS_MAKE)
    require(view.actor, layer.action)
    form = form_of(out.name, has_shapes=layer.geometry is not None)
    sheet = sheet_of(layer, layer.read(view, ask.wish), crs=ask.crs)
    cut = form.write(out, sheet, _origin(view, ask))
    record(
        view.session,
        view.actor,
        f"export:{layer.name}",
        "layer",
        now=ask.wish.now,
        count=sheet.count,
        fields=[column.name for column in sheet.columns] if layer.is_personal else [],
        reason=reason,
    )
    return Made(rows=sheet.count, without_place=sheet.without_place, texts_cut=cut, reference=sheet.reference)


def _origin(view: View, ask: Ask) -> Origin:
    return Origin(
        by=view.actor.operator or view.actor.name,
        at=ask.wish.now.astimezone(view.tz),
        as_of=view.when.day,
        community=view.community.code,
        in_chinese=ask.in_chinese,
        leaves_out_confidential=ask.layer.counts_cases and _leaves_out(view.actor, ask.layer),
        but_escalated=ask.layer.is_personal and may(view.actor, Action.CASES_INSTRUCT),
    )


def _leaves_out(actor: Actor, layer: Layer) -> bool:
    """Whether an actor gets a layer of cases without the confidential ones; lists go by scope."""
    return actor.role in _OPEN_CASES if layer.is_personal else not actor.sees_exact_counts
