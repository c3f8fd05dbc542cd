"""How a server is to run: said by ``gisgrid serve`` to the process it becomes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Self

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """The listening socket's descriptor, how many workers, and the files of a certificate, if any."""

    descriptor: int
    workers: int
    cert: str | None = None
    key: str | None = None

    def write(self) -> str:
        """The plan as a text for a command line."""
        return orjson.dumps(asdict(self)).decode()

    @classmethod
    def read(cls, text: str) -> Self:
        """A plan from its text."""
        return cls(**orjson.loads(text))
