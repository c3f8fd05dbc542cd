"""Messages copied out of a chat come apart where one ends and the next begins, and no word is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gisgrid.cases.intake.chat_messages import messages_of

NAMES = st.sampled_from(
    ["小王", "李阿姨", "3-2-301 老张", "阿强🌻", "Anna Li", "3幢2单元 王阿姨", "A00 物业小陈"]
)
TEXTS = st.lists(
    st.sampled_from(
        [
            "柳岸新村2幢路灯不亮",
            "@网格员 楼下垃圾满了,臭",
            "从早上 8:15 吵到现在",
            "地址:柳岸新村3幢",
            "电话 199-0000-0000",
            "[图片]",
            "收到",
            "第 2 次了!",
        ]
    ),
    min_size=1,
    max_size=4,
).map("\n".join)
CLOCKS = st.sampled_from(["08:12", "8:05", "上午 8:12", "21:05:33", "晚上9:30"])
DAYS = st.sampled_from(["", "昨天 ", "星期一 ", "11月24日 ", "2026年11月24日 ", "2026/11/24 ", "2026-11-24 "])
CHAT = st.lists(st.tuples(NAMES, DAYS, CLOCKS, TEXTS), min_size=1, max_size=8)


@given(CHAT, st.sampled_from(["\n", "\n\n", "\r\n", "\n\n\n"]))
def test_name_and_time_above_each_message(chat: list[tuple[str, str, str, str]], gap: str) -> None:
    text = gap.join(f"{name} {day}{clock}{gap}{said}" for name, day, clock, said in chat)
    found = messages_of(text)
    assert [(one.sender, one.said_at, one.text) for one in found] == [
        (name, f"{day}{clock}", said) for name, day, clock, said in chat
    ]


@given(CHAT)
def test_a_chat_that_was_sent_by_mail_has_lines_between_its_days(
    chat: list[tuple[str, str, str, str]],
) -> None:
    parts = [f"—————  2026-11-{day:02d}  —————\n\n\n{name}  08:12\n\n{said}\n\n\n" for day, (name, _, _, said)
             in enumerate(chat, 1)]  # fmt: skip
    found = messages_of("".join(parts))
    assert [(one.sender, one.said_at, one.text) for one in found] == [
        (name, f"2026-11-{day:02d} 08:12", said) for day, (name, _, _, said) in enumerate(chat, 1)
    ]


@given(CHAT, st.sampled_from(["\n\n", "\n", "\r\n"]))
def test_a_name_alone_above_each_message(chat: list[tuple[str, str, str, str]], gap: str) -> None:
    found = messages_of(gap.join(f"{name}:\n{said}" for name, _, _, said in chat))
    assert [(one.sender, one.text) for one in found] == [(name, said) for name, _, _, said in chat]


@given(st.lists(st.tuples(NAMES, st.sampled_from(["2幢路灯不亮", "收到", "太吵:到半夜"])), min_size=2))
def test_each_message_on_a_line_behind_a_name(chat: list[tuple[str, str]]) -> None:
    found = messages_of("\n".join(f"{name}:{said}" for name, said in chat))
    assert [(one.sender, one.text) for one in found] == chat


@given(CHAT, st.sampled_from(["\n", "\n\n"]))
def test_a_name_and_below_it_the_time_above_each_message(
    chat: list[tuple[str, str, str, str]], gap: str
) -> None:
    found = messages_of(gap.join(f"{name}\n{day}{clock}\n{said}" for name, day, clock, said in chat))
    assert [(one.sender, one.said_at, one.text) for one in found] == [
        (name, f"{day}{clock}", said) for name, day, clock, said in chat
    ]


@given(st.lists(st.tuples(NAMES, DAYS, CLOCKS, st.sampled_from(["2幢路灯不亮", "收到"])), min_size=2))
def test_times_between_messages_that_stand_behind_names(chat: list[tuple[str, str, str, str]]) -> None:
    """A chat shows a time only now and then; what stands below it is of several people."""
    for form in ("{name}:{said}", "{name}:\n{said}"):
        lines = [
            (f"{day}{clock}\n" if at % 2 == 0 else "") + form.format(name=name, said=said)
            for at, (name, day, clock, said) in enumerate(chat)
        ]
        found = messages_of("\n".join(lines))
        assert [(one.sender, one.text) for one in found] == [(name, said) for name, _, _, said in chat]
        assert found[0].said_at == f"{chat[0][1]}{chat[0][2]}"


@given(TEXTS)
def test_a_message_without_name_and_time_stays_whole(said: str) -> None:
    assert [(one.sender, one.text) for one in messages_of(said)] == [("", said)]


@given(st.text(alphabet="小王 08:12\n昨天::,12/—[]a", max_size=80))
def test_of_any_text_no_line_is_lost_but_those_that_say_who_wrote_and_when(text: str) -> None:
    found = messages_of(text)
    told = "\n".join(f"{one.sender}\n{one.said_at}\n{one.text}" for one in found)
    for line in text.split("\n"):
        for sign in set(line) - set(" ::—\r0123456789/昨天"):
            assert sign in told or not found, (line, found)
    assert all(one.text.strip() for one in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("地址:柳岸新村2幢\n问题:路灯不亮", ["地址:柳岸新村2幢\n问题:路灯不亮"]),
        ("昨晚 23:30\n楼上很吵", ["昨晚 23:30\n楼上很吵"]),
        ("2幢很吵 08:12", ["2幢很吵 08:12"]),
        ("2幢很吵 昨天", ["2幢很吵 昨天"]),
        ("08:12\n2幢很吵\n08:15\n还在吵", ["2幢很吵", "还在吵"]),
        ("2026-11-24 08:12:33 小王\n甲\n2026-11-24 08:13:00 李四\n乙", ["甲", "乙"]),
        ("小王 08:12\n\n\n", ["小王 08:12"]),
        ("", []),
    ],
)
def test_lines_that_look_alike(text: str, said: list[str]) -> None:
    assert [one.text for one in messages_of(text)] == said
