"""What people are asked to consent to, each purpose with the text that holds until another is written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Purpose(StrEnum):
    """What personal data are kept for; each is consented to separately."""

    REGISTRATION = "registration"
    CONTACT = "contact"
    ELDER_VISITS = "elder_visits"
    SENSITIVE_NEEDS = "sensitive_needs"
    CONTRACTED_SERVICES = "contracted_services"
    VISIT_NOTES = "visit_notes"


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeText:
    """What is asked, in both languages, under a version."""

    version: str
    zh: str
    en: str


FIRST_VERSION: Final = "2025-01"
_SECOND_VERSION: Final = "2026-12"
_THIRD_VERSION: Final = "2026-12-1"
_FOURTH_VERSION: Final = "2026-12-2"

BUILT_IN: Final[dict[Purpose, PurposeText]] = {
    Purpose.REGISTRATION: PurposeText(
        version=_THIRD_VERSION,
        zh=(
            "为掌握本网格常住人口、安排上门服务,登记家庭成员的姓名、性别、出生日期、居住情况。姓名可以不填。"
            "本网格的网格员和网管员能看到全部;社区负责人只看到遮去名字的名单,写明理由才看到全部;本微网格的网格长和本楼的"
            "楼栋管家只看到姓名和住址;没有另外同意,别人都看不到,每次查看都有记录。"
            "可以不同意,不影响办理任何事项;同意后随时可以撤回或要求删除。"
        ),
        en=(
            "To know who lives in this grid and to plan services, we record names, sex, date of birth and "
            "how you live here. The name may be left out. The members and supervisors of this grid see all "
            "of it; the heads of the community see a list with masked names, and all of it after giving a "
            "reason; the leader of this micro grid and the steward of this building see name and address "
            "only. Nobody else sees it unless you agree to that separately, and each look is recorded. You "
            "may refuse without any disadvantage, and withdraw or ask for erasure at any time."
        ),
    ),
    Purpose.CONTACT: PurposeText(
        version=FIRST_VERSION,
        zh="为通知停水停电、活动和紧急情况,登记一个联系电话。不用于推销,不转给其他单位。可以不同意,随时可以撤回。",
        en=(
            "To tell you of cut-offs, activities and emergencies we keep one phone number. It is not used "
            "for advertising nor passed on. You may refuse, and withdraw at any time."
        ),
    ),
    Purpose.ELDER_VISITS: PurposeText(
        version=_FOURTH_VERSION,
        zh=(
            "为安排老人探访,记录是否独居或空巢、由谁探访或服务、从哪天起。只有探访人、本网格的网格员和网管员、社区负责人能看到。"
            "可以不同意,随时可以撤回。"
        ),
        en=(
            "To arrange visits to elders we record whether somebody lives alone or as an old couple, who "
            "visits or serves and since when. Only the visitor, the members and supervisors of this grid and "
            "the heads of the community see it. You may refuse, and withdraw at any time."
        ),
    ),
    Purpose.SENSITIVE_NEEDS: PurposeText(
        version=_FOURTH_VERSION,
        zh=(
            "为申请照护、救助和优待,记录需求种类、等级、由谁服务、从哪天起。例如能力评估等级、残疾等级、享受低保。这些是敏感个人信息,"
            "单独征求同意,每一项都写明依据,只用于所申请的服务。可以不同意,随时可以撤回,撤回后不再统计。"
        ),
        en=(
            "To apply for care, aid and concessions we record the kind of need, its grade, who serves it "
            "and since when: an assessed grade of ability or disability, or the minimum allowance. These are "
            "sensitive: they are consented to separately, each with its legal basis, and used for that "
            "service only. You may refuse, and withdraw at any time; then they are counted no more."
        ),
    ),
    Purpose.CONTRACTED_SERVICES: PurposeText(
        version=FIRST_VERSION,
        zh=(
            "为由签约单位上门服务(助餐、助洁、助浴、助医、陪护等),在服务合同期间把服务对象的姓名和住址告诉该单位。"
            "不告诉电话、年龄和其他情况。可以不同意,随时可以撤回;撤回后该单位马上看不到。"
        ),
        en=(
            "To be served at home by an organisation under contract (meals, cleaning, bathing, medical help, "
            "company), that organisation is told the name and address of who is served, as long as the "
            "contract runs; no phone, no age, nothing else. You may refuse, and withdraw at any time; then "
            "it sees them no more."
        ),
    ),
    Purpose.VISIT_NOTES: PurposeText(
        version=_THIRD_VERSION,
        zh=(
            "为办理走访中反映的事情,记录走访日期、意见、需要、办理情况、答复日期、照片。只有本网格的网格员和网管员能看到;"
            "社区负责人写明理由才看到内容;没有另外同意,别人都看不到,每次查看都有记录。不用于评价任何人。"
            "可以不同意,不影响办理任何事项;随时可以撤回或要求删除。"
        ),
        en=(
            "To deal with what is said at a visit we record its day, opinions, wishes, what is done about "
            "them, the day of the answer and photos. Only the members and supervisors of this grid see it; "
            "the heads of the community see what it says after giving a reason. Nobody else sees it unless "
            "you agree to that separately, each look is recorded, and nobody is rated by it. You may refuse "
            "without any disadvantage, and withdraw or ask for erasure at any time."
        ),
    ),
}

FORMER: Final[dict[Purpose, tuple[PurposeText, ...]]] = {
    Purpose.REGISTRATION: (
        PurposeText(
            version=FIRST_VERSION,
            zh=(
                "为掌握本网格常住人口、安排上门服务,登记家庭成员的姓名、性别、出生日期、居住情况。姓名可以不填。"
                "只有本网格的网格员和网管员能看到。可以不同意,不影响办理任何事项;同意后随时可以撤回或要求删除。"
            ),
            en=(
                "To know who lives in this grid and to plan services, we record names, sex, date of birth "
                "and how you live here. The name may be left out. Only the members and supervisors of this "
                "grid see it. You may refuse without any disadvantage, and withdraw or ask for erasure at "
                "any time."
            ),
        ),
    ),
    Purpose.ELDER_VISITS: (
        PurposeText(
            version=_THIRD_VERSION,
            zh=(
                "为安排老人探访,记录是否独居或空巢、由谁探访、从哪天起探访。只有探访人、本网格的网格员和网管员、社区负责人能看到。"
                "可以不同意,随时可以撤回。"
            ),
            en=(
                "To arrange visits to elders we record whether somebody lives alone or as an old couple, who "
                "visits and since when. Only the visitor, the members and supervisors of this grid and the "
                "heads of the community see it. You may refuse, and withdraw at any time."
            ),
        ),
        PurposeText(
            version=_SECOND_VERSION,
            zh=(
                "为安排老人探访,记录是否独居或空巢、由谁探访、从哪天起探访。只有探访人和本网格的网格员、网管员能看到。"
                "可以不同意,随时可以撤回。"
            ),
            en=(
                "To arrange visits to elders we record whether somebody lives alone or as an old couple, who "
                "visits and since when. Only the visitor and the members and supervisors of this grid see "
                "it. You may refuse, and withdraw at any time."
            ),
        ),
        PurposeText(
            version=FIRST_VERSION,
            zh="为安排老人探访,记录是否独居、由谁探访、探访日期。只有探访人和本网格的网格员、网管员能看到。可以不同意,随时可以撤回。",
            en=(
                "To arrange visits to elders we record whether somebody lives alone, who visits and when. "
                "Only the visitor and the members and supervisors of this grid see it. You may refuse, and "
                "withdraw at any time."
            ),
        ),
    ),
    Purpose.SENSITIVE_NEEDS: (
        PurposeText(
            version=_SECOND_VERSION,
            zh=(
                "为申请照护、救助和优待,记录需求种类、等级、从哪天起。例如能力评估等级、残疾等级、享受低保。这些是敏感个人信息,"
                "单独征求同意,每一项都写明依据,只用于所申请的服务。可以不同意,随时可以撤回,撤回后不再统计。"
            ),
            en=(
                "To apply for care, aid and concessions we record the kind of need, its grade and since "
                "when: an assessed grade of ability or disability, or the minimum allowance. These are "
                "sensitive: they are consented to separately, each with its legal basis, and used for that "
                "service only. You may refuse, and withdraw at any time; then they are counted no more."
            ),
        ),
        PurposeText(
            version=FIRST_VERSION,
            zh=(
                "为申请照护、救助和优待,记录能力等级、收入来源、疾病或残疾情况。这些是敏感个人信息,单独征求同意,"
                "每一项都写明依据,只用于所申请的服务。可以不同意,随时可以撤回,撤回后不再统计。"
            ),
            en=(
                "To apply for care, aid and concessions we record the grade of ability, sources of income, "
                "illness or disability. These are sensitive: they are consented to separately, each with its "
                "legal basis, and used for that service only. You may refuse, and withdraw at any time; then "
                "they are counted no more."
            ),
        ),
    ),
}
"""Texts that people agreed to before, by purpose, the newest first."""

BY_DUTY: Final = frozenset({Purpose.REGISTRATION, Purpose.ELDER_VISITS, Purpose.SENSITIVE_NEEDS})
"""Purposes that a law may require, so that consent isn't what the record stands on."""

_NEEDS: Final = {"living_alone": Purpose.ELDER_VISITS, "empty_nest": Purpose.ELDER_VISITS}


VISIT_NEEDS: Final = frozenset(_NEEDS)
