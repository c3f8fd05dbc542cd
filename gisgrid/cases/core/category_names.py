"""Names of categories in one spelling, and codes made of them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_CODE_LIMIT: Final = 36


def spelt(name: str) -> str:
    """A category's name without case, width and blanks, in which two spellings are compared."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip().casefold()


def free_code(name: str, taken: set[str]) -> str:
    """A code of at most 36 signs made of a name, which none of the others has."""
    plain = re.sub(r"[^\w]+", "-", unicodedata.normalize("NFKC", name).lower()).strip("-")[:_CODE_LIMIT]
    base, code, count = plain or "category", plain or "category", 1
    while code in taken:
        count += 1
        code = f"{base[: _CODE_LIMIT - len(str(count)) - 1]}-{count}"
    return code
