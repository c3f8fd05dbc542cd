"""What a server does beside answering: every few seconds it brings in what waits, and sends messages."""

from __future__ import annotations

import logging
import threading
from typing import Final

from gisgrid.access.spool import drain
from gisgrid.access.unfinished import is_alone
from gisgrid.cases.webhooks.delivery import send_due
from gisgrid.imports.unfinished import settle_unfinished
from web.context import Services

EVERY_S: Final = 15.0
_log: Final = logging.getLogger("web.background")


def start_sending(site: Services, *, every_s: float = EVERY_S) -> threading.Event:
    """Begin in a thread of its own, which ends with the process or when the event given back is set.

    Every process of a server does so; who sends takes messages first, so each is sent by one of them.
    """
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every_s):
            try:
                drain(site.database)
                if is_alone(site.database.engine):
                    settle_unfinished(site.database, now=site.clock())
                send_due(
                    site.database,
                    clock=site.clock,
                    tz=site.settings.tz,
                    listed=site.settings.listed,
                )
            except Exception as error:  # noqa: BLE001 - a busy database is no reason to stop for good
                _log.warning("sending", extra={"parts": {"error": type(error).__name__}})

    threading.Thread(target=beat, name="gisgrid-sending", daemon=True).start()
    return over
