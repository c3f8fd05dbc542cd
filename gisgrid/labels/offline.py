"""Phones that hold a territory: how one stands."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels

DEVICE_STATES: Final[Labels] = {
    "open": N_("离线可用"),
    "stopped": N_("已停用,尚未联系上"),
    "purged": N_("没有离线数据"),
    "expired": N_("已到期锁定"),
}
