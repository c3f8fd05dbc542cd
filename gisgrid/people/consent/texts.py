"""The texts people consent to: the built-in one of a purpose until an administrator writes another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.models import Account
from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.people.core.models import ConsentText
from gisgrid.people.core.purposes import BUILT_IN, FORMER, Purpose, PurposeText
from gisgrid.storage.base import new_id

_LONGEST: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class NewText:
    """A new text of a purpose, in both languages."""

    purpose: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptText:
    """A version of a text: since when it holds and which account wrote it; neither of the built-in one."""

    text: PurposeText
    since: datetime | None = None
    by: str | None = None


def current_text(session: Session, purpose: Purpose) -> PurposeText:
    """The text that people are asked with now."""
    return current_texts(session)[purpose]


def current_texts(session: Session) -> dict[Purpose, PurposeText]:
    """The text of every purpose, in the order of the purposes."""
    return {purpose: versions[0].text for purpose, versions in all_texts(session).items()}


def all_texts(session: Session) -> dict[Purpose, list[KeptText]]:
    """Every version of the text of each purpose, the one that holds first: people agreed to older ones."""
    texts = {
        purpose: [KeptText(text=text), *(KeptText(text=former) for former in FORMER.get(purpose, ()))]
        for purpose, text in BUILT_IN.items()
    }
    statement = select(ConsentText, Account.name).outerjoin(Account, Account.id == ConsentText.account_id)
    for row, name in session.execute(statement.order_by(ConsentText.written_at, ConsentText.id)):
        text = PurposeText(version=row.version, zh=row.zh, en=row.en)
        texts[Purpose(row.purpose)].insert(0, KeptText(text=text, since=row.written_at, by=name))
    return texts


def write_text(session: Session, actor: Actor, new: NewText, *, now: datetime) -> PurposeText:
    """A new version of a purpose's text. Answers given before keep the version they were given to.

    Raises
    ------
    NotAllowed
        The role writes no texts.
    InvalidInput
        No such purpose, or a language is missing or too long: all faults at once.
    """
    require(actor, Action.CONSENT_WRITE)
    _check(new)
    purpose = Purpose(new.purpose)
    before = select(func.count()).where(ConsentText.purpose == purpose)
    number = (session.scalar(before) or 0) + 2  # the built-in text is the first
    text = PurposeText(version=f"{now:%Y-%m}-{number}", zh=new.zh.strip(), en=new.en.strip())
    row = ConsentText(
        id=new_id(),
        purpose=purpose,
        version=text.version,
        zh=text.zh,
        en=text.en,
        written_at=now,
        account_id=actor.account_id,
    )
    session.add(row)
    record(session, actor, "consent:write", "consent_text", now=now, object_id=row.id, fields=("zh", "en"))
    session.flush()
    return text


def _check(new: NewText) -> None:
    faults = []
    if new.purpose not in set(Purpose):
        faults.append(Fault(message="no such purpose", field="purpose"))
    for field, text in (("zh", new.zh), ("en", new.en)):
        if not 0 < len(text.strip()) <= _LONGEST:
            said = say("a text has 1 to {most} characters", most=_LONGEST)
            faults.append(Fault(message=said, field=field))
    if faults:
        raise InvalidInput(faults)
