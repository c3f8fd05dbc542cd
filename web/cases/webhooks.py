"""Addresses that get messages about cases, for administrators: kept, tried, stopped, and how it went."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.cases.core.outbox_models import HookMessage
from gisgrid.cases.webhooks.settings import CHOICES, HookInput, add_hook, list_hooks, stop_hook, try_hook
from gisgrid.errors import InvalidInput
from gisgrid.labels.cases import HOOK_EVENTS
from gisgrid.labels.table import N_
from web.answers import writing_view
from web.blueprints import Pages
from web.context import now, services
from web.frame import open_page, page_request, show
from web.i18n import gettext as _
from web.i18n import label
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

webhooks = Pages("webhooks", __name__)


@webhooks.get(
    "/webhooks",
    right=Action.WEBHOOKS_MANAGE,
    entries=(Entry(Group.ADMINISTRATION, 7, "webhooks", N_("消息推送"), symbol="send"),),
)
def listing() -> str:
    """The addresses of the community."""
    return _show([], {})


@webhooks.post("/webhooks", right=Action.WEBHOOKS_MANAGE)
def create() -> tuple[str, int] | str:
    """Keep an address; the secret of its signature is shown now and never again."""
    asked = page_request()
    typed = {name: request.form.get(name, "") for name in ("label", "url", "site")}
    given = HookInput(**typed, events=request.form.getlist("events"))
    try:
        with writing_view(asked) as view:
            _id, secret = add_hook(view, given, now=now(), listed=services().settings.listed)
    except InvalidInput as error:
        return _show([placed(fault) for fault in error.faults], typed), 422
    return _show([], {}, secret=secret)


@webhooks.post("/webhooks/<hook_id>/try", right=Action.WEBHOOKS_MANAGE)
def test(hook_id: str) -> Response:
    """Send a message without any case."""
    with writing_view(page_request()) as view:
        try_hook(view, hook_id, now=now())
    flash(_("测试消息已进入待发,稍后刷新看结果。"), "good")
    return redirect("/webhooks", 303)


@webhooks.post("/webhooks/<hook_id>/stop", right=Action.WEBHOOKS_MANAGE)
def stop(hook_id: str) -> Response:
    """Send nothing more there, and forget the address."""
    with writing_view(page_request()) as view:
        stop_hook(view, hook_id, now=now())
    flash(_("已停用,地址和密钥已删除。"), "good")
    return redirect("/webhooks", 303)


def _show(faults: list[ProblemFault], typed: dict[str, Any], *, secret: str | None = None) -> str:
    view = open_page()
    return show(
        "cases/webhooks.html",
        view,
        rows=list_hooks(view) if view else [],
        choices=[(event.value, label(HOOK_EVENTS, event)) for event in CHOICES],
        outcome=outcome,
        site=typed.get("site") or request.host_url.rstrip("/"),
        secret=secret,
        faults=faults,
        typed=typed,
    )


def outcome(row: HookMessage) -> str:
    """How a message went."""
    if row.sent_at is not None:
        return _("已送达")
    if row.given_up_at is not None:
        return _("未送达,不再重试({error})").format(error=row.error or "–")
    if row.attempts:
        return _("未送达,将重试({error})").format(error=row.error or "–")
    return _("待发")
