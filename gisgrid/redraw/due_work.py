"""What comes by itself when its time has come: plans in force, unclaimed cases, time limits running out.

No process of ours waits for it: whoever writes next makes it happen, and `gisgrid tick` where nobody does.
"""

from __future__ import annotations

from datetime import datetime

from gisgrid.areas.view import View
from gisgrid.cases.claim_pool import assign_unclaimed
from gisgrid.cases.escalation import escalate_due
from gisgrid.cases.referrals.completion import end_left
from gisgrid.redraw.publication.due import hand_over_due


def run_due(view: View, *, now: datetime) -> dict[str, int]:
    """Do all that is due in a community, in this order; gives how many of each. Twice does nothing more."""
    return {
        "handed_over": hand_over_due(view, now=now),
        "assigned": assign_unclaimed(view, now=now),
        "called_off": end_left(view, now=now),
        "escalated": escalate_due(view, now=now),
    }
