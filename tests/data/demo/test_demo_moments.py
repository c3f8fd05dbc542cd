"""The demo can be loaded at any moment: what its cases have come to differs from hour to hour."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from data.demo.load.disputes import MEDIATED_IN
from gisgrid.cases.core.workflow import STEPS, CaseAction, CaseState
from gisgrid.cases.disputes.models import Dispute
from gisgrid.people.core.models import Resident, ServiceContract
from gisgrid.storage.engine import Database
from tests.demo_files import fill

FIRST = datetime(2026, 11, 20, tzinfo=UTC)


def test_a_mediator_is_asked_only_where_the_case_lets_somebody_be_asked() -> None:
    asking = (CaseAction.INVOLVE, CaseAction.DISPATCH)
    assert all(any((state, action) in STEPS for action in asking) for state in MEDIATED_IN)
    assert CaseState.SUSPENDED not in MEDIATED_IN
    assert CaseState.HANDLING in MEDIATED_IN


@pytest.mark.prove
@pytest.mark.timeout(900)
@pytest.mark.parametrize("turn", range(20))
def test_the_demo_is_loaded_at_any_hour_of_two_years(spatialite: Database, turn: int) -> None:
    at = FIRST + timedelta(seconds=random.Random(turn).randrange(2 * 365 * 86_400))
    fill(spatialite, now=at)
    with spatialite.read() as session:
        assert session.scalar(select(func.count()).select_from(Dispute))


@pytest.mark.prove
@pytest.mark.timeout(900)
def test_the_demo_is_loaded_before_its_present_day_too(spatialite: Database) -> None:
    """What services are asked then lies before many of its people moved in, and before most of its cases."""
    at = datetime(2025, 8, 1, 3, tzinfo=UTC)
    fill(spatialite, now=at)
    with spatialite.read() as session:
        assert session.scalar(select(func.count()).select_from(ServiceContract))
        early = Resident.lived_from > ServiceContract.from_day
        statement = select(func.count()).select_from(ServiceContract).join(Resident)
        assert session.scalar(statement.where(early)) == 0
