"""The texts people agree to name what the program records, and nothing else."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from gisgrid.access.actions import RIGHTS, Action
from gisgrid.access.models import Role
from gisgrid.people.consent.texts import all_texts
from gisgrid.people.core.models import Consent, Need, Resident, ServiceContract
from gisgrid.people.core.need_models import NeedService
from gisgrid.people.core.purposes import BUILT_IN, FORMER, Purpose
from gisgrid.people.queries import ANYWHERE, SIGHTS, Sight
from gisgrid.records.core.record_models import Record, RecordPhoto
from gisgrid.storage.engine import Database
from gisgrid.welfare.models import AssignedVisitor

RECORDED: Final[dict[Purpose, dict[str, Any]]] = {
    Purpose.REGISTRATION: {
        "家庭成员的姓名": Resident.name,
        "性别": Resident.sex,
        "出生日期": Resident.birth_date,
        "居住情况": Resident.residence_status,
    },
    Purpose.CONTACT: {"一个联系电话": Resident.phone},
    Purpose.ELDER_VISITS: {
        "是否独居或空巢": Need.kind,
        "由谁探访或服务": (AssignedVisitor.kind, NeedService.server),
        "从哪天起": (AssignedVisitor.valid_from, NeedService.since),
    },
    Purpose.SENSITIVE_NEEDS: {
        "需求种类": Need.kind,
        "等级": Need.grade,
        "由谁服务": NeedService.server,
        "从哪天起": Need.valid_from,
    },
    Purpose.CONTRACTED_SERVICES: {
        "服务对象的姓名": Resident.name,
        "住址": ServiceContract.resident_id,
    },
    Purpose.VISIT_NOTES: {
        "走访日期": Record.day,
        "意见": Record.answers,
        "需要": Record.answers,
        "办理情况": Record.answers,
        "答复日期": Record.answers,
        "照片": RecordPhoto.picture,
    },
}
"""What each text says is kept or passed on, with the column it is kept in."""


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_text_names_only_what_is_recorded(purpose: Purpose) -> None:
    said = re.search(r"(?:登记|记录|把)(.+?)(?:。|告诉)", BUILT_IN[purpose].zh)
    assert said
    named = [one for one in re.split("[、,和]", said.group(1)) if one]
    assert named == list(RECORDED[purpose])


def test_what_people_agreed_to_before_can_still_be_read(database: Database) -> None:
    with database.read() as session:
        texts = all_texts(session)
    for purpose, former in FORMER.items():
        assert [kept.text for kept in texts[purpose]] == [BUILT_IN[purpose], *former]
        versions = [kept.text.version for kept in texts[purpose]]
        assert len(set(versions)) == len(versions)
        assert all(len(one) <= Consent.text_version.type.length for one in versions)


ROLES: Final = {
    Role.MEMBER: ("网格员", "members"),
    Role.STAFF: ("网管员", "supervisors"),
    Role.HEAD: ("社区负责人", "heads of the community"),
    Role.GRID_LEADER: ("网格长", "leader of this micro grid"),
    Role.STEWARD: ("楼栋管家", "steward of this building"),
    Role.LEADER: ("街道", "subdistrict"),
    Role.ADMIN: ("管理员", "administrator"),
    Role.PROPERTY: ("物业", "property"),
    Role.ORG: ("社会组织", "organisation"),
    Role.EVALUATOR: ("第三方", "evaluator"),
    Role.RESIDENT: ("居民", "resident"),
}
"""What each role is called in the texts that people agree to."""
SEEN: Final = {
    Sight.FULL: ("能看到全部", "see all of it"),
    Sight.MASKED: ("只看到遮去名字的名单,写明理由才看到全部", "after giving a reason"),
    Sight.NAMES: ("只看到姓名和住址", "see name and address only"),
}


def named_in(text: str, language: int) -> set[Role]:
    return {role for role, words in ROLES.items() if words[language] in text}


def test_the_text_of_registration_names_all_who_see_persons_and_how_much() -> None:
    """Who sees persons stands in the tables of rights and sights; another table needs another text."""
    seeing = RIGHTS[Action.PERSONS_VIEW] - {Role.LOCAL}
    assert seeing == set(SIGHTS) - {Role.LOCAL}
    text = BUILT_IN[Purpose.REGISTRATION]
    assert named_in(text.zh, 0) == named_in(text.en, 1) == seeing
    for language, (told, ends) in enumerate(((text.zh, ";"), (text.en, ";"))):
        clauses = told.split(ends)
        for role in seeing:
            clause = next(one for one in clauses if ROLES[role][language] in one)
            assert SEEN[SIGHTS[role]][language] in clause, role
    assert {role for role in seeing if role in ANYWHERE} == {Role.HEAD}


def test_the_text_of_visits_names_all_who_see_them() -> None:
    text = BUILT_IN[Purpose.ELDER_VISITS]
    seeing = RIGHTS[Action.VISITORS_VIEW] - {Role.LOCAL}
    assert named_in(text.zh, 0) == named_in(text.en, 1) == seeing
