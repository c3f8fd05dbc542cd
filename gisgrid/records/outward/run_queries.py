"""How often templates were filled, for whom keeps them and for whom fills them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import func, select
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may
from gisgrid.access.models import Account
from gisgrid.areas.view import View
from gisgrid.days import local_text
from gisgrid.records.core.outward_models import OutwardForm, OutwardRun

_MOST_RUNS: Final = 20
_GONE: Final = "–"
"""Stands for an area that is there no more."""


class RunListed(TypedDict):
    """That a template was filled."""

    number: int
    area_name: str
    month: str
    as_of: str
    made_at: str
    made_by: str | None
    rows: int
    cells: int
    prefilled: int
    empty: int
    no_consent: int
    sha256: str


def last_runs(view: View) -> Mapping[str, datetime]:
    """When templates were filled last, by code."""
    statement = (
        select(OutwardForm.code, func.max(OutwardRun.made_at))
        .join(OutwardRun)
        .where(OutwardRun.community_id == view.community.id, _own_runs(view))
        .group_by(OutwardForm.code)
    )
    return {row[0]: row[1] for row in view.session.execute(statement)}


def _own_runs(view: View) -> Any:
    """All runs of a community for who keeps templates, else one's own."""
    own = OutwardRun.made_by == view.actor.account_id
    return OutwardRun.id.is_not(None) if may(view.actor, Action.OUTWARD_KEEP) else own


def runs_of(view: View, code: str) -> list[RunListed]:
    """The last runs of a template, the newest first."""
    statement = (
        select(OutwardRun, OutwardForm.number, Account.name)
        .join(OutwardForm, OutwardForm.id == OutwardRun.outward_form_id)
        .outerjoin(Account, Account.id == OutwardRun.made_by)
        .where(OutwardRun.community_id == view.community.id, OutwardForm.code == code, _own_runs(view))
        .order_by(OutwardRun.made_at.desc(), OutwardRun.id.desc())
        .limit(_MOST_RUNS)
    )
    tree = view.present.tree
    return [
        {
            "number": number,
            "area_name": tree.areas[run.area_id].name if run.area_id in tree.areas else _GONE,
            "month": f"{run.month:%Y-%m}",
            "as_of": run.as_of.isoformat(),
            "made_at": local_text(run.made_at, view.tz),
            "made_by": name,
            "rows": run.row_count,
            "cells": run.cell_count,
            "prefilled": run.prefilled,
            "empty": run.empty,
            "no_consent": run.no_consent,
            "sha256": run.sha256,
        }
        for run, number, name in view.session.execute(statement)
    ]
