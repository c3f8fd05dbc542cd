"""What an entry of the audit trail, or of the log of a case, says was done."""

from __future__ import annotations

from gisgrid.labels.audit import ACTIONS
from gisgrid.labels.cases import CASE_STEPS
from web.i18n import gettext as _
from web.i18n import label


def action_name(action: str) -> str:
    """What was done, in the reader's language; its code where it has no words of its own."""
    subject, _colon, step = action.partition(":")
    if subject == "cases" and step in CASE_STEPS:
        return _("案件:{step}").format(step=label(CASE_STEPS, step))
    return label(ACTIONS, action) if action in ACTIONS else action
