"""The phones that hold a territory: which there are, and stopping one that was lost."""

from __future__ import annotations

from datetime import datetime

from flask import flash, redirect, request
from werkzeug.wrappers import Response

from gisgrid.access.actions import Action
from gisgrid.labels.table import N_
from gisgrid.offline.devices import DeviceRow, list_devices, stop_device
from web.answers import audited_view, writing_view
from web.blueprints import Pages
from web.context import now
from web.frame import page_request, show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.security.gate import Open

device_pages = Pages("devices", __name__)


@device_pages.get(
    "/devices",
    right=Open.SIGNED_IN,
    entries=(Entry(Group.SETTINGS, 4, "devices", N_("手机与离线数据"), needs=Action.DEVICES_STOP),),
)
def listing() -> str:
    """The own phones, and those of members in the account's grids or community."""
    with audited_view(page_request()) as view:
        rows = list_devices(view, now=now())
    return show("offline/devices.html", view, rows=[_shown(row) for row in rows])


def _shown(row: DeviceRow) -> dict[str, object]:
    """A phone with its moments as the page writes them."""
    at = {name: row[name] for name in ("seen_at", "until", "deleted_by", "purged_at")}
    return {**row, **{name: datetime.fromisoformat(str(text)) for name, text in at.items() if text}}


@device_pages.post("/devices/<device_id>/stop", right=Open.SIGNED_IN)
def stop(device_id: str) -> Response:
    """Stop a phone, with a reason."""
    with writing_view(page_request()) as view:
        stop_device(view, device_id, request.form.get("reason", ""), now=now())
    flash(_("这台手机已停用,下次联网时会删除离线数据。"), "good")
    return redirect("/devices", 303)
