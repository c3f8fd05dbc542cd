"""What an account is told whose figures and lists leave confidential cases out, or their exact places."""

from __future__ import annotations

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, may
from gisgrid.areas.view import View
from gisgrid.cases.core.audience import HELPING
from gisgrid.cases.core.precision import is_coarse
from web.i18n import gettext as _


def errands_note() -> str:
    """What every report of organisations says, to whomever: no errand of a confidential case is in it."""
    return _("保密类别的交办不计入。")


def unlisted_note(view: View | None) -> str | None:
    """What an account is told whose lists of cases leave out the confidential ones."""
    if view is not None and view.actor.role in HELPING:
        return _("保密类别的案件不列出。")
    return coarse_note(view)


def coarse_note(view: View | None) -> str | None:
    """What an account is told that sees cases by their surroundings, but for single ones."""
    if view is None or not is_coarse(view):
        return None
    place = _("地点只到微网格和 100 米方格,说明只列已公开的;升级到街道的案件显示确切位置。")
    return place + left_out_of_lists(view.actor)


def left_out_of_lists(actor: Actor) -> str:
    """Which confidential cases the lists of a leader leave out."""
    if may(actor, Action.CASES_INSTRUCT):
        return _("保密类别的案件只列升级到街道的。")
    return _("保密类别的案件不列出。")
