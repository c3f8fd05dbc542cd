"""What organisations do for people by contract."""

from __future__ import annotations

from enum import StrEnum


class HomeService(StrEnum):
    """What is done for somebody at home."""

    MEALS = "meals"
    CLEANING = "cleaning"
    BATHING = "bathing"
    MEDICAL = "medical"
    COMPANY = "company"
    OTHER = "other"


class ContractState(StrEnum):
    """How a contract stands today. ``withheld``: it runs, and the organisation learns nothing by it."""

    RUNNING = "running"
    WITHHELD = "withheld"
    COMING = "coming"
    OVER = "over"
