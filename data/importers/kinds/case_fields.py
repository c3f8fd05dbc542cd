"""The fields of a file of cases: those of work orders of other systems, and those of a list exported here."""

from __future__ import annotations

from typing import Final

from data.importers.values.field import LON_LAT, NOTE, Field
from gisgrid.labels.cases import HOTLINE_CLASSES, SEVERITIES
from gisgrid.labels.table import accepted

CASES: Final = (
    Field(
        name="source",
        titles=("来源", "来源系统"),
        what="来源系统;不填时按列名认出 12345 工单和网络问政",
        example="12345",
    ),
    Field(
        name="number",
        titles=("编号", "案件编号", "工单号", "工单编号", "诉求编号", "受理编号", "问政编号", "留言编号"),
        what="来源系统里的编号",
        example="A-0001",
    ),
    Field(
        name="external_number",
        titles=("来源编号", "ext_number"),
        what="本系统导出的清单用它认出同一案件;有它时不看编号",
        is_offered=False,
    ),
    Field(
        name="category",
        titles=(
            *("类别", "案件类别", "问题类别", "问题分类", "诉求分类", "诉求类别", "工单分类", "工单类别"),
            *("事项分类", "问政类别", "留言类别"),
        ),
        what="类别名称",
        example="路灯",
    ),
    Field(
        name="severity",
        titles=("轻重", "大小", "级别"),
        what="轻重;不填按类别",
        words=accepted(SEVERITIES),
    ),
    Field(
        name="description",
        titles=(
            *("描述", "问题描述", "内容", "诉求内容", "诉求描述", "工单内容", "问题内容", "问政内容"),
            *("留言内容", "情况说明", "情况", "descript"),
        ),
        what="描述;不要写人名、电话;12345 工单和网络问政里的电话会遮去后再保存",
    ),
    Field(
        name="reported_at",
        titles=(
            "上报时间",
            "受理时间",
            "诉求时间",
            "来电时间",
            "登记时间",
            "问政时间",
            "留言时间",
            "reported",
        ),
        what="上报的时间",
        example="2025-03-01 08:00",
        is_needed=True,
    ),
    Field(
        name="due_at",
        titles=("截止时间", "办理期限", "办理时限", "处理时限", "办结时限", "办结期限", "反馈时限"),
        what="截止时间,或从上报起的时限,如 24小时、7天、5个工作日;不填按热线类别或类别的时限",
    ),
    Field(
        name="hotline_class",
        titles=("热线类别", "热线分级", "诉求等级", "诉求级别", "工单等级", "工单级别", "hot_class"),
        what="12345 或服务热线工单的类别,没有截止时间时按它的时限;别的来源不填",
        words=accepted(HOTLINE_CLASSES),
    ),
    Field(name="closed_at", titles=("结案时间", "办结时间", "完成时间"), what="结案时间"),
    Field(name="state", titles=("状态", "办理状态", "工单状态", "处理状态"), what="上报、处置中或结案"),
    Field(
        name="address",
        titles=(
            *("地址", "地点", "诉求地址", "诉求地点", "事发地址", "事发地点", "问题地址", "发生地址"),
            *("详细地址",),
        ),
        what="地址;没有经纬度时按这里的楼栋定位,找不到的进待核实清单",
        example="幸福苑12幢",
    ),
    Field(
        name="contact",
        titles=(
            *("联系电话", "联系方式", "来电号码", "诉求人电话", "留言人电话", "反映人电话"),
            *("来电人电话", "电话"),
        ),
        what="来电人的电话,加密保存,只有办理的人能看",
    ),
    Field(
        name="result",
        titles=("办理结果", "处理结果", "处置结果"),
        what="办理结果;12345 工单和网络问政里的电话会遮去后再保存",
    ),
    Field(
        name="suspended_at",
        titles=("挂账时间", "suspended"),
        what="本系统导出的清单里挂账案件的挂账时间",
        is_offered=False,
    ),
    Field(name="rating_speed", titles=("速度评分", "rate_speed"), what="本系统导出的评分", is_offered=False),
    Field(name="rating_result", titles=("结果评分", "rate_reslt"), what="本系统导出的评分", is_offered=False),
    Field(name="rated_at", titles=("评价时间", "rated"), what="本系统导出的评价时间", is_offered=False),
    Field(
        name="place_exact",
        titles=("位置精确", "place_ok"),
        what="本系统导出的清单里位置是否精确;不精确的不改动已有案件的位置和地址",
        is_offered=False,
    ),
    Field(
        name="texts_whole",
        titles=("文字完整", "texts_ok"),
        what="本系统导出的清单里描述和办理结果是否完整;不完整的不改动已有案件的文字",
        is_offered=False,
    ),
    *LON_LAT,
    Field(
        name="recorded_area",
        titles=("所属网格", "记录网格", "rec_area"),
        what="来源系统记录的网格;只比较,不用来归属",
    ),
    NOTE,
)
