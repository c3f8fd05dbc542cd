"""``gisgrid tick``: what comes by itself when its time has come, where nobody is at work to do it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import click

from gisgrid.access.spool import drain_into
from gisgrid.access.unfinished import is_alone
from gisgrid.areas.communities import visible_communities
from gisgrid.areas.view import Caches, ViewRequest, open_view
from gisgrid.cases.escalation import has_due
from gisgrid.cases.webhooks.delivery import send_due
from gisgrid.imports.unfinished import settle_unfinished
from gisgrid.redraw.due_work import run_due
from gisgrid.settings import Settings
from web.cli.actor import choose_actor, opened
from web.cli.output import json_option, print_result
from web.context import utc_now


@click.command()
@json_option
def tick(*, as_json: bool) -> None:
    """Do what is due in every community.

    Hands over the cases of plans whose day has come, gives out cases nobody has claimed, takes back errands
    of cases that have ended, tells of time limits that run out, and sends messages that wait. Whoever writes
    in a community makes the same happen, and a running server sends; a timer that runs this every few minutes
    does it at night. Twice does nothing more.

    \b
    Example:
      gisgrid tick
    """
    settings, now = Settings(), datetime.now(UTC)
    totals: Counter[str] = Counter()
    with opened(settings) as database:
        if is_alone(database.engine):
            settle_unfinished(database, now=now)
        with database.write() as session:
            drain_into(session)
            actor = choose_actor(session, None, now=now)
            codes = [community.code for community in visible_communities(session, actor, now=now)]
        for code in codes:
            caches, has_more = Caches(), True
            while has_more:
                with database.write() as session:
                    asked = ViewRequest(community=code)
                    view = open_view(session, actor, asked, caches=caches, now=now, tz=settings.tz)
                    counts = run_due(view, now=now)
                    has_more = any(counts.values()) or has_due(session, view.community.id, now=now)
                totals.update(counts)
        while arrived := send_due(database, clock=utc_now, tz=settings.tz, listed=settings.listed):
            totals["messages"] += arrived
    print_result({"communities": len(codes), **totals}, as_json=as_json)
