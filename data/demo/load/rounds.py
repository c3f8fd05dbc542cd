"""The round that runs in a grid of the demo: drafted and opened by the head on its first day."""

from __future__ import annotations

from datetime import time
from typing import Final

from data.demo.history.clock import moment
from data.demo.load.ids import Loading
from data.demo.records import DemoCommunity
from gisgrid.access.models import Role
from gisgrid.records.rounds.drafts import draft_round
from gisgrid.records.rounds.inputs import RoundInput, RoundSelector
from gisgrid.records.rounds.service import open_round

_FORM: Final = "household_check"
_TITLE: Final = "冬季入户核实(示例)"
_BASIS: Final = "街道实有人口核实工作通知(示例)"
_OPENED: Final = time(8, 30)


def load_round(loading: Loading, demo: DemoCommunity) -> None:
    """One round, through the service; records of its form about its households since then count for it."""
    checking = demo.fieldwork.checking
    head = next((account.name for account in demo.accounts if account.role == Role.HEAD), None)
    if head is None:
        return
    at = moment(checking.first_day, _OPENED)
    view = loading.view_as(loading.ids["account"][head], at)
    sent = RoundInput(
        form=_FORM,
        title=_TITLE,
        first_day=checking.first_day,
        last_day=checking.last_day,
        legal_basis=_BASIS,
        selector=RoundSelector(grids=(checking.grid,)),
    )
    open_round(view, draft_round(view, sent, now=at), now=at)
