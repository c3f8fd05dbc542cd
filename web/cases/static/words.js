// Words of the workflow of cases, each written once.

import { _ } from "../../static/js/i18n.js";
import { levelWord, wordOf } from "../../static/js/words.js";

export const STATES = {
  reported: () => _("已上报"),
  accepted: () => _("已受理"),
  verifying: () => _("核实中"),
  filed: () => _("已立案"),
  dispatched: () => _("已派遣"),
  receipted: () => _("已签收"),
  handling: () => _("处置中"),
  feedback: () => _("待反馈"),
  checking: () => _("核查中"),
  returned: () => _("已回退"),
  suspended: () => _("已挂账"),
  closed: () => _("已结案"),
  rated: () => _("已评价"),
  rejected: () => _("不予立案"),
  void: () => _("已作废"),
};
export const STEPS = {
  report: () => _("上报"),
  import: () => _("导入"),
  accept: () => _("受理"),
  verify: () => _("送核实"),
  file: () => _("立案"),
  reject: () => _("不予立案"),
  claim: () => _("认领"),
  assign: () => _("自动派遣"),
  dispatch: () => _("派遣"),
  receipt: () => _("签收"),
  start: () => _("开始处置"),
  finish: () => _("处置完成"),
  feedback: () => _("反馈"),
  check: () => _("送核查"),
  rework: () => _("返工"),
  close: () => _("结案"),
  rate: () => _("评价"),
  reopen: () => _("重新办理"),
  return: () => _("回退"),
  extend: () => _("延期"),
  suspend: () => _("挂账"),
  resume: () => _("恢复办理"),
  escalate: () => _("提级"),
  supervise: () => _("督办"),
  void: () => _("作废"),
  duplicate: () => _("标为重复"),
  involve: () => _("邀请协办"),
  release: () => _("取消协办"),
  co_receipt: () => _("协办签收"),
  co_sign: () => _("协办办结"),
  urge: () => _("时限提醒"),
  hand_over: () => _("移交"),
  place: () => _("改位置"),
  place_back: () => _("撤回位置"),
  errand_ask: () => _("交单位办理"),
  errand_receipt: () => _("单位签收"),
  errand_start: () => _("单位开始办理"),
  errand_finish: () => _("单位办结"),
  errand_return: () => _("单位退回"),
  errand_withdraw: () => _("收回交办"),
  publish: () => _("公开说明"),
  unpublish: () => _("撤回公开说明"),
  redact: () => _("隐去文字"),
  photo: () => _("添加照片"),
  me_too: () => _("又有人反映"),
};
const CHANNELS = {
  on_spot: () => _("当面告知"),
  phone: () => _("电话"),
  wechat: () => _("微信"),
  message: () => _("短信"),
  letter: () => _("书面"),
  page: () => _("网页"),
  anonymous: () => _("匿名,无法反馈"),
  imported: () => _("来源系统已反馈"),
  earlier: () => _("早先结案,未记录"),
};
export const KINDS = {
  timeout: () => _("超期"),
  leader: () => _("领导交办"),
  important: () => _("重要事项"),
};
const ROUTES = Object.fromEntries(
  ["grid", "community", "subdistrict"].map((level) => [level, () => levelWord(level)]),
);
const RESOLUTIONS = {
  on_spot: () => _("当场办结"),
  handled: () => _("处置后办结"),
  duplicate: () => _("与其他案件重复"),
};
const ENDED = ["closed", "rated", "rejected", "void"];

export const stateWord = wordOf(STATES);
export const stepWord = wordOf(STEPS);
export const channelWord = wordOf(CHANNELS);
export const kindWord = wordOf(KINDS);
export const routeWord = wordOf(ROUTES);
export const resolutionWord = wordOf(RESOLUTIONS);

/** Whether a case has come to its end. */
export function hasEnded(state) {
  return ENDED.includes(state);
}
