"""The texts people agree to name what the program records, and nothing else."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest

from gisgrid.people.consenting.texts import all_texts
from gisgrid.people.models import Consent, Need, Resident, ServiceContract
from gisgrid.people.purposes import BUILT_IN, FORMER, Purpose
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
        "由谁探访": AssignedVisitor.kind,
        "从哪天起探访": AssignedVisitor.valid_from,
    },
    Purpose.SENSITIVE_NEEDS: {
        "需求种类": Need.kind,
        "等级": Need.grade,
        "从哪天起": Need.valid_from,
    },
    Purpose.CONTRACTED_SERVICES: {
        "服务对象的姓名": Resident.name,
        "住址": ServiceContract.resident_id,
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
