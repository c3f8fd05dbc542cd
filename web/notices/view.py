"""Notices as a reader gets them: in the language of the request, with the page they lead to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from web.i18n import tell
from web.words.categories import with_category_words


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A notice with its sentence in the reader's language and ``link``, a path of this site or nothing."""
    return {**row, "message": tell(with_category_words(row["message"])), "link": _link(row)}


def _link(row: dict[str, Any]) -> str | None:
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
    return links.get(row["leads_to"])
