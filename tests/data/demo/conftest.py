from __future__ import annotations

from datetime import timedelta

import pytest

from data.demo.generate import DEFAULT_SEED, generate
from data.demo.history.clock import now
from data.demo.records import DemoCommunity


@pytest.fixture(scope="session")
def demo() -> DemoCommunity:
    return generate(DEFAULT_SEED)


@pytest.fixture(scope="session")
def other() -> DemoCommunity:
    """The community beside it, with cases up to three months later."""
    return generate(DEFAULT_SEED, households=9601, community=1, at=now() + timedelta(days=90))
