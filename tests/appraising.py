"""Turn the monthly appraisal on for a community of the tests, also for months that are over."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from gisgrid.indicators.appraisals.rules import EXTERNAL_SHARE
from gisgrid.indicators.models import AppraisalRule

FIRST_MONTH = date(2026, 1, 1)


def appraise(session: Session, community_id: str) -> None:
    """The community has chosen the appraisal from the beginning of the year."""
    session.add(
        AppraisalRule(
            community_id=community_id,
            number=1,
            month=FIRST_MONTH,
            external_share=EXTERNAL_SHARE,
            is_on=True,
            made_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
