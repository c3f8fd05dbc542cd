"""Words for contracted services, in the reader's language."""

from __future__ import annotations

from gisgrid.people.core.contract_rules import ContractState, HomeService
from web.i18n import gettext as _


def service_name(service: HomeService) -> str:
    """What is done for somebody at home."""
    names = {
        HomeService.MEALS: _("助餐"),
        HomeService.CLEANING: _("助洁"),
        HomeService.BATHING: _("助浴"),
        HomeService.MEDICAL: _("助医"),
        HomeService.COMPANY: _("陪护"),
        HomeService.OTHER: _("其他服务"),
    }
    return names[service]


def standing_name(standing: ContractState) -> str:
    """How a contract stands today."""
    names = {
        ContractState.RUNNING: _("服务中"),
        ContractState.WITHHELD: _("未同意告知,单位看不到"),
        ContractState.COMING: _("还没开始"),
        ContractState.OVER: _("已结束"),
    }
    return names[standing]
