"""Notices as a reader gets them: in the language of the request, with the page they lead to."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from web.i18n import tell


def told(row: dict[str, Any]) -> dict[str, Any]:
    """A notice with its sentence in the reader's language and ``link``, a path of this site or nothing."""
    return {**row, "message": tell(row["message"]), "link": _link(row)}


def _link(row: dict[str, Any]) -> str | None:
    place = {"community": row["community"]}
    match row["leads_to"]:
        case "plan":
            return f"/redraw?{urlencode(place | {'plan': row['plan']})}"
        case "handover":
            return f"/redraw/plans/{row['plan']}/handover?{urlencode(place)}"
        case "case":
            return f"/cases/{row['case']}?{urlencode(place)}"
        case "queue":
            return f"/cases/queue?{urlencode(place)}"
        case "history":
            return f"/history?{urlencode(place)}"
    return None
