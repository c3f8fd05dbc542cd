"""Cases: their states and steps, how they come and end, and within which time."""

from __future__ import annotations

from typing import Final

from gisgrid.labels.table import Labels, Synonyms
from gisgrid.labels.table import mark as _

CASE_STATES: Final[Labels] = {
    "reported": _("已上报"),
    "accepted": _("已受理"),
    "verifying": _("核实中"),
    "filed": _("已立案"),
    "dispatched": _("已派遣"),
    "receipted": _("已签收"),
    "handling": _("处置中"),
    "feedback": _("待反馈"),
    "checking": _("核查中"),
    "returned": _("已回退"),
    "suspended": _("已挂账"),
    "closed": _("已结案"),
    "rated": _("已评价"),
    "rejected": _("不予立案"),
    "void": _("已作废"),
}
RECEIPT_STATES: Final[Labels] = {
    "reported": _("已收到,等待受理"),
    "accepted": _("已受理,正在安排"),
    "verifying": _("正在核实情况"),
    "filed": _("已立案,等待派人"),
    "dispatched": _("已派人,等待接单"),
    "receipted": _("已有人接单"),
    "handling": _("正在处理"),
    "feedback": _("已处理,等待反馈"),
    "checking": _("已处理,正在核查"),
    "returned": _("已退回社区,重新派人"),
    "suspended": _("暂时搁置,条件具备后继续"),
    "closed": _("已办结"),
    "rated": _("已办结,谢谢您的评价"),
    "rejected": _("没有立案"),
    "void": CASE_STATES["void"],
}
"""States as one tells them to who reported the case."""
CASE_STAGES: Final[Labels] = {
    "new": _("待受理立案"),
    "given": _("已派待办"),
    "handling": CASE_STATES["handling"],
    "judged": _("待反馈核查"),
    "suspended": CASE_STATES["suspended"],
    "ended": RECEIPT_STATES["closed"],
}
"""States gathered to stages, each a colour of the map of cases."""
CASE_STEPS: Final[Labels] = {
    "accept": _("受理"),
    "verify": _("送核实"),
    "file": _("立案"),
    "reject": CASE_STATES["rejected"],
    "claim": _("认领"),
    "assign": _("自动派遣"),
    "dispatch": _("派遣"),
    "receipt": _("签收"),
    "start": _("开始处置"),
    "finish": _("处置完成"),
    "feedback": _("反馈"),
    "check": _("送核查"),
    "rework": _("返工"),
    "close": _("结案"),
    "rate": _("评价"),
    "reopen": _("重新办理"),
    "return": _("回退"),
    "extend": _("延期"),
    "suspend": _("挂账"),
    "resume": _("恢复办理"),
    "escalate": _("提级"),
    "supervise": _("督办"),
    "void": _("作废"),
    "duplicate": _("标为重复"),
    "involve": _("邀请协办"),
    "release": _("取消协办"),
    "co_receipt": _("协办签收"),
    "co_sign": _("协办办结"),
}
ERRAND_STEPS: Final[Labels] = {
    "errand_ask": _("交单位办理"),
    "errand_receipt": _("单位签收"),
    "errand_start": _("单位开始办理"),
    "errand_finish": _("单位办结"),
    "errand_return": _("单位退回"),
    "errand_withdraw": _("收回交办"),
}
TASK_STATES: Final[Labels] = {
    "given": _("未签收"),
    "receipted": CASE_STATES["receipted"],
    "started": _("办理中"),
    "late": _("已超期"),
    "finished": RECEIPT_STATES["closed"],
    "returned": _("已退回"),
    "withdrawn": _("已收回"),
}
"""How far an organisation has come with its errand, or a helper with a share of the case."""
OWN_ERRAND_STEPS: Final[Labels] = {
    "errand_receipt": CASE_STEPS["receipt"],
    "errand_start": _("开始办理"),
    "errand_finish": _("办结并反馈"),
}
"""Steps with an errand as the organisation that has it reads them."""
CASE_EVENTS: Final[Labels] = {
    "report": _("上报"),
    "import": _("导入"),
    **CASE_STEPS,
    "urge": _("时限提醒"),
    "hand_over": _("移交"),
    "place": _("改位置"),
    "place_back": _("撤回位置"),
    **ERRAND_STEPS,
    "publish": _("公开说明"),
    "unpublish": _("撤回公开说明"),
    "redact": _("隐去文字"),
    "photo": _("添加照片"),
    "me_too": _("又有人反映"),
}
"""Everything that leaves a line in the log of a case."""
RECEIPT_EVENTS: Final[Labels] = {**CASE_EVENTS, "report": _("收到上报")}
"""Lines of the log as one tells them to who reported the case."""
CASE_ORDERS: Final[Labels] = {
    "reported": _("最新的在前"),
    "oldest": _("最早的在前"),
    "due": _("先到期的在前"),
    "severity": _("从急到缓"),
    "category": _("按类别"),
    "state": _("按办理进度"),
    "address": _("按地址"),
}
SEVERITIES: Final[Labels] = {"small": _("小事"), "big": _("大事"), "hard": _("难事"), "emergency": _("紧急")}
SEVERITY_SYNONYMS: Final[Synonyms] = {"emergency": ("急事",)}
NETS: Final[Labels] = {"management": _("管理网"), "service": _("服务网")}
SOURCES: Final[Labels] = {
    "patrol": _("网格员巡查"),
    "resident": _("居民上报"),
    "property": _("物业上报"),
    "web": _("网页上报"),
    "hotline": _("服务热线"),
    "12345": _("12345 热线"),
    "petition": _("网络问政"),
    "local_online": _("鼎鼎有民"),
    "wechat": _("微信群"),
    "open311": _("Open311 接口"),
    "import": _("资料导入"),
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
    "on_spot": _("当面告知"),
    "phone": _("电话"),
    "wechat": _("微信"),
    "message": _("短信"),
    "letter": _("书面"),
    "page": _("网页"),
    "anonymous": _("匿名,无法反馈"),
    "imported": _("来源系统已反馈"),
    "earlier": _("早先结案,未记录"),
}
SUPERVISION: Final[Labels] = {"timeout": _("超期"), "leader": _("领导交办"), "important": _("重要事项")}
RESOLUTIONS: Final[Labels] = {
    "on_spot": _("当场办结"),
    "handled": _("处置后办结"),
    "duplicate": _("与其他案件重复"),
}
PHOTO_KINDS: Final[Labels] = {"report": _("上报照片"), "before": _("处置前"), "after": _("处置后")}
HOOK_EVENTS: Final[Labels] = {
    "reported": _("新案件"),
    "escalated": _("案件升级"),
    "supervised": _("案件督办"),
    "closed": _("案件办结"),
    "test": _("测试消息"),
}
HOTLINE_CLASSES: Final[Labels] = {
    "emergency": _("危及生命财产安全"),
    "supply": _("水电气热"),
    "general": _("一般诉求"),
    "complex": _("疑难诉求"),
}
HOTLINE_SYNONYMS: Final[Synonyms] = {
    "emergency": ("特急", "危急", "紧急", "危及生命财产", "紧急诉求", "紧急(危及生命财产安全)"),
    "supply": ("水电气暖", "水,电,气,热", "供水供电供气供热", "utilities"),
    "general": ("一般", "普通"),
    "complex": ("疑难", "复杂", "疑难复杂", "复杂疑难", "复杂诉求"),
}
WARNING_LEVELS: Final[Labels] = {
    "owner": _("提醒责任人"),
    "community": _("告知社区"),
    "subdistrict": _("上报街道"),
}
LIMIT_UNITS: Final[Labels] = {
    "minute": _("分钟"),
    "continuous_hour": _("小时(紧急工作时,昼夜都算)"),
    "work_hour": _("工作时(只算上班时间)"),
    "work_day": _("工作日"),
    "clock": _("天后的钟点"),
}
"""What a limit is counted in, with what a form offers beside: minutes, and a clock some days later."""
HOLIDAYS: Final[Labels] = {"china": _("国家放假与调休"), "none": _("只有周末休息")}
