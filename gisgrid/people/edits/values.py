"""What a field may hold: values as JSON has them, checked one by one, and compared as texts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.days import FIRST_DAY
from gisgrid.errors import InvalidInput, say
from gisgrid.people.core.phone_digests import phone_digits
from gisgrid.people.core.rules import is_listed
from gisgrid.people.edits.fields import FieldType, RegisterField

Value: TypeAlias = str | int | Mapping[str, str | int | None] | None
"""A value as JSON has it; days are ISO dates."""

_PURPOSE: Final = "field base"
_LONGEST_NAME: Final = 50
_LONGEST_PHONE: Final = 40
_LONGEST_BASIS: Final = 120
_PHONE: Final = re.compile(r"[0-9+() \-]+")
_DIGITS: Final = (5, 15)
_NUMBERS: Final = re.compile(r"[0-9]{4,}")
_MOST: Final = 99
_STAR: Final = "*"


def as_json(value: Value) -> str:
    """A value as one text, the same for equal values."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def from_json(text: str) -> Value:
    """The value of :func:`as_json` again."""
    value: Value = json.loads(text)
    return value


def base_of(session: Session, subject_id: str, field: RegisterField, value: Value) -> str:
    """A keyed digest of a field's value: an editor's device may keep it in the value's place."""
    return Digests(key_ring(session), _PURPOSE).current(_parts(subject_id, field, value))


def is_base(session: Session, base: str, subject_id: str, field: RegisterField, value: Value) -> bool:
    """Whether a digest is that of a value, by whichever key it was made."""
    return Digests(key_ring(session), _PURPOSE).is_of(base, _parts(subject_id, field, value))


def _parts(subject_id: str, field: RegisterField, value: Value) -> list[str]:
    return [subject_id, field.code, as_json(value)]


def check_value(field: RegisterField, value: Value, *, today: date) -> Value:
    """The value as it is kept.

    Raises
    ------
    InvalidInput
        It is none of this field: one fault, with the field's code.
    """
    if value is None or value == "":
        if not field.clearable:
            raise InvalidInput("this field can't be empty", field=field.code)
        return None
    try:
        return _CHECKS[field.type](field, value, today)
    except ValueError as error:
        raise InvalidInput(error.args[0], field=field.code) from None


def _text(_field: RegisterField, value: Value, _today: date) -> Value:
    text = value.strip() if isinstance(value, str) else ""
    if not 0 < len(text) <= _LONGEST_NAME:
        raise ValueError(say("a name has 1 to {most} characters", most=_LONGEST_NAME))
    if _NUMBERS.search(text) or _STAR in text:
        raise ValueError(say("a name holds no numbers and no stars"))
    return text


def _phone(_field: RegisterField, value: Value, _today: date) -> Value:
    text = value.strip() if isinstance(value, str) else ""
    least, most = _DIGITS
    is_number = bool(_PHONE.fullmatch(text)) and least <= len(phone_digits(text)) <= most
    if not is_number or len(text) > _LONGEST_PHONE:
        raise ValueError(say("this is no phone number"))
    return text


def _choice(field: RegisterField, value: Value, _today: date) -> Value:
    if value not in field.choices:
        raise ValueError(say("one of these is needed: {choices}", choices=", ".join(field.choices)))
    return value


def _count(_field: RegisterField, value: Value, _today: date) -> Value:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST:
        raise ValueError(say("a number from 0 to {most} is needed", most=_MOST))
    return value


def _birth(_field: RegisterField, value: Value, today: date) -> Value:
    day = past_day(value, today)
    if is_listed(day, today):
        return day.isoformat()
    raise ValueError(say("who is below 14 is counted with the household and has no entry"))


def past_day(value: Value, today: date) -> date:
    """A day up to today.

    Raises
    ------
    ValueError
        It is none; the sentence says why.
    """
    try:
        day = date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(say("this is no day")) from None
    if not FIRST_DAY <= day <= today:
        raise ValueError(say("this day lies in the future, or too far back"))
    return day


def _leaving(field: RegisterField, value: Value, today: date) -> Value:
    if not isinstance(value, Mapping) or set(value) != {"day", "why"}:
        raise ValueError(say("a day and why are needed"))
    day = past_day(value["day"], today)
    return {"day": day.isoformat(), "why": str(_choice(field, value["why"], today))}


def _need(field: RegisterField, value: Value, today: date) -> Value:
    if not isinstance(value, Mapping) or set(value) - {"grade", "since", "legal_basis"}:
        raise ValueError(say("a need has a grade, a day and a legal basis"))
    basis = str(value.get("legal_basis") or "").strip()
    if not 0 < len(basis) <= _LONGEST_BASIS:
        raise ValueError(say("a legal basis has 1 to {most} characters", most=_LONGEST_BASIS))
    since = past_day(value.get("since"), today).isoformat()
    return {"grade": _grade(field, value.get("grade")), "since": since, "legal_basis": basis}


def _grade(field: RegisterField, grade: str | int | None) -> int | None:
    if field.grades is None:
        if grade is not None:
            raise ValueError(say("this need has no grades"))
        return None
    least, most = field.grades
    if not isinstance(grade, int) or isinstance(grade, bool) or not least <= grade <= most:
        raise ValueError(say("a grade from {least} to {most} is needed", least=least, most=most))
    return grade


_CHECKS: Final[Mapping[FieldType, Callable[[RegisterField, Value, date], Value]]] = {
    FieldType.TEXT: _text,
    FieldType.PHONE: _phone,
    FieldType.DAY: _birth,
    FieldType.CHOICE: _choice,
    FieldType.COUNT: _count,
    FieldType.LEAVING: _leaving,
    FieldType.NEED: _need,
}
