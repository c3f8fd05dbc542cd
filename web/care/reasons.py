"""Why a list of people is to be seen whole, as its pages send it."""

from __future__ import annotations

from typing import Final

from flask import request
from pydantic import BaseModel, Field

from web.i18n import gettext as _
from web.problems import ProblemFault

LONGEST: Final = 200


class SentListReason(BaseModel):
    """Why names are to be seen, in the body so that no address or log holds it."""

    reason: str = Field(min_length=1, max_length=LONGEST)


def reason_of_form() -> tuple[str, list[ProblemFault]]:
    """The reason in a form, or what is wrong with it."""
    reason = request.form.get("reason", "").strip()
    if 0 < len(reason) <= LONGEST:
        return reason, []
    message = _("请写明理由,最多 {n} 个字。").format(n=LONGEST)
    return "", [ProblemFault(message=message, field="reason")]
