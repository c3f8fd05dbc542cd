"""Records once more as a list that only grows, with whom they may be told to; see :mod:`plain_people`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.gisgrid.records.replay.plain_answers import PlainTown
from tests.gisgrid.records.replay.plain_people import NO, Editor, Home, Person, RefusalError, day_of

VISIT, CHECK = "elder_visit", "household_check"
PURPOSE = {VISIT: "elder_visits", CHECK: "registration"}
TITLES = {VISIT: "探访", CHECK: "核实"}
BOUND = {
    VISIT: {"alone": "person.need.living_alone", "phone": "person.phone"},
    CHECK: {"kind": "household.kind", "contact": "household.contact"},
}
ROW_BOUND = {"phone": "person.phone", "sex": "person.sex"}
WITHOUT_CONSENT = ("seen",)
MARKS = {VISIT: ("met", "not_met", "fell"), CHECK: ("verified",)}


@dataclass
class Kept:
    """A record as it is kept: ``answers`` are nothing where it was erased or taken out."""

    id: str
    form: str
    subject: Home | Person
    account: str
    day: date
    filled_at: datetime
    received_at: datetime
    sent: Any
    answers: dict[str, Any] | None
    marks: dict[str, bool]
    corrects: str | None = None
    reason: str | None = None
    is_redacted: bool = False
    people: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    became: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def home(self) -> Home:
        return self.subject if isinstance(self.subject, Home) else self.subject.home


class PlainArchive(PlainTown):
    """The town with all that was noted in it."""

    def __init__(self) -> None:
        super().__init__()
        self.records: dict[str, Kept] = {}

    def write_record(
        self,
        editor: Editor,
        form: str,
        subject: Home | Person,
        sent: dict[str, Any],
        at: datetime,
        **more: Any,
    ) -> Kept:
        """``sent`` has id, answers and what was seen of each field; ``more``: what it corrects, and why."""
        known = self.records.get(sent["id"])
        whole = {**sent, **more, "form": form, "subject": subject.id}
        if known is not None:
            if known.account != editor.account or known.sent not in (whole, None):
                raise RefusalError("Conflict")
            return known
        self.home_for(editor, subject.id if isinstance(subject, Home) else subject.home.id)
        if isinstance(subject, Person) and subject.is_erased:
            raise RefusalError("NotFound")
        state = self.state(PURPOSE[form], subject)
        answers = self.taken(form, subject, sent["answers"], state)
        people = answers.pop("people", [])
        filled_at = sent["filled_at"]
        row = Kept(
            *(sent["id"], form, subject, editor.account, day_of(filled_at), filled_at, at, whole, answers),
            self.marks(form, answers),
            **more,
        )
        self.write_fields(editor, row, people, state, sent, at)
        self.records[row.id] = row
        return row

    def taken(self, form: str, subject: Home | Person, answers: dict[str, Any], state: str) -> dict[str, Any]:
        """The answers that are kept, by what the subject said."""
        if state == "not_asked" and set(answers) - set(WITHOUT_CONSENT):
            raise RefusalError("InvalidInput")
        if state != "open":
            return {name: answer for name, answer in answers.items() if name in WITHOUT_CONSENT}
        kept = {name: answer for name, answer in answers.items() if name not in self.closed(form, subject)}
        known = {person.id for person in self.people_of(subject)} if isinstance(subject, Home) else set()
        if any(row["_id"] not in known for row in answers.get("people", [])):
            raise RefusalError("InvalidInput")
        return kept

    def closed(self, form: str, subject: Home | Person) -> set[str]:
        if self.state(PURPOSE[form], subject) != "open":
            return set(BOUND[form])
        states = {
            purpose: self.state(purpose, subject) for purpose in ("contact", "elder_visits", "registration")
        }
        of = {"person.phone": "contact", "household.contact": "contact", "household.kind": "registration"}
        return {name for name, code in BOUND[form].items() if states[of.get(code, "elder_visits")] != "open"}

    def marks(self, form: str, answers: dict[str, Any]) -> dict[str, bool]:
        if form == CHECK:
            return {"verified": answers.get("seen") == "yes"}
        is_met = answers.get("seen") == "yes"
        return {"met": is_met, "not_met": not is_met, "fell": answers.get("note") == "跌倒"}

    def write_fields(
        self,
        editor: Editor,
        row: Kept,
        people: list[dict[str, Any]],
        state: str,
        sent: dict[str, Any],
        at: datetime,
    ) -> None:
        closed = self.closed(row.form, row.subject)
        for name in sorted(closed & set(sent["answers"])):
            row.became.append((row.subject.id, BOUND[row.form][name], "refused"))
        if state != "open":
            return
        self.bind(editor, row, row.subject, row.answers or {}, BOUND[row.form], sent, at)
        for told in people:
            person = self.people[told["_id"]]
            if person.consent in NO:
                continue
            said = {name: answer for name, answer in told.items() if name != "_id"}
            self.bind(editor, row, person, said, ROW_BOUND, sent, at)
            refused = {code for of, code, what in row.became if (of, what) == (person.id, "refused")}
            kept = {name: answer for name, answer in said.items() if ROW_BOUND.get(name) not in refused}
            row.people[person.id] = {"people": kept}
        self.verify(row)

    def bind(
        self,
        editor: Editor,
        row: Kept,
        subject: Home | Person,
        said: dict[str, Any],
        codes: dict[str, str],
        sent: dict[str, Any],
        at: datetime,
    ) -> None:
        """Each bound answer goes the way of a hand edit, with what the form began with as what was seen."""
        before = self.former_answers(self.records.get(row.corrects or ""))
        key = "" if subject is row.subject else f"{subject.id}."
        for name, code in codes.items():
            if name not in said:
                continue
            if self.state(PURPOSES_OF_ROWS.get(code, "registration"), subject) != "open":
                row.became.append((subject.id, code, "refused"))
                continue
            current, base = subject.read(code), f"{key}{name}"
            value = self.value(code, said[name], current, row.day)
            seen = self.value(code, before[base], current, row.day) if base in before else None
            seen = sent["seen"].get(base, seen)
            is_carried = (base in sent["seen"] or base in before) and self.was_confirmed(subject, code)
            became = self.edit_one(editor, subject, code, value, seen, TITLES[row.form], at)
            if became != "confirmed" or not is_carried:
                row.became.append((subject.id, code, became))

    def value(self, code: str, answer: Any, current: Any, day: date) -> Any:
        if not code.startswith("person.need."):
            return answer
        if answer == "no":
            return None
        return current or {"grade": None, "since": day.isoformat(), "legal_basis": "示例"}

    def former_answers(self, former: Kept | None) -> dict[str, Any]:
        if former is None:
            return {}
        within = {
            f"{person}.{name}": answer
            for person, rows in former.people.items()
            for name, answer in (rows or {}).get("people", {}).items()
        }
        return {**(former.answers or {}), **within}

    def was_confirmed(self, subject: Home | Person, code: str) -> bool:
        return any(
            (of, kept) == (subject.id, code) and what in ("confirmed", "written")
            for row in self.records.values()
            for of, kept, what in row.became
        )

    def verify(self, row: Kept) -> None:
        home = row.home
        is_said = isinstance(row.subject, Home) and row.marks.get("verified")
        is_seen = any(of == home.id and what in ("confirmed", "written") for of, _code, what in row.became)
        if is_said or is_seen:
            home.verified_at = max(row.filled_at, home.verified_at or row.filled_at)

    def correct(
        self, editor: Editor, record_id: str, sent: dict[str, Any], reason: str, at: datetime
    ) -> Kept:
        former = self.records[record_id]
        if editor.role == "member":
            if former.account != editor.account:
                raise RefusalError("NotFound")
            if at - former.received_at > timedelta(days=7):
                raise RefusalError("NotAllowed")
        later = [row.id for row in self.records.values() if row.corrects == record_id]
        if later and later != [sent["id"]]:
            raise RefusalError("Conflict")
        if former.answers is None:
            raise RefusalError("Conflict")
        more = {"corrects": record_id, "reason": reason}
        return self.write_record(editor, former.form, former.subject, sent, at, **more)

    def redact(self, editor: Editor, record_id: str) -> None:
        if editor.role != "head":
            raise RefusalError("NotAllowed")
        chain = {record_id}
        for _link in self.records:
            chain |= {row.id for row in self.records.values() if row.corrects in chain}
            chain |= {row.corrects for row in self.records.values() if row.id in chain and row.corrects}
        for row in self.records.values():
            if row.id in chain:
                row.is_redacted = True
                self.empty(row)
                row.people = dict.fromkeys(row.people)

    def empty(self, row: Kept) -> None:
        row.answers, row.sent, row.reason, row.marks = None, None, None, {}

    def erase(self, editor: Editor, person: Person, at: datetime) -> None:
        super().erase(editor, person, at)
        is_last = not self.people_of(person.home)
        for row in self.records.values():
            if row.subject is person or (is_last and row.subject is person.home):
                self.empty(row)
            if person.id in row.people:
                row.people[person.id] = None

    def agrees(self, row: Kept) -> bool:
        return self.state(PURPOSE[row.form], row.subject) != "refused"

    def tells(self, editor: Editor, row: Kept) -> bool:
        """Whether a record may be known to be there, without a reason."""
        is_served = editor.role == "head" or self.grid_of[row.home.cell] in editor.grids
        return is_served and self.is_there(row) and self.agrees(row)

    def is_there(self, row: Kept) -> bool:
        return not (isinstance(row.subject, Person) and row.subject.is_erased)

    def shown(self, row: Kept) -> tuple[set[str], dict[str, set[str]]]:
        """Which questions are told of a record that is opened, and which of each of its people."""
        own = {
            name
            for name in row.answers or {}
            if name not in BOUND[row.form] or self.may_tell(BOUND[row.form][name], row.subject)
        }
        people = {}
        for key, rows in row.people.items():
            person = self.people[key]
            if (
                rows is not None
                and not person.is_erased
                and self.state(PURPOSE[row.form], person) != "refused"
            ):
                said = rows["people"]
                people[key] = {name for name in said if self.may_tell(ROW_BOUND[name], person)}
        return own, people

    def may_tell(self, code: str, subject: Home | Person) -> bool:
        return self.state(PURPOSES_OF_ROWS.get(code, "registration"), subject) != "refused"

    def lists(self, editor: Editor) -> set[str]:
        corrected = {row.corrects for row in self.records.values()}
        return {
            row.id
            for row in self.records.values()
            if self.tells(editor, row) and row.id not in corrected and not row.is_redacted
        }


PURPOSES_OF_ROWS = {
    "person.phone": "contact",
    "household.contact": "contact",
    "person.need.living_alone": "elder_visits",
}
