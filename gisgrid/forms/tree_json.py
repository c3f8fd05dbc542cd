"""Forms to JSON and back. What is read is checked to the last key: a broken tree is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from typing import Final, TypeAlias

from gisgrid.errors import Fault, InvalidInput, Sentence, say
from gisgrid.forms.expressions.nodes import read_expression
from gisgrid.forms.limits import LABEL_LETTERS
from gisgrid.forms.tree import (
    QUESTION_TYPES,
    SUBJECTS,
    Choice,
    FormSettings,
    FormTree,
    Item,
    Question,
    QuestionGroup,
    Repeat,
)
from gisgrid.forms.tree_faults import faults_of

FORMAT: Final = 1
NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_FORMAT_KEY: Final = "format"
_RENAMED: Final = {"duties": "for"}
_KINDS: Final[Mapping[str, type[Question | QuestionGroup | Repeat]]] = {
    "question": Question,
    "group": QuestionGroup,
    "repeat": Repeat,
}
Reader: TypeAlias = Callable[[object, str], object]


def form_to_json(form: FormTree) -> dict[str, object]:
    """A form as JSON, without what says nothing; `form_from_json` gives the same form again."""
    return {_FORMAT_KEY: FORMAT, **_to_json(form)}


def form_from_json(value: object) -> FormTree:
    """The form that a JSON tree holds; raises `InvalidInput` where anything of it is unknown or broken."""
    if not isinstance(value, Mapping) or value.get(_FORMAT_KEY) != FORMAT:
        raise _broken("", say("this is no form of format {format}", format=FORMAT))
    bare = {key: part for key, part in value.items() if key != _FORMAT_KEY}
    form = FormTree(**_read(FormTree, bare, "form"))  # type: ignore[arg-type]
    faults = faults_of(form)
    if faults:
        raise InvalidInput(faults)
    return form


def _to_json(row: object) -> dict[str, object]:
    kept = {part.name: getattr(row, part.name) for part in fields(row) if _says(row, part)}  # type: ignore[arg-type]
    kind = next((word for word, of in _KINDS.items() if type(row) is of), None)
    return {
        **({"kind": kind} if kind else {}),
        **{_RENAMED.get(name, name): _plain(value) for name, value in kept.items()},
    }


def _says(row: object, part: Field[object]) -> bool:
    """Whether a field holds something else than what it is without being written."""
    usual = part.default if part.default_factory is MISSING else part.default_factory()
    return bool(getattr(row, part.name) != usual)


def _plain(value: object) -> object:
    if isinstance(value, (str, int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, Sequence):
        return [_plain(part) for part in value]
    return _to_json(value)


def _read(of: type, value: object, place: str) -> dict[str, object]:
    """The fields of a row, each read by its own reader."""
    if not isinstance(value, Mapping):
        raise _broken(place, say("this is no object"))
    known = {_RENAMED.get(part.name, part.name): part for part in fields(of)}
    unknown = sorted(set(map(str, value)) - set(known))
    if unknown:
        raise _broken(place, say("{names} is not known here", names=", ".join(unknown)))
    needed = [
        key
        for key, part in known.items()
        if key not in value and part.default is MISSING and part.default_factory is MISSING
    ]
    if needed:
        raise _broken(place, say("{names} is missing", names=", ".join(needed)))
    return {known[key].name: _READERS[known[key].name](part, f"{place}.{key}") for key, part in value.items()}


def _item(value: object, place: str) -> Item:
    kind = value.get("kind") if isinstance(value, Mapping) else None
    of = _KINDS.get(str(kind))
    if not isinstance(value, Mapping) or of is None:
        raise _broken(place, say("this is no question, group or repeat"))
    bare = {key: part for key, part in value.items() if key != "kind"}
    return of(**_read(of, bare, place))  # type: ignore[arg-type]


def _items(value: object, place: str) -> tuple[Item, ...]:
    rows = _sequence(value, place)
    return tuple(_item(row, f"{place}[{index}]") for index, row in enumerate(rows))


def _choices(value: object, place: str) -> object:
    """The lists of a form, or the name of one list at a question."""
    if isinstance(value, str):
        return _name(value, place)
    if not isinstance(value, Mapping):
        raise _broken(place, say("this is no object"))
    return {_name(key, place): _choice_list(rows, f"{place}.{key}") for key, rows in value.items()}


def _choice_list(value: object, place: str) -> tuple[Choice, ...]:
    rows = _sequence(value, place)
    return tuple(
        Choice(**_read(Choice, row, f"{place}[{index}]"))  # type: ignore[arg-type]
        for index, row in enumerate(rows)
    )


def _settings(value: object, place: str) -> FormSettings:
    settings = FormSettings(**_read(FormSettings, value, place))  # type: ignore[arg-type]
    if settings.subject not in SUBJECTS:
        raise _broken(place, say("{names} is not known here", names=settings.subject))
    return settings


def _expression(value: object, place: str) -> object:
    try:
        return read_expression(value)
    except InvalidInput as error:
        raise InvalidInput([Fault(message=fault.message, field=place) for fault in error.faults]) from error


def _sequence(value: object, place: str) -> Sequence[object]:
    if not isinstance(value, (list, tuple)):
        raise _broken(place, say("this is no list"))
    return value


def _text(value: object, place: str) -> str:
    if not isinstance(value, str) or len(value) > LABEL_LETTERS:
        raise _broken(place, say("this is no text of at most {most} letters", most=LABEL_LETTERS))
    return value


def _name(value: object, place: str) -> str:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise _broken(place, say("this is no name"))
    return value


def _choice_or_question_name(value: object, place: str) -> str:
    """Choices may be called by figures too; names of questions are checked with the whole form."""
    if not isinstance(value, str) or not 0 < len(value) <= 64 or " " in value:
        raise _broken(place, say("this is no name"))
    return value


def _texts(value: object, place: str) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise _broken(place, say("this is no object"))
    return {str(key): _text(part, f"{place}.{key}") for key, part in value.items()}


def _names(value: object, place: str) -> tuple[str, ...]:
    return tuple(_text(part, place) for part in _sequence(value, place))


def _truth(value: object, place: str) -> bool:
    if not isinstance(value, bool):
        raise _broken(place, say("this is neither true nor false"))
    return value


def _days(value: object, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 10_000:
        raise _broken(place, say("this is no number of days"))
    return value


def _type(value: object, place: str) -> str:
    if not isinstance(value, str) or value not in QUESTION_TYPES:
        raise _broken(place, say("{names} is not known here", names=str(value)[:60]))
    return value


def _broken(place: str, message: Sentence) -> InvalidInput:
    return InvalidInput([Fault(message=message, field=place or None)])


_READERS: Final[Mapping[str, Reader]] = {
    **dict.fromkeys(("code", "appearance", "subject", "purpose", "legal_basis", "register"), _text),
    **dict.fromkeys(("title", "label", "hint", "required_message", "constraint_message", "columns"), _texts),
    **dict.fromkeys(("languages", "duties"), _names),
    **dict.fromkeys(("read_only", "sensitive", "mark", "no_consent"), _truth),
    **dict.fromkeys(
        ("relevant", "required", "constraint", "calculation", "default", "choice_filter", "count"),
        _expression,
    ),
    "name": _choice_or_question_name,
    "type": _type,
    "items": _items,
    "choices": _choices,
    "settings": _settings,
    "fresh_days": _days,
}
