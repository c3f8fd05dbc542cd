"""What organisations of the demo are asked, by category, and what they answer; every text is invented."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

ASKED: Final[Mapping[str, tuple[str, str]]] = {
    "corridor_clutter": ("请清理楼道内堆放的杂物,保持消防通道畅通。", "已上门清理,通道畅通。"),
    "ebike_charging": ("请到场劝阻飞线充电,引导车辆到充电棚充电。", "已收线并劝导,车辆已推至充电棚。"),
    "property_service": ("请按物业服务合同检查整改,并反馈整改情况。", "已整改完毕,现场已复查。"),
    "posters": ("请清除单元门和楼道内的小广告。", "已清除并粉刷。"),
    "lift_fault": ("请联系维保单位排查电梯故障,张贴停用告示。", "维保已修复,试运行正常。"),
    "water_power": ("请配合供水供电单位排查,并告知本单元住户。", "故障已排除,已恢复供应。"),
    "noise": ("请巡查并劝阻噪声扰民,提醒遵守装修时间。", "已劝阻,双方约定了时间。"),
    "litter": ("请组织人员清运垃圾,冲洗地面。", "已清运,地面已冲洗。"),
    "green_care": ("请修剪遮挡的树枝,补种枯死的草坪。", "已修剪,枯死处已补种。"),
}
"""By category, what is asked and what was done."""
RETURNED: Final = "不在本单位服务范围,请另行安排。"
OF_COMPANIES: Final = (
    "corridor_clutter",
    "ebike_charging",
    "property_service",
    "posters",
    "lift_fault",
    "water_power",
    "noise",
)
"""What the property company of a compound is asked about."""
OF_ORGANISATIONS: Final = (("corridor_clutter", "noise"), ("posters", "noise"), ("litter", "green_care"))
"""What each of the social organisations is asked about, anywhere in the community."""
