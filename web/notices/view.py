"""Notices as a reader gets them: in the language of the request, with the page they lead to."""

from __future__ import annotations

from datetime import datetime
from typing import Generic
from urllib.parse import urlencode

from gisgrid.cases.core.answers import Moment
from gisgrid.cases.inbox import NoticeFacts
from gisgrid.errors import Sentence
from web.i18n import tell
from web.words.categories import with_category_words


class ShownNotice(NoticeFacts[Moment], Generic[Moment]):
    """What the account has been told; `link` leads to it, where it may see it."""

    link: str | None


def shown_notice(row: NoticeFacts[datetime]) -> ShownNotice[datetime]:
    """A notice with its sentence in the reader's language and ``link``, a path of this site or nothing."""
    said = row["message"]
    message = tell(with_category_words(said) if isinstance(said, Sentence) else said)
    return {**row, "message": message, "link": _link(row)}


def _link(row: NoticeFacts[datetime]) -> str | None:
    place = urlencode({"community": row["community"]})
    links = {
        "plan": f"/redraw?{place}&{urlencode({'plan': row['plan']})}",
        "handover": f"/redraw/plans/{row['plan']}/handover?{place}",
        "case": f"/cases/{row['case']}?{place}",
        "cases": f"/cases?{place}",
        "queue": f"/cases/queue?{place}",
        "accounts": "/accounts",
        "history": f"/history?{place}",
    }
    return links.get(row["leads_to"] or "")
