"""A group message becomes a case: read, confirmed by a person, kept at its building without a number."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import func, select

from gisgrid.access.actors import Actor
from gisgrid.access.models import Role
from gisgrid.cases.core.models import Case, Category
from gisgrid.cases.intake.group_messages import propose
from gisgrid.places.models import Compound
from gisgrid.storage.engine import Database
from tests import world
from tests.conftest import NOW
from tests.web.browsing import Browser, add_account

MESSAGE = """小王(示例) 2026/11/24 08:12
@网格员示例 柳岸新村二号楼3单元门口路灯不亮了,联系我 199-0000-0000
谢谢"""


@pytest.fixture
def member(app: OpenAPI, database: Database) -> Browser:
    with database.write() as session:
        made = world.found(session)
        world.add_building(session, made, 1, 0, number="2")
        for position, (code, name) in enumerate(
            [("litter", "暴露垃圾"), ("street_light", "路灯不亮"), ("noise", "噪声扰民")], 5
        ):
            session.add(
                Category(
                    code=code, name=name, group="g", is_confidential=False, severity="big", position=position
                )
            )
    add_account(app, "member", Role.MEMBER, area_id=made.areas["G1"])
    browser = Browser(app)
    assert browser.log_in("member").status_code == 303
    return browser


def kept(database: Database) -> list[Case]:
    with database.read() as session:
        return list(session.scalars(select(Case)))


def test_a_message_is_read_confirmed_and_kept_once(member: Browser, database: Database) -> None:
    seen = member.post("/cases/paste", {"message": MESSAGE})
    assert seen.status_code == 200
    assert '<option value="street_light" selected>' in seen.text
    assert 'value="柳岸新村2幢3单元"' in seen.text
    assert 'value="19900000000"' in seen.text
    assert "199-0000-0000" not in seen.text
    assert "小王" not in seen.text
    assert kept(database) == []
    form = {
        "category": "street_light",
        "description": "路灯不亮,找 199-0000-0000",
        "address": "柳岸新村2幢3单元",
        "contact": "19900000000",
        "key": "once",
    }
    for _ in range(2):
        answer = member.post("/cases/paste/keep", form)
        assert answer.status_code == 303
    (case,) = kept(database)
    assert answer.headers["Location"] == f"/cases/{case.id}"
    assert (case.source, case.category_code, case.reporter_contact) == (
        "wechat",
        "street_light",
        "19900000000",
    )
    assert case.description == "路灯不亮,找 199**********"
    assert case.building_id is not None
    with database.read() as session:
        assert case.cell_id == world.cell_id(session, 1, 0)


def test_what_is_known_is_told_before_it_is_kept_and_counted_instead(
    member: Browser, database: Database
) -> None:
    form = {"category": "street_light", "description": "路灯不亮", "address": "柳岸新村2幢", "key": "first"}
    assert "是同一件事吗" not in member.post("/cases/paste", {"message": MESSAGE}).text
    assert member.post("/cases/paste/keep", form).status_code == 303
    seen = member.post("/cases/paste", {"message": MESSAGE}).text
    assert "是同一件事吗" in seen
    unkept = "反映人电话不随“+1”保存,请另行记下。"
    assert unkept in seen
    assert (
        unkept not in member.post("/cases/paste", {"message": "柳岸新村2幢路灯不亮"}).text
    )  # it has no phone
    token = re.findall(r'value="same:([^"]+)"', seen)[0]
    same = {**form, "key": "second", "do-second": f"same:{token}"}
    for _ in range(2):  # an answer may have been lost
        answer = member.post("/cases/paste/keep", same)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/paste")
    assert "这件事已有 2 人反映" in member.get("/cases/paste").text
    assert len(kept(database)) == 1
    gone = member.post("/cases/paste/keep", {**form, "key": "third", "do-third": "same:none"})
    assert gone.status_code == 409
    assert "柳岸新村2幢" in gone.text


def test_another_address_is_asked_about_before_it_is_kept(member: Browser, database: Database) -> None:
    form = {"category": "street_light", "description": "路灯不亮", "address": "柳岸新村2幢", "key": "first"}
    assert member.post("/cases/paste/keep", form).status_code == 303
    other = {**form, "key": "second", "asked": ""}
    seen = member.post("/cases/paste/keep", other)
    assert seen.status_code == 200
    assert "是同一件事吗" in seen.text
    assert 'name="asked" value="柳岸新村2幢"' in seen.text
    assert len(kept(database)) == 1
    assert member.post("/cases/paste/keep", {**other, "asked": "柳岸新村2幢"}).status_code == 303
    assert len(kept(database)) == 2


def test_what_cant_be_kept_says_why_and_keeps_what_was_typed(member: Browser, database: Database) -> None:
    form = {"category": "none", "description": "树倒了", "address": "没有这里9幢", "key": "k"}
    answer = member.post("/cases/paste/keep", form)
    assert answer.status_code == 422
    for said in ("这里没有这个地址的楼栋", "没有这个类别", "树倒了", "没有这里9幢"):
        assert said in answer.text
    assert member.post("/cases/paste", {"message": " "}).status_code == 422
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


@pytest.mark.parametrize(
    ("text", "category", "address"),
    [
        ("柳岸新村2-3-301楼上太吵,噪声到半夜", "noise", "柳岸新村2幢3单元301室"),
        ("柳岸新村2幢楼下3个垃圾桶满了", "litter", "柳岸新村2幢"),
        ("群里好,今天天气不错", "", ""),
        ("柳岸新村停水了吗", "", ""),
        ("王阿姨 08:15\n柳岸新村2幢楼下噪声", "noise", "柳岸新村2幢"),
        ("柳岸新村2幢噪声,从早上 8:15\n请处理", "noise", "柳岸新村2幢"),
    ],
)
def test_messages_are_read_for_what_they_say(
    spatialite: Database, text: str, category: str, address: str
) -> None:
    with spatialite.write() as session:
        made = world.found(session)
        world.add_building(session, made, 1, 0, number="2")
        for code, name in (("litter", "暴露垃圾"), ("noise", "噪声扰民")):
            session.add(
                Category(code=code, name=name, group="g", is_confidential=False, severity="big", position=9)
            )
        (found,) = propose(made.view(session, now=NOW), text)
    assert (found.category, found.address) == (category, address)


FOUR = """小王 2026年11月24日 08:12
柳岸新村2幢3单元门口路灯不亮,联系我 199-0000-0000

李阿姨 2026年11月24日 08:15
@网格员示例 柳岸新村1幢楼下垃圾满了

李阿姨 2026年11月24日 08:16
还有臭味

老张 2026年11月24日 08:20
收到,谢谢"""
"""Four messages of three people: two matters, a word more of one, and thanks."""


def read_cards(text: str) -> list[dict[str, str]]:
    """The messages of the page, each with its fields as a browser would send them."""

    def value(part: str, name: str) -> str:
        return unescape(re.findall(rf'name="{name}" value="([^"]*)"', part)[0])

    return [
        {
            **{name: value(part, name) for name in ("key", "address", "asked", "contact", "said_at")},
            "category": (re.findall(r'<option value="([^"]+)" selected>', part) or [""])[0],
            "description": unescape(re.findall(r'name="description"[^>]*>([^<]*)</textarea>', part)[0]),
        }
        for part in re.split(r'<section class="box stacked message"', text)[1:]
    ]


def form_of(cards: list[dict[str, str]], *deeds: str) -> dict[str, list[str]]:
    names = ("key", "category", "description", "address", "asked", "contact")
    form = {name: [card[name] for card in cards] for name in names}
    return form | {f"do-{card['key']}": [deed] for card, deed in zip(cards, deeds, strict=True) if deed}


@pytest.fixture
def cards(member: Browser, database: Database) -> list[dict[str, str]]:
    with database.write() as session:
        compound = session.scalars(select(Compound)).one()
        actor = Actor(name="local", role=Role.LOCAL)
        made = world.World(community=compound.community_id, actor=actor)
        world.add_building(session, made, 0, 0, number="1")
    seen = member.post("/cases/paste", {"message": FOUR})
    assert seen.status_code == 200
    assert not any(name in seen.text for name in ("小王", "李阿姨", "老张", "199-0000-0000"))
    assert " checked" not in seen.text
    assert seen.text.count("与上一条是同一人发的") == 1
    return read_cards(seen.text)


def test_each_message_is_read_for_itself(cards: list[dict[str, str]]) -> None:
    told = [(one["category"], one["address"], one["contact"], one["said_at"][-5:]) for one in cards]
    assert told == [
        ("street_light", "柳岸新村2幢3单元", "19900000000", "08:12"),
        ("litter", "柳岸新村1幢", "", "08:15"),
        ("", "", "", "08:16"),
        ("", "", "", "08:20"),
    ]


def test_messages_are_kept_joined_and_dropped_as_was_chosen(
    member: Browser, database: Database, cards: list[dict[str, str]]
) -> None:
    once_more = member.post("/cases/paste/keep", form_of(cards, "keep", "keep", "join", "drop"))
    assert once_more.status_code == 200
    assert kept(database) == []
    left = read_cards(once_more.text)
    assert left[1]["description"] == "柳岸新村1幢楼下垃圾满了\n还有臭味"
    assert [one["key"] for one in left] == [cards[0]["key"], cards[1]["key"], cards[3]["key"]]
    assert once_more.text.count(" checked") == 3  # what was chosen stays chosen
    for _ in range(2):  # an answer may have been lost
        answer = member.post("/cases/paste/keep", form_of(left, "keep", "keep", "drop"))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    found = {case.category_code: case for case in kept(database)}
    assert set(found) == {"street_light", "litter"}
    assert found["litter"].description == "柳岸新村1幢楼下垃圾满了\n还有臭味"
    assert found["street_light"].reporter_contact == "19900000000"
    assert found["litter"].reporter_contact is None
    told = member.get("/cases/paste").text
    assert "1 条消息没有登记" in told
    assert all(case.number in told for case in found.values())


def test_nothing_is_kept_before_each_message_is_decided_and_whole(
    member: Browser, database: Database, cards: list[dict[str, str]]
) -> None:
    for deeds, said in (
        (("keep", "keep", "", "drop"), "请选择怎样处理这一条"),
        (("keep", "keep", "keep", "drop"), "这里没有这个地址的楼栋"),
        (("drop", "join", "drop", "drop"), "上一条没有登记"),
        (("join", "drop", "drop", "drop"), "上一条没有登记"),
    ):
        answer = member.post("/cases/paste/keep", form_of(cards, *deeds))
        assert (answer.status_code, said in answer.text) == (422, True), deeds
        left = read_cards(answer.text)
        assert [one["description"] for one in left] == [one["description"] for one in cards]
        assert answer.text.count(" checked") == sum(map(bool, deeds)) - (deeds[0] == "join"), deeds
    assert kept(database) == []


def test_one_of_several_is_counted_on_what_is_known(
    member: Browser, database: Database, cards: list[dict[str, str]]
) -> None:
    form = {"category": "street_light", "description": "路灯不亮", "address": "柳岸新村2幢", "key": "first"}
    assert member.post("/cases/paste/keep", form).status_code == 303
    seen = member.post("/cases/paste", {"message": FOUR}).text
    token = re.findall(r'value="same:([^"]+)"', seen)[0]
    cards = read_cards(seen)
    for _ in range(2):
        answer = member.post("/cases/paste/keep", form_of(cards, f"same:{token}", "keep", "drop", "drop"))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/cases")
    assert "这件事已有 2 人反映" in member.get("/cases/paste").text
    assert sorted(case.category_code for case in kept(database)) == ["litter", "street_light"]
    gone = member.post("/cases/paste/keep", form_of(cards, "same:none", "keep", "drop", "drop"))
    assert gone.status_code == 409
    assert gone.text.count(" checked") == 3  # that one is to be decided again


def test_all_messages_may_be_dropped(
    member: Browser, database: Database, cards: list[dict[str, str]]
) -> None:
    answer = member.post("/cases/paste/keep", form_of(cards, *["drop"] * 4))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/cases/paste")
    assert kept(database) == []


def test_more_messages_than_anybody_reads_are_refused(member: Browser) -> None:
    many = "\n".join(f"小王 08:{place:02d}\n柳岸新村2幢噪声" for place in range(51))
    answer = member.post("/cases/paste", {"message": many})
    assert answer.status_code == 422
    assert "一次最多 50 条消息,这里有 51 条" in answer.text
    assert "柳岸新村2幢噪声" in answer.text
