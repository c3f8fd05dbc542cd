"""Under which number a case is known outside the house: another system's, else ours behind our id.

So a list that leaves the house is known again when it comes back, and what was born here stands in another
house under a number that no case there can have.
"""

from __future__ import annotations

from typing import Final

_SIGN: Final = ":"


def number_abroad(installation: str, *, number: str, external: str | None) -> str:
    """The number of a case in lists that leave the house.

    >>> number_abroad("K7Q2M9TAWX", number="20261124-004711", external=None)
    'K7Q2M9TAWX:20261124-004711'
    """
    return external or f"{installation}{_SIGN}{number}"


def number_at_home(installation: str, abroad: str) -> str | None:
    """The number of a case that was born here, from the one it has abroad; nothing for all others."""
    house, _sign, number = abroad.partition(_SIGN)
    return number if house == installation and number else None
