// Words for codes of the server, each written once.

import { _ } from "./i18n.js";
import { page } from "./page.js";

export const SEVERITIES = {
  small: () => _("小事"),
  big: () => _("大事"),
  hard: () => _("难事"),
  emergency: () => _("紧急"),
};
const LEVELS = {
  micro_grid: () => _("微网格"),
  grid: () => _("网格"),
  compound: () => _("小区"),
  sub_area: () => _("片区"),
  community: () => _("社区"),
  subdistrict: () => _("街道"),
};
const LOADS = { low: () => _("偏少"), ok: () => _("适中"), high: () => _("偏多"), over: () => _("超过上限") };
const DUTIES = {
  grid_member: () => _("网格员"),
  grid_leader: () => _("网格长"),
  grid_supervisor: () => _("网管员"),
  community_police: () => _("社区民警"),
  party_cadre: () => _("党员干部"),
  building_steward: () => _("楼栋管家"),
  specialist: () => _("专员"),
};
const CONSENTS = {
  granted: () => _("已登记"),
  registered: () => _("已登记"),
  not_registered: () => _("未登记"),
  refused: () => _("不同意登记"),
  withdrawn: () => _("已撤回同意"),
  statutory_duty: () => _("依法登记"),
};
const RESIDENCE = {
  registered_here: () => _("户籍在册且常住"),
  resident: () => _("常住,户籍在外"),
  floating: () => _("流动(半年以下)"),
  absent: () => _("人户分离"),
};
const VISITORS = {
  worker: () => _("在岗人员"),
  volunteer: () => _("志愿者"),
  organisation: () => _("社会组织"),
};
const KINDS = {
  household: () => _("住户"),
  building: () => _("楼栋"),
  compound: () => _("小区"),
  case: () => _("案件"),
};
const STATIONS = {
  home_care_station: () => _("居家养老服务站"),
  service_station: () => _("党员服务站"),
  service_center: () => _("党群服务中心"),
  red_post: () => _("红色驿站"),
  volunteer_point: () => _("义工服务点"),
};
export const SOURCES = {
  patrol: () => _("网格员巡查"),
  resident: () => _("居民上报"),
  property: () => _("物业上报"),
  web: () => _("网页上报"),
  hotline: () => _("服务热线"),
  12345: () => _("12345 热线"),
  petition: () => _("网络问政"),
  local_online: () => _("鼎鼎有民"),
  wechat: () => _("微信群"),
  open311: () => _("Open311 接口"),
  import: () => _("资料导入"),
};
const REASONS = { no_station: () => _("步行范围内没有服务站"), no_member: () => _("所在网格没有网格员") };

/** The word of a code from a table of them; a code without a word is told as it is. */
export function wordOf(table) {
  return (code) => (Object.hasOwn(table, code) ? table[code]() : code || "—");
}

export const severityWord = wordOf(SEVERITIES);

/** Whether the community uses a level of areas. */
export function usesLevel(level) {
  return !page.levels || Object.hasOwn(page.levels, level);
}

/** What a level is called here; the page brings the community's own words. */
export function levelWord(level) {
  return (page.levels || {})[level] || wordOf(LEVELS)(level);
}
export const loadWord = wordOf(LOADS);
export const dutyWord = wordOf(DUTIES);
export const consentWord = wordOf(CONSENTS);
export const residenceWord = wordOf(RESIDENCE);
export const visitorWord = wordOf(VISITORS);
export const kindWord = wordOf(KINDS);
export const stationWord = wordOf(STATIONS);
export const sourceWord = wordOf(SOURCES);
export const reasonWord = wordOf(REASONS);

/** Who did something; whoever works at the machine itself, without an account, has a word of its own. */
export function authorOf(name) {
  return name === "local" ? _("本机") : name;
}
