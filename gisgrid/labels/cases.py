"""Cases: their states and steps, how they come and end, and within which time."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import N_, Labels, Synonyms

CASE_STATES: Final[Labels] = {
    "reported": N_("已上报"),
    "accepted": N_("已受理"),
    "verifying": N_("核实中"),
    "filed": N_("已立案"),
    "dispatched": N_("已派遣"),
    "receipted": N_("已签收"),
    "handling": N_("处置中"),
    "feedback": N_("待反馈"),
    "checking": N_("核查中"),
    "returned": N_("已回退"),
    "suspended": N_("已挂账"),
    "closed": N_("已结案"),
    "rated": N_("已评价"),
    "rejected": N_("不予立案"),
    "void": N_("已作废"),
}
RECEIPT_STATES: Final[Labels] = {
    "reported": N_("已收到,等待受理"),
    "accepted": N_("已受理,正在安排"),
    "verifying": N_("正在核实情况"),
    "filed": N_("已立案,等待派人"),
    "dispatched": N_("已派人,等待接单"),
    "receipted": N_("已有人接单"),
    "handling": N_("正在处理"),
    "feedback": N_("已处理,等待反馈"),
    "checking": N_("已处理,正在核查"),
    "returned": N_("已退回社区,重新派人"),
    "suspended": N_("暂时搁置,条件具备后继续"),
    "closed": N_("已办结"),
    "rated": N_("已办结,谢谢您的评价"),
    "rejected": N_("没有立案"),
    "void": CASE_STATES["void"],
}
"""States as one tells them to who reported the case."""
CASE_STAGES: Final[Labels] = {
    "new": N_("待受理立案"),
    "given": N_("已派待办"),
    "handling": CASE_STATES["handling"],
    "judged": N_("待反馈核查"),
    "suspended": CASE_STATES["suspended"],
    "ended": RECEIPT_STATES["closed"],
}
"""States gathered to stages, each a colour of the map of cases."""
CASE_STEPS: Final[Labels] = {
    "accept": N_("受理"),
    "verify": N_("送核实"),
    "file": N_("立案"),
    "reject": CASE_STATES["rejected"],
    "claim": N_("认领"),
    "assign": N_("自动派遣"),
    "dispatch": N_("派遣"),
    "receipt": N_("签收"),
    "start": N_("开始处置"),
    "finish": N_("处置完成"),
    "feedback": N_("反馈"),
    "check": N_("送核查"),
    "rework": N_("返工"),
    "close": N_("结案"),
    "rate": N_("评价"),
    "reopen": N_("重新办理"),
    "return": N_("回退"),
    "extend": N_("延期"),
    "suspend": N_("挂账"),
    "resume": N_("恢复办理"),
    "escalate": N_("提级"),
    "supervise": N_("督办"),
    "void": N_("作废"),
    "duplicate": N_("标为重复"),
    "involve": N_("邀请协办"),
    "release": N_("取消协办"),
    "co_receipt": N_("协办签收"),
    "co_sign": N_("协办办结"),
}
ERRAND_STEPS: Final[Labels] = {
    "errand_ask": N_("交单位办理"),
    "errand_receipt": N_("单位签收"),
    "errand_start": N_("单位开始办理"),
    "errand_finish": N_("单位办结"),
    "errand_return": N_("单位退回"),
    "errand_withdraw": N_("收回交办"),
}
TASK_STATES: Final[Labels] = {
    "given": N_("未签收"),
    "receipted": CASE_STATES["receipted"],
    "started": N_("办理中"),
    "late": N_("已超期"),
    "finished": RECEIPT_STATES["closed"],
    "returned": N_("已退回"),
    "withdrawn": N_("已收回"),
}
"""How far an organisation has come with its errand, or a helper with a share of the case."""
OWN_ERRAND_STEPS: Final[Labels] = {
    "errand_receipt": CASE_STEPS["receipt"],
    "errand_start": N_("开始办理"),
    "errand_finish": N_("办结并反馈"),
}
"""Steps with an errand as the organisation that has it reads them."""
CASE_EVENTS: Final[Labels] = {
    "report": N_("上报"),
    "import": N_("导入"),
    **CASE_STEPS,
    "urge": N_("时限提醒"),
    "hand_over": N_("移交"),
    "place": N_("改位置"),
    "place_back": N_("撤回位置"),
    **ERRAND_STEPS,
    "publish": N_("公开说明"),
    "unpublish": N_("撤回公开说明"),
    "redact": N_("隐去文字"),
    "photo": N_("添加照片"),
    "me_too": N_("又有人反映"),
}
"""Everything that leaves a line in the log of a case."""
RECEIPT_EVENTS: Final[Labels] = {**CASE_EVENTS, "report": N_("收到上报")}
"""Lines of the log as one tells them to who reported the case."""
CASE_ORDERS: Final[Labels] = {
    "reported": N_("最新的在前"),
    "oldest": N_("最早的在前"),
    "due": N_("先到期的在前"),
    "severity": N_("从急到缓"),
    "category": N_("按类别"),
    "state": N_("按办理进度"),
    "address": N_("按地址"),
}
SEVERITIES: Final[Labels] = {
    "small": N_("小事"),
    "big": N_("大事"),
    "hard": N_("难事"),
    "emergency": N_("紧急"),
}
SEVERITY_SYNONYMS: Final[Synonyms] = {"emergency": ("急事",)}
NETS: Final[Labels] = {"management": N_("管理网"), "service": N_("服务网")}
SOURCES: Final[Labels] = {
    "patrol": N_("网格员巡查"),
    "resident": N_("居民上报"),
    "property": N_("物业上报"),
    "web": N_("网页上报"),
    "hotline": N_("服务热线"),
    "12345": N_("12345 热线"),
    "petition": N_("网络问政"),
    "local_online": N_("鼎鼎有民"),
    "wechat": N_("微信群"),
    "open311": N_("Open311 接口"),
    "import": N_("资料导入"),
}
SOURCE_SYNONYMS: Final[Synonyms] = {
    "patrol": ("巡查", "网格巡查", "巡查发现"),
    "resident": ("居民", "群众上报"),
    "property": ("物业", "物业公司"),
    "hotline": ("热线", "服务热线电话", "社区热线"),
    "12345": ("12345政府服务热线", "12345政务服务便民热线", "12345市民热线", "12345平台"),
    "petition": ("网络问政平台", "问政", "网络问政平台服务"),
    "wechat": ("微信",),
}
FEEDBACK_CHANNELS: Final[Labels] = {
    "on_spot": N_("当面告知"),
    "phone": N_("电话"),
    "wechat": N_("微信"),
    "message": N_("短信"),
    "letter": N_("书面"),
    "page": N_("网页"),
    "anonymous": N_("匿名,无法反馈"),
    "imported": N_("来源系统已反馈"),
    "earlier": N_("早先结案,未记录"),
}
SUPERVISION: Final[Labels] = {"timeout": N_("超期"), "leader": N_("领导交办"), "important": N_("重要事项")}
RESOLUTIONS: Final[Labels] = {
    "on_spot": N_("当场办结"),
    "handled": N_("处置后办结"),
    "duplicate": N_("与其他案件重复"),
}
PHOTO_KINDS: Final[Labels] = {"report": N_("上报照片"), "before": N_("处置前"), "after": N_("处置后")}
HOOK_EVENTS: Final[Labels] = {
    "reported": N_("新案件"),
    "escalated": N_("案件升级"),
    "supervised": N_("案件督办"),
    "closed": N_("案件办结"),
    "test": N_("测试消息"),
}
HOTLINE_CLASSES: Final[Labels] = {
    "emergency": N_("危及生命财产安全"),
    "supply": N_("水电气热"),
    "general": N_("一般诉求"),
    "complex": N_("疑难诉求"),
}
HOTLINE_SYNONYMS: Final[Synonyms] = {
    "emergency": ("特急", "危急", "紧急", "危及生命财产", "紧急诉求", "紧急(危及生命财产安全)"),
    "supply": ("水电气暖", "水,电,气,热", "供水供电供气供热", "utilities"),
    "general": ("一般", "普通"),
    "complex": ("疑难", "复杂", "疑难复杂", "复杂疑难", "复杂诉求"),
}
WARNING_LEVELS: Final[Labels] = {
    "owner": N_("提醒责任人"),
    "community": N_("告知社区"),
    "subdistrict": N_("上报街道"),
}
LIMIT_UNITS: Final[Labels] = {
    "minute": N_("分钟"),
    "continuous_hour": N_("小时(紧急工作时,昼夜都算)"),
    "work_hour": N_("工作时(只算上班时间)"),
    "work_day": N_("工作日"),
    "clock": N_("天后的钟点"),
}
"""What a limit is counted in, with what a form offers beside: minutes, and a clock some days later."""
HOLIDAYS: Final[Labels] = {"china": N_("国家放假与调休"), "none": N_("只有周末休息")}
