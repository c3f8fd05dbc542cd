"""Words for contracted services, in the reader's language."""

from __future__ import annotations

from gisgrid.people.contracting.rules import Service, Standing
from web.i18n import gettext as _


def service_name(service: Service) -> str:
    """What is done for somebody at home."""
    names = {
        Service.MEALS: _("助餐"),
        Service.CLEANING: _("助洁"),
        Service.BATHING: _("助浴"),
        Service.MEDICAL: _("助医"),
        Service.COMPANY: _("陪护"),
        Service.OTHER: _("其他服务"),
    }
    return names[service]


def standing_name(standing: Standing) -> str:
    """How a contract stands today."""
    names = {
        Standing.RUNNING: _("服务中"),
        Standing.WITHHELD: _("未同意告知,单位看不到"),
        Standing.COMING: _("还没开始"),
        Standing.OVER: _("已结束"),
    }
    return names[standing]
