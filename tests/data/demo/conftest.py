from __future__ import annotations

import pytest

from data.demo.generate import DEFAULT_SEED, generate
from data.demo.records import DemoCommunity


@pytest.fixture(scope="session")
def demo() -> DemoCommunity:
    return generate(DEFAULT_SEED)
