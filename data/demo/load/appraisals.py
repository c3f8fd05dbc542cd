"""The demo's communities have chosen the monthly appraisal, a year ago."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from gisgrid.days import day_of
from gisgrid.indicators.appraisals.rules import EXTERNAL_SHARE
from gisgrid.indicators.models import AppraisalRule

_SINCE: Final = timedelta(days=365)


def load_appraisal(loading: Loading) -> None:
    """One rule, inserted: the service lets nobody choose for months that are over."""
    made_at = loading.now - _SINCE
    loading.session.add(
        AppraisalRule(
            community_id=loading.community_id,
            number=1,
            month=day_of(made_at, zone()).replace(day=1),
            external_share=EXTERNAL_SHARE,
            is_on=True,
            made_at=made_at,
        )
    )
