"""Texts that tell less than what is known: with stars, or cut where a form of file ends.

Lists give them to whom not all is shown, and files come back.
"""

from __future__ import annotations

from typing import Any, Final

STAR: Final = "*"
_LEAST_CUT: Final = 240
"""Bytes: no form of file cuts shorter texts (a shapefile holds 254)."""


def tells_less(known: Any, given: Any) -> bool:
    """Whether a text is only what somebody else sees of a known one: it must not take its place.

    >>> tells_less("示例甲", "示**"), tells_less("示例甲", "示例乙"), tells_less("abc", "ab")
    (True, False, False)
    """
    if not isinstance(known, str) or not isinstance(given, str) or known == given:
        return False
    return _is_masked(known, given) or _is_cut(known, given)


def _is_masked(known: str, given: str) -> bool:
    if STAR not in given or len(known) != len(given):
        return False
    return all(sign in (STAR, letter) for letter, sign in zip(known, given, strict=True))


def _is_cut(known: str, given: str) -> bool:
    return known.startswith(given) and len(given.encode()) >= _LEAST_CUT
