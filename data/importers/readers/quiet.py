"""GDAL and its relatives without their chatter: no warnings on a terminal, errors as one sentence."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from pyogrio.errors import DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError

from gisgrid.errors import InvalidInput, say

_ERRORS: Final = (
    DataLayerError, DataSourceError, FeatureError, FieldError, GeometryError, ValueError, OSError,
)  # fmt: skip
UNREADABLE: Final = say("the file can't be read; it may be cut off or of another kind")


@contextmanager
def quiet_libraries(source: str, *, fault: str = UNREADABLE) -> Iterator[None]:
    """Silence the libraries within; an error of theirs becomes ``fault``, said of the file ``source``."""
    log = logging.getLogger("pyogrio")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except UnicodeDecodeError:
        raise InvalidInput("the texts are not in the encoding that the file says", file=source) from None
    except _ERRORS:
        raise InvalidInput(fault, file=source) from None
    finally:
        log.setLevel(level)
