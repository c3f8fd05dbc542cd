"""Words for consent, asking households, erasures and the audit trail, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

from gisgrid.access.models import Role
from gisgrid.cases.core.case_state import Net
from gisgrid.cases.core.rules import CaseAction, Severity
from gisgrid.people.core.erasure_rules import ErasureState
from gisgrid.people.core.purposes import Purpose
from gisgrid.people.core.request_rules import Mediator, RequestOutcome, RequestState
from gisgrid.people.core.rules import ConsentStatus
from web.i18n import gettext as _
from web.words.accounts import net_name, role_name, severity_name
from web.words.cases import step_name
from web.words.levels import level_field


def purpose_name(purpose: Purpose) -> str:
    """A purpose."""
    names = {
        Purpose.REGISTRATION: _("住户信息登记"),
        Purpose.CONTACT: _("电话联系与通知"),
        Purpose.ELDER_VISITS: _("老人探访"),
        Purpose.SENSITIVE_NEEDS: _("照护与救助需要"),
        Purpose.CONTRACTED_SERVICES: _("签约服务告知"),
    }
    return names[purpose]


def answer_name(status: ConsentStatus | None) -> str:
    """What a household has answered to a purpose."""
    names = {
        ConsentStatus.GRANTED: _("已同意"),
        ConsentStatus.REFUSED: _("不同意"),
        ConsentStatus.WITHDRAWN: _("已撤回同意"),
        ConsentStatus.STATUTORY_DUTY: _("依法登记"),
    }
    return names[status] if status else _("还没有问过")


def request_name(state: RequestState) -> str:
    """Where the asking of a household stands."""
    names = {
        RequestState.OPEN: _("待回访"),
        RequestState.MEDIATING: _("协调中"),
        RequestState.COOLING: _("暂不打扰"),
        RequestState.GRANTED: _("已同意"),
        RequestState.ENDED: _("不再询问"),
    }
    return names[state]


def outcome_name(outcome: RequestOutcome) -> str:
    """What came of a visit."""
    names = {
        RequestOutcome.NOT_MET: _("没见到人"),
        RequestOutcome.UNDECIDED: _("还没想好"),
        RequestOutcome.MEDIATION: _("请人协调"),
        RequestOutcome.REFUSED: _("不同意"),
        RequestOutcome.WITHDRAWN: _("撤回同意"),
        RequestOutcome.GRANTED: _("同意"),
    }
    return names[outcome]


def mediator_name(kind: Mediator) -> str:
    """Who speaks with a household besides the member."""
    names = {
        Mediator.NEIGHBOUR: _("邻居"),
        Mediator.RELATIVE: _("亲属"),
        Mediator.BUILDING_STEWARD: _("楼栋管家"),
        Mediator.PARTY_MEMBER: _("党员骨干"),
        Mediator.COMMITTEE: _("社区居委会"),
        Mediator.PROPERTY: _("物业公司"),
        Mediator.POLICE: _("社区民警"),
    }
    return names[kind]


def erasure_name(state: ErasureState) -> str:
    """Where a request to be erased stands."""
    names = {
        ErasureState.ASKED: _("待办理"),
        ErasureState.DONE: _("已删除"),
        ErasureState.TAKEN_BACK: _("申请人已撤回"),
        ErasureState.DECLINED: _("未同意"),
    }
    return names[state]


def action_name(action: str) -> str:
    """What an entry of the audit trail tells; its code where it has no words of its own."""
    names = {
        "account:create": _("新建账号"),
        "account:disable": _("停用账号"),
        "account:enable": _("恢复账号"),
        "account:instruct": _("改批示权"),
        "account:password": _("修改密码"),
        "account:pin": _("设置 PIN"),
        "account:pin_drop": _("停用 PIN"),
        "account:organisation": _("改单位名称"),
        "account:role": _("改变角色"),
        "account:scope": _("改变人员与范围"),
        "area:create": _("新建区域"),
        "areas:import": _("导入网格边界"),
        "audit:view": _("查看操作记录"),
        "buildings:view": _("查看楼栋"),
        "calendar:change": _("修改例外日"),
        "cases:errand_ask": _("交单位办理案件"),
        "cases:errand_finish": _("单位办结"),
        "cases:errand_receipt": _("单位签收"),
        "cases:errand_return": _("单位退回"),
        "cases:errand_start": _("单位开始办理"),
        "cases:errand_withdraw": _("收回交办"),
        "cases:queue": _("查看本单位待办"),
        "cases:hand_over": _("移交案件"),
        "cases:import": _("导入案件"),
        "cases:list": _("列出案件"),
        "cases:place": _("改案件位置"),
        "cases:place_back": _("撤回案件位置"),
        "cases:pool": _("查看可认领的案件"),
        "cases:publish": _("公开案件说明"),
        "cases:redact": _("隐去案件文字"),
        "cases:me_too": _("反映同一问题"),
        "cases:photo": _("添加案件照片"),
        "cases:photo_view": _("打开案件照片"),
        "cases:report": _("上报案件"),
        "cases:unpublish": _("撤回公开说明"),
        "cases:urge": _("时限提醒"),
        "cases:view": _("查看案件"),
        "categories:create": _("导入时新建案件类别"),
        "category:change": _("修改案件类别"),
        "category:create": _("新建案件类别"),
        "cells:make": _("生成地块"),
        "consent:record": _("记录同意情况"),
        "consent:view": _("查看同意情况"),
        "consent:write": _("修改征求同意的文字"),
        "contracts:end": _("结束服务合同"),
        "contracts:list": _("单位查看签约服务的人"),
        "contracts:make": _("签订服务合同"),
        "database:backup": _("备份数据库"),
        "database:copy": _("复制数据库"),
        "database:restore": _("恢复数据库"),
        "demo:load": _("装入示例数据"),
        "disputes:agree": _("达成调解协议"),
        "disputes:ask": _("请调解员"),
        "disputes:close": _("了结纠纷"),
        "disputes:fail": _("调解未成"),
        "disputes:grade": _("修改纠纷级别"),
        "disputes:grades": _("修改纠纷级别与回访日"),
        "disputes:list": _("列出纠纷"),
        "disputes:meet": _("记录调解"),
        "disputes:merge": _("合并纠纷线索"),
        "disputes:note": _("补充纠纷情况"),
        "disputes:resume": _("重新调解"),
        "disputes:sort": _("整理纠纷线索"),
        "disputes:view": _("查看纠纷"),
        "disputes:visit": _("回访纠纷"),
        "division:publish": _("发布网格划分"),
        "duty:begin": _("安排职责"),
        "duty:end": _("结束职责"),
        "erasure:ask": _("申请删除资料"),
        "erasure:carry_out": _("删除资料"),
        "erasure:decline": _("未同意删除"),
        "erasure:list": _("列出删除申请"),
        "erasure:replay": _("恢复备份后再次删除"),
        "erasure:take_back": _("撤回删除申请"),
        "export:areas": _("导出网格边界"),
        "export:buildings": _("导出楼栋"),
        "export:cases": _("导出案件"),
        "organisations:view": _("查看单位月报"),
        "appraisals:list": _("查看月度考核"),
        "appraisals:mark": _("外部评分"),
        "appraisals:appeal": _("对考核提出申诉"),
        "appraisals:answer": _("答复考核申诉"),
        "appraisals:share": _("修改外部评分的权重"),
        "evaluations:list": _("列出评估样本"),
        "evaluations:view": _("查看评估样本"),
        "evaluations:draw": _("抽取评估样本"),
        "evaluations:check": _("现场核查打分"),
        "evaluations:correct": _("更正核查打分"),
        "export:appraisals": _("导出月度考核"),
        "export:indicators": _("导出案件指标"),
        "export:indicators-pivot": _("导出条块对照"),
        "report:indicators": _("打印案件指标"),
        "report:elderly": _("打印老人服务覆盖"),
        "report:hotspots": _("打印案件热点"),
        "report:renovation": _("打印老旧小区改造"),
        "report:territories": _("打印网格员责任区"),
        "export:cells": _("导出地块"),
        "export:completeness": _("导出资料完整度"),
        "export:coverage-elderly": _("导出老人服务覆盖"),
        "export:elderly": _("导出老人服务覆盖"),
        "export:facilities": _("导出服务设施"),
        "export:organisations": _("导出单位月报"),
        "export:handover": _("导出移交单"),
        "export:hotspots": _("导出案件热点"),
        "export:households": _("导出住户地址"),
        "export:members": _("导出在岗人员"),
        "export:renovation": _("导出老旧小区改造"),
        "export:residents": _("导出居民名册"),
        "export:revisions": _("导出网格沿革"),
        "export:streets": _("导出道路"),
        "export:territories": _("导出网格员责任区"),
        "export:uncovered": _("导出未覆盖的老人住户"),
        "facilities:import": _("导入服务设施"),
        "handover:view": _("查看移交单"),
        "households:find": _("查找地址"),
        "households:import": _("导入住户"),
        "households:list": _("列出待补资料的住户"),
        "households:place": _("改住户位置"),
        "households:place_back": _("撤回住户位置"),
        "households:verify": _("核实住户"),
        "households:view": _("查看住户地址"),
        "imports:undo": _("撤销导入"),
        "keys:forget": _("删除旧密钥"),
        "keys:turn": _("更换密钥"),
        "login": _("登录"),
        "login:end_all": _("退出所有设备"),
        "login:end_others": _("退出所有其他登录"),
        "login:lock": _("连续输错密码,已锁定"),
        "login:pin": _("用 PIN 继续"),
        "login:pin_end": _("PIN 连续输错,已退出"),
        "mediators:drop": _("移出调解员"),
        "mediators:keep": _("登记调解员"),
        "members:import": _("导入在岗人员"),
        "levels:change": _("修改层级"),
        "limits:change": _("修改办理时限"),
        "norm:change": _("修改网格标准"),
        "persons:list": _("列出住户成员"),
        "persons:search": _("按姓名查找"),
        "persons:view": _("查看住户成员"),
        "persons:view_masked": _("查看住户成员(姓名已隐去)"),
        "persons:view_names": _("查看住户成员的姓名"),
        "places:import": _("导入楼栋、道路"),
        "plan:approve": _("批准划分方案"),
        "plan:create": _("新建划分方案"),
        "plan:discard": _("放弃划分方案"),
        "plan:publish": _("发布划分方案"),
        "plan:recall": _("收回划分方案"),
        "plan:return": _("退回划分方案"),
        "plan:submit": _("提交划分方案"),
        "plan:take_in": _("接收整格"),
        "plan:withdraw": _("撤回已发布的方案"),
        "requests:granted": _("上门登记:同意"),
        "requests:list": _("列出上门登记"),
        "requests:mediation": _("上门登记:请人协调"),
        "requests:not_met": _("上门登记:没见到人"),
        "requests:refused": _("上门登记:不同意"),
        "requests:undecided": _("上门登记:还没想好"),
        "residents:import": _("导入住户成员"),
        "token:create": _("新建令牌"),
        "token:revoke": _("停用令牌"),
        "visitors:assign": _("指定探访人"),
        "visitors:end": _("取消探访人"),
        "visitors:hand_over": _("移交探访"),
        "visitors:view": _("查看探访人"),
        "webhook:create": _("新增推送地址"),
        "webhook:stop": _("停用推送地址"),
        "backgrounds:add": _("添加背景图"),
        "backgrounds:publish": _("公开或收回背景图"),
        "backgrounds:remove": _("移除背景图"),
        "backgrounds:restore": _("恢复背景图"),
        "webhook:try": _("发送测试消息"),
        "worker:change": _("修改工作人员"),
        "worker:create": _("新建工作人员"),
        "worker:skills": _("修改技能"),
    }
    subject, _colon, step = action.partition(":")
    if subject == "cases" and step in set(CaseAction):
        return _("案件:{step}").format(step=step_name(CaseAction(step)))
    return names.get(action, action)


def told_changes(change: Mapping[str, Sequence[Any]]) -> list[str]:
    """What a setting was and is, field by field: ``角色:网格员 → 网管员``. Ids are told by how many."""
    return [
        _("{field}:{before} → {after}").format(
            field=data_name(field), before=_value(field, values[0]), after=_value(field, values[1])
        )
        for field, values in change.items()
        if field not in {"worker", "kind"}
    ]


def _value(field: str, value: Any) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, list):
        return _("{n} 个").format(n=len(value))
    word = _WORDS.get(field)
    return word[1](value) if word and value in set(word[0]) else str(value)


_WORDS: Final[Mapping[str, tuple[type[StrEnum], Callable[[Any], str]]]] = {
    "net": (Net, net_name),
    "role": (Role, role_name),
    "severity": (Severity, severity_name),
}


def kind_name(kind: str) -> str:
    """The kind of thing an entry is about."""
    names = {
        "account": _("账号"),
        "api_token": _("令牌"),
        "area": _("区域"),
        "audit_entry": _("操作记录"),
        "building": _("楼栋"),
        "case": _("案件"),
        "category": _("案件类别"),
        "cell": _("地块"),
        "consent_text": _("同意文字"),
        "database": _("数据库"),
        "household": _("住户"),
        "key": _("密钥"),
        "layer": _("资料"),
        "plan": _("划分方案"),
        "resident": _("住户成员"),
        "table": _("表格"),
        "webhook": _("推送地址"),
        "worker": _("工作人员"),
    }
    return names.get(kind, kind)


def data_name(field: str) -> str:
    """The name of a field, as the audit trail has it."""
    names = {
        "areas": _("范围"),
        "accuracy_m": _("定位精度"),
        "birth_date": _("出生日期"),
        "birth_year": _("出生年份"),
        "code": _("编号"),
        "consent": _("同意情况"),
        "consent.contact": _("同意:电话联系与通知"),
        "consent.elder_visits": _("同意:老人探访"),
        "consent.registration": _("同意:住户信息登记"),
        "consent.sensitive_needs": _("同意:照护与救助需要"),
        "consent.contracted_services": _("同意:签约服务告知"),
        "education": _("学历"),
        "external_key": _("外部编号"),
        "from": _("开始"),
        "group": _("大类"),
        "high_to": _("可接受的最多户数"),
        "is_closed": _("停用"),
        "is_confidential": _("保密"),
        "mediator": _("协调人"),
        "mediator_kind": _("协调人身份"),
        "line_code": _("条线编码"),
        "line_name": _("条线部门"),
        "claim_minutes": _("认领时间"),
        "levels.community": _("告知社区"),
        "levels.owner": _("提醒责任人"),
        "levels.subdistrict": _("上报街道"),
        "micro_from": _("最少微网格"),
        "micro_to": _("最多微网格"),
        "name": _("姓名"),
        "name_en": _("英文名称"),
        "net": _("双网"),
        "may_instruct": _("批示权"),
        "office_phone": _("办公电话"),
        "ok_from": _("最少户数"),
        "ok_to": _("最多户数"),
        "per_member": _("每名网格员户数"),
        "position": _("位置"),
        "public_description": _("公开说明"),
        "reporter_contact": _("反映人电话"),
        "password": _("密码"),
        "phone": _("电话"),
        "pin": _("PIN"),
        "reason": _("事由"),
        "residence_status": _("居住情况"),
        "role": _("角色"),
        "severity": _("轻重"),
        "sex": _("性别"),
        "service": _("服务"),
        "skill": _("需要的技能"),
        "skills": _("技能"),
        "until": _("结束"),
        "visitor": _("探访人"),
        "organisation": _("单位名称"),
        "worker": _("工作人员"),
    }
    return names.get(field) or level_field(field) or field
