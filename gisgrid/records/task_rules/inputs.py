"""What is sent of a rule of tasks, as the document it becomes, with every fault at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gisgrid.errors import Fault, InvalidInput, say
from gisgrid.forms.tasks.documents import read_rule
from gisgrid.forms.tasks.model import Monthly, Rhythm, TaskRule, Trigger
from gisgrid.records.core.rules import SubjectKind
from gisgrid.records.core.subject_choices import FACTS_OF, choice_faults

_NO_RHYTHM: Final = "days or months are needed, one of the two"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """What a community says of a rule; nothing keeps what was.

    ``every_days``, ``every_months``: the rhythm, 0 for none of the two; ``first``: days until the first task;
    ``lead``: days it is open before; ``days``, ``keep``: of a rule that waits for a mark.
    """

    is_on: bool
    who: str | None = None
    priority: int | None = None
    every_days: int | None = None
    every_months: int | None = None
    first: int | None = None
    lead: int | None = None
    days: int | None = None
    keep: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRule:
    """A rule of a community's own: a form to be filled for whom it chooses, monthly or in a rhythm."""

    form: str
    who: str | None
    is_monthly: bool
    every_days: int = 0
    every_months: int = 0
    first: int = 0
    lead: int = 0
    priority: int = 3


def changed_document(rule: TaskRule, sent: RuleChange, *, since: date) -> dict[str, Any]:
    """A rule as a document with what was changed, holding from a day on.

    Raises
    ------
    InvalidInput
        A number or the choice can't be so; all faults at once.
    """
    who = rule.who if sent.who is None else sent.who.strip() or None
    same: dict[str, Any] = {
        "code": rule.code,
        "form": rule.form,
        "subject": rule.subject,
        "priority": rule.priority if sent.priority is None else sent.priority,
        "from": since.isoformat(),
        **({"who": who} if who else {}),
        **({"counts": rule.counts} if rule.counts else {}),
        **({"any_form": True} if rule.any_form else {}),
        **({"hastens": True} if rule.hastens else {}),
    }
    return _checked({**same, **_schedule(rule, sent)})


def new_document(code: str, subject: SubjectKind, sent: NewRule, *, since: date) -> dict[str, Any]:
    """A new rule as a document that holds from a day on.

    Raises
    ------
    InvalidInput
        The form is about nothing that can be chosen, a number or the choice can't be so; all faults at once.
    """
    if subject not in FACTS_OF:
        message = say("rules are of people, households, buildings and facilities; this form is about others")
        raise InvalidInput(message, field="form")
    who = sent.who.strip() if sent.who else ""
    rhythm = {**_every(sent.every_days, sent.every_months), "first": sent.first, "open": sent.lead}
    return _checked(
        {
            "code": code,
            "form": sent.form,
            "subject": subject.value,
            "priority": sent.priority,
            "from": since.isoformat(),
            **({"who": who} if who else {}),
            **({"month": True} if sent.is_monthly else rhythm),
        }
    )


def _schedule(rule: TaskRule, sent: RuleChange) -> dict[str, Any]:
    was = rule.schedule
    if isinstance(was, Monthly):
        return {"month": True}
    lead = was.lead if sent.lead is None else sent.lead
    if isinstance(was, Rhythm):
        days = was.days if sent.every_days is None else sent.every_days
        months = was.months if sent.every_months is None else sent.every_months
        first = was.first if sent.first is None else sent.first
        return {**_every(days, months), "first": first, "open": lead}
    return _after(was, sent, lead)


def _after(was: Trigger, sent: RuleChange, lead: int) -> dict[str, Any]:
    form = {"form": was.form} if was.form else {}
    days = was.days if sent.days is None else sent.days
    keep = was.keep if sent.keep is None else sent.keep
    return {"after": {**form, "mark": was.mark, "days": days}, "open": lead, "keep": keep}


def _every(days: int, months: int) -> dict[str, Any]:
    return {"every": {**({"days": days} if days else {}), **({"months": months} if months else {})}}


def _checked(document: dict[str, Any]) -> dict[str, Any]:
    faults: list[Fault] = []
    try:
        read_rule(document)
    except InvalidInput as error:
        faults += error.faults
    if who := document.get("who"):
        known = {(fault.field, fault.message) for fault in faults}
        of_choice = choice_faults(who, SubjectKind(document["subject"]))
        faults += [fault for fault in of_choice if (fault.field, fault.message) not in known]
    if faults:
        raise InvalidInput(faults)
    return document
