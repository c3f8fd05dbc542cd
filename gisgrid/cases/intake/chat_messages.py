"""Text copied out of a group chat, message by message: who wrote, and when, stand on lines of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

_DATE: Final = (
    r"(?:\d{4}[年/.-]\d{1,2}[月/.-]\d{1,2}日?|\d{1,2}月\d{1,2}日|\d{1,2}/\d{1,2}|前天|昨天|今天"
    r"|(?:星期|周)[一二三四五六日天])"
)
_COLON: Final = r"[:\uff1a]"
_PART: Final = r"(?:凌晨|清晨|早上|上午|中午|下午|傍晚|晚上)?"
_CLOCK: Final = rf"{_PART}\s*\d{{1,2}}{_COLON}\d{{2}}(?:{_COLON}\d{{2}})?(?:\s*[AaPp][Mm])?"
_MOMENT: Final = rf"(?:{_DATE}\s*(?:(?:星期|周)[一二三四五六日天]\s*)?)?{_CLOCK}"
_NAME: Final = r"[^,;:!?\u3001\u3002\u2026\uff0c\uff1b\uff1a\uff01\uff1f]{1,40}?"
_NAME_AND_WHEN: Final = re.compile(rf"(?P<name>{_NAME})\s+(?P<when>{_MOMENT})")
_WHEN_AND_NAME: Final = re.compile(
    rf"(?P<when>\d{{4}}[年/.-]\d{{1,2}}[月/.-]\d{{1,2}}日?\s+\d{{1,2}}:\d{{2}}:\d{{2}})\s+(?P<name>{_NAME})"
)
_WHEN_ALONE: Final = re.compile(rf"(?P<when>{_MOMENT}|{_DATE})")
_DAY: Final = re.compile(
    rf"[—–_=\s-]{{2,}}(?P<day>{_DATE}(?:\s*(?:星期|周)[一二三四五六日天])?)[—–_=\s-]{{2,}}"
)
"""A line between two days, as a chat that is sent by mail has it."""
_NAME_ALONE: Final = re.compile(rf"(?P<name>{_NAME})\s*{_COLON}")
_NAME_AND_TEXT: Final = re.compile(
    rf"(?P<name>{_NAME})\s*(?:(?<!\d){_COLON}|{_COLON}(?!\d))\s*(?P<text>\S.*)"
)
_NO_NAMES: Final = re.compile(
    r"地址|地点|位置|时间|日期|电话|手机|联系|姓名|称呼|类别|类型|情况|内容|问题|诉求|描述|事项|备注|反映"
    r"|昨晚|昨夜|今晚|今早|今晨|明天|明早|开始|截止|[到从在是于约]$"
)
"""What stands in a line that tells of a matter, not of who writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message. ``sender`` and ``said_at`` are as the chat shows them, empty where it shows none."""

    text: str
    sender: str = ""
    said_at: str = ""


@dataclass(slots=True, kw_only=True)
class _Head:
    """What the lines above a message have told so far."""

    line: str = ""
    sender: str = ""
    when: str = ""
    day: str = ""

    def message(self, lines: Sequence[str]) -> Iterator[Message]:
        """The message under it. A name and a time with nothing under them may be what somebody said."""
        text = "\n".join(lines).strip()
        if not text and self.sender and self.when:
            yield Message(text=self.line)
        elif text:
            said_at = f"{self.day} {self.when}".strip() if _is_clock(self.when) else self.when
            yield Message(text=text, sender=self.sender, said_at=said_at)


def messages_of(text: str) -> list[Message]:
    r"""The messages of a text in their order; all of it is one where no line tells who wrote or when.

    Understood are the forms in which WeChat and QQ copy and send chats: name and time on a line or on one
    each, either of them alone, a line between two days, and ``name: text`` where every line but those of
    times is of that form.

    >>> [one.text for one in messages_of("小王 08:12\n路灯不亮\n\n李四 昨天 21:05\n太吵了")]
    ['路灯不亮', '太吵了']
    """
    lines = [line.strip().strip("\ufeff\u200b\u2005\u200e") for line in text.replace("\r", "").split("\n")]
    return _one_a_line(lines) or list(_under_heads(_heads_on_one_line(lines)))


def _heads_on_one_line(lines: Sequence[str]) -> list[str]:
    """Lines of a chat that has each name above its time, with both on one; others as they are."""
    merged = list(lines)
    places = [place for place, line in enumerate(lines) if line]
    if len(places) < 3 or not _stands_above(lines, places[0], places[1]):
        return merged
    for name, when in pairwise(places):
        if _stands_above(lines, name, when):
            merged[name], merged[when] = f"{lines[name]} {lines[when]}", ""
    return merged


def _stands_above(lines: Sequence[str], name: int, when: int) -> bool:
    """Whether one line may be a name and the next one is a time."""
    is_name = re.fullmatch(_NAME, lines[name]) is not None and _sender_of(lines[name]) is None
    return is_name and _WHEN_ALONE.fullmatch(lines[when]) is not None and not _NO_NAMES.search(lines[name])


def _one_a_line(lines: Sequence[str]) -> list[Message]:
    """Messages of a chat that has each on a line behind a name; none where any line is of another form."""
    messages: list[Message] = []
    day = when = ""
    for line in filter(None, lines):
        between, alone, hit = (
            _DAY.fullmatch(line),
            _WHEN_ALONE.fullmatch(line),
            _NAME_AND_TEXT.fullmatch(line),
        )
        if between is not None:
            day, when = between["day"], ""
        elif alone is not None:
            when = alone["when"]
        elif hit is None or _NO_NAMES.search(hit["name"]) or _is_clock(hit["name"]):
            return []
        else:
            said_at = f"{day} {when}".strip() if not when or _is_clock(when) else when
            messages.append(Message(text=hit["text"], sender=hit["name"].strip(), said_at=said_at))
    return messages if len(messages) > 1 else []


def _under_heads(lines: Sequence[str]) -> Iterator[Message]:
    said = [line for line in lines if line and not _is_when(line)]
    has_bare_names = bool(said) and _bare_name(said[0]) is not None
    has_gaps = any(not line for line in "\n".join(lines).strip().split("\n"))
    head, waiting, is_after_gap = _Head(), list[str](), True
    for line in lines:
        day = _DAY.fullmatch(line)
        name = _bare_name(line) if has_bare_names and is_after_gap else None
        sender = _sender_of(line)
        is_after_gap = not line or not has_gaps or _is_when(line)
        if day is not None:
            yield from head.message(waiting)
            head, waiting = _Head(day=day["day"]), []
        elif sender is not None:
            yield from head.message(waiting)
            head, waiting = _Head(line=line, sender=sender[0], when=sender[1], day=head.day), []
        elif name is not None:
            yield from head.message(waiting)
            head, waiting = _Head(sender=name, when=head.when if not waiting else "", day=head.day), []
        else:
            waiting.append(line)
    yield from head.message(waiting)


def _is_when(line: str) -> bool:
    """Whether a line says a day or a time and nothing else."""
    return _DAY.fullmatch(line) is not None or _WHEN_ALONE.fullmatch(line) is not None


def _sender_of(line: str) -> tuple[str, str] | None:
    """Who wrote and when, by a line that says nothing else."""
    alone = _WHEN_ALONE.fullmatch(line)
    if alone is not None:
        return "", alone["when"]
    for form in (_WHEN_AND_NAME, _NAME_AND_WHEN):
        hit = form.fullmatch(line)
        if hit is not None and not _NO_NAMES.search(hit["name"]):
            return hit["name"].strip(), hit["when"]
    return None


def _bare_name(line: str) -> str | None:
    hit = _NAME_ALONE.fullmatch(line)
    return hit["name"].strip() if hit is not None and not _NO_NAMES.search(hit["name"]) else None


def _is_clock(when: str) -> bool:
    """Whether a time says no day."""
    return re.fullmatch(_CLOCK, when) is not None
