"""A table that lists persons is filled once a second person approved it; a run is one line and one entry."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from data.outward.template import template_file
from data.outward.workbooks import write_workbook
from gisgrid.access.actors import Actor
from gisgrid.access.models import Account, AuditEntry, Role
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.core.models import Consent, Resident
from gisgrid.records.core.outward_models import OutwardApproval, OutwardRun
from gisgrid.records.core.rules import OutwardRows
from gisgrid.records.outward.approval_queries import count_decidable, waiting_approvals
from gisgrid.records.outward.approvals import ask_approval, decide_approval, may_decide
from gisgrid.records.outward.runs import RunCounts, note_run, read_fill
from gisgrid.records.outward.scope import OutwardRequest
from gisgrid.records.outward.sheets import OutwardSheet
from gisgrid.records.outward.template_queries import list_templates, open_template
from gisgrid.records.outward.templates import TemplateInput, change_sheets, close_template, keep_template
from gisgrid.storage.engine import Database
from tests import world
from tests.data.outward.sheets import write_template
from tests.gisgrid.records.test_outward_templates import FILE, SENT, shape

WHY = OutwardRequest(grid="G1", reason="民政科抽查")
COUNTS = RunCounts(rows=1, cells=5, prefilled=3, empty=1, no_consent=1, sha256="0" * 64)


@dataclass
class Office:
    """A grid with an elder, a template that lists persons, and accounts of several roles."""

    session: Session
    made: world.World
    now: datetime
    actors: dict[str, Actor] = field(default_factory=dict)

    def view(self, who: str, *, now: datetime | None = None) -> View:
        return self.made.view(self.session, self.actors[who], now=now or self.now)

    def ask(self, who: str, wanted: OutwardRequest = WHY) -> list[OutwardApproval]:
        return ask_approval(self.view(who), "B001", wanted, now=self.now)

    def decide(self, who: str, asked: OutwardApproval, *, yes: bool = True) -> OutwardApproval:
        return decide_approval(self.view(who), "B001", asked.id, is_approved=yes, now=self.now)


def office(session: Session, now: datetime) -> Office:
    made = world.found(session)
    home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
    world.add_resident(session, home, date(1940, 1, 1), name="=示例")
    place = Office(session, made, now)
    for name, role, areas in (
        ("staff", Role.STAFF, ("G1", "G2")),
        ("other staff", Role.STAFF, ("G3",)),
        ("member", Role.MEMBER, ("G1",)),
        ("far member", Role.MEMBER, ("G2",)),
        ("head", Role.HEAD, ()),
        ("other head", Role.HEAD, ()),
        ("leader", Role.LEADER, ()),
    ):
        place.actors[name] = world.add_actor(session, made, role, *areas)
    keep_template(place.view("staff"), FILE, SENT, now=now)
    return place


def test_persons_are_listed_after_a_second_person_approved_it(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        with pytest.raises(Conflict, match="somebody else has to approve it first, for 第1网格"):
            read_fill(place.view("member"), "B001", WHY, now=now)
        (asked,) = place.ask("member")
        assert place.ask("member") == [asked], "what waits isn't asked twice"
        for who in ("member", "staff", "far member", "leader"):
            with pytest.raises(NotAllowed):
                place.decide(who, asked)
        decided = place.decide("head", asked)
        assert (decided.until, decided.is_approved) == (date(2026, 12, 24), True)
        with pytest.raises(Conflict, match="decided already"):
            place.decide("other head", asked)
        with pytest.raises(Conflict, match="approved already until 2026-12-24"):
            place.ask("member")
        fill = read_fill(place.view("member"), "B001", WHY, now=now)
        run = note_run(place.view("member"), fill, COUNTS, now=now)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "outward:fill")).one()
        kept = session.scalars(select(OutwardRun)).one()
    assert (kept.id, kept.area_id, kept.month) == (run.id, place.made.areas["G1"], date(2026, 11, 1))
    assert (kept.row_count, kept.cell_count, kept.prefilled, kept.empty, kept.no_consent) == (1, 5, 3, 1, 1)
    assert entry.reason == "民政科抽查 · 老年人权益保障法"
    assert entry.fields == [
        *("community.name", "person.age", "person.name", "person.need.living_alone", "row.number")
    ]
    assert "示例" not in repr((entry.fields, entry.details))


def test_an_approval_ends_and_holds_for_its_area_and_version_alone(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask("staff")
        place.decide("head", asked)
        read_fill(place.view("staff"), "B001", WHY, now=now)
        with pytest.raises(Conflict, match="第2网格"):
            read_fill(place.view("staff"), "B001", replace(WHY, grid="G2"), now=now)
        with pytest.raises(Conflict, match=r"for 第2网格$"):
            read_fill(place.view("staff"), "B001", replace(WHY, grid=None), now=now)
        last, after = now + timedelta(days=30), now + timedelta(days=31)
        read_fill(place.view("staff", now=last), "B001", WHY, now=last)
        with pytest.raises(Conflict):
            read_fill(place.view("staff", now=after), "B001", WHY, now=after)
        sheet = OutwardSheet(sheet="表一", rows=OutwardRows.PERSON, columns={"B": "person.phone"})
        change_sheets(place.view("staff"), "B001", [sheet], now=now)
        with pytest.raises(Conflict):
            read_fill(place.view("staff"), "B001", WHY, now=now)


def test_what_staff_ask_for_all_their_grids_waits_for_each(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        asked = place.ask("staff", replace(WHY, grid=None))
        assert {row.area_id for row in asked} == {place.made.areas[code] for code in ("G1", "G2")}
        whole = place.ask("head", replace(WHY, grid=None))
        assert [row.area_id for row in whole] == [place.made.community]
        place.decide("other head", whole[0])
        read_fill(place.view("staff"), "B001", replace(WHY, grid=None), now=now)  # it holds in each grid


def test_a_heads_request_goes_to_another_head_or_the_staff(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask("head")
        for who in ("head", "member"):
            with pytest.raises(NotAllowed):
                place.decide(who, asked)
        shown = {who: waiting_approvals(place.view(who)) for who in ("staff", "head", "member")}
        assert [len(shown[who]) for who in ("staff", "head", "member")] == [1, 1, 0]
        assert [shown[who][0]["may_decide"] for who in ("staff", "head")] == [True, False]
        assert shown["staff"][0]["reason"] == "民政科抽查"
        place.decide("other staff", asked)
        assert waiting_approvals(place.view("head")) == []


def test_two_accounts_of_one_person_are_one_person(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask("member")
        head = place.actors["head"]
        account = session.get(Account, head.account_id)
        assert account is not None
        account.worker_id = place.actors["member"].worker_id
        session.flush()
        place.actors["head"] = replace(head, worker_id=account.worker_id)
        with pytest.raises(NotAllowed):
            place.decide("head", asked)


def test_what_was_declined_is_asked_anew_and_what_changed_is_not_approved(
    database: Database, now: datetime
) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask("member")
        place.decide("head", asked, yes=False)
        with pytest.raises(Conflict):
            read_fill(place.view("member"), "B001", WHY, now=now)
        (again,) = place.ask("member")
        assert again.id != asked.id
        change_sheets(place.view("staff"), "B001", [], now=now)
        with pytest.raises(Conflict, match="changed since"):
            place.decide("head", again)
        with pytest.raises(NotFound):
            decide_approval(place.view("head"), "B002", again.id, is_approved=True, now=now)


def test_everybody_says_why_persons_are_listed(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        for who in ("member", "staff", "head"):
            with pytest.raises(InvalidInput, match="reason"):
                place.ask(who, replace(WHY, reason="  "))
        with pytest.raises(InvalidInput) as raised:
            place.ask("head", OutwardRequest(grid="G1", month="x", reason=None))
        assert {fault.field for fault in raised.value.faults} == {"month", "reason"}
        with pytest.raises(NotFound):
            place.ask("far member")
        with pytest.raises(NotAllowed):
            place.ask("leader")


def test_counts_by_grid_need_nobody(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        month = replace(FILE, sheets=(shape(("网格", "户数", "60岁以上")),))
        keep_template(place.view("head"), month, replace(SENT, title="月报"), now=now)
        with pytest.raises(Conflict, match="lists no persons"):
            ask_approval(place.view("member"), "B002", WHY, now=now)
        fill = read_fill(place.view("member"), "B002", OutwardRequest(grid="G1"), now=now)
        assert fill.content.rows["表一"][0]["count.elders"] == 1
        opened = open_template(place.view("member"), "B002", now=now)
        assert (opened["needs_approval"], opened["approvals"]) == (False, [])


def test_what_nobody_said_anything_of_or_is_closed_is_not_filled(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        blank = replace(FILE, sheets=(shape(("甲", "乙")),))
        sent = TemplateInput(department="某科", title="空表", legal_basis="某法", code="blank")
        keep_template(place.view("staff"), blank, sent, now=now)
        change_sheets(place.view("staff"), "blank", [], now=now)
        with pytest.raises(InvalidInput, match="one column at least"):
            read_fill(place.view("member"), "blank", WHY, now=now)
        (asked,) = place.ask("member")
        place.decide("head", asked)
        fill = read_fill(place.view("member"), "B001", WHY, now=now)
        close_template(place.view("staff"), "B001", now=now)
        with pytest.raises(Conflict, match="closed"):
            read_fill(place.view("member"), "B001", WHY, now=now)
        with pytest.raises(Conflict, match="closed"):
            note_run(place.view("member"), fill, COUNTS, now=now)
        assert session.scalars(select(OutwardRun.id)).all() == []


def test_members_see_their_own_runs_and_staff_all(database: Database, now: datetime) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask("member")
        place.decide("head", asked)
        note_run(place.view("member"), read_fill(place.view("member"), "B001", WHY, now=now), COUNTS, now=now)
        runs = {
            who: open_template(place.view(who), "B001", now=now)["runs"]
            for who in ("member", "far member", "staff", "head")
        }
        (listed,) = list_templates(place.view("staff"))
        states = open_template(place.view("member"), "B001", now=now)["approvals"]
    assert [len(rows) for rows in runs.values()] == [1, 0, 1, 1]
    assert (runs["staff"][0]["area_name"], runs["staff"][0]["month"]) == ("第1网格", "2026-11")
    assert listed["last_run"]
    assert (listed["planned"], listed["places"]) == (5, 7)
    assert states == [
        {"area": "G1", "area_name": "第1网格", "until": "2026-12-24", "is_waiting": False, "declined": None}
    ]


def test_withdrawn_consent_leaves_its_cells_empty_in_the_workbook(
    database: Database, now: datetime, tmp_path: Path
) -> None:
    with database.write() as session:
        place = office(session, now)
        content = write_template(tmp_path / "a.xlsx").read_bytes()
        sent = replace(SENT, code="real")
        keep_template(place.view("staff"), template_file(content, "a.xlsx"), sent, now=now)
        (asked,) = ask_approval(place.view("member"), "real", WHY, now=now)
        decide_approval(place.view("head"), "real", asked.id, is_approved=True, now=now)
        counts = []
        for status in ("granted", "withdrawn"):
            person = session.scalars(select(Resident)).one()
            answer = Consent(
                resident_id=person.id,
                purpose="elder_visits",
                status=status,
                text_version="1",
                asked_at=now + timedelta(minutes=len(counts)),
            )
            session.add(answer)
            session.flush()
            fill = read_fill(place.view("member"), "real", WHY, now=now)
            counts.append(write_workbook(fill).counts)
    assert [(row.prefilled, row.no_consent) for row in counts] == [(7, 0), (6, 1)]
    assert all(row.cells == row.prefilled + row.empty + row.no_consent for row in counts)


@pytest.mark.parametrize("asker", ["member", "staff", "head"])
def test_what_waits_for_whom_is_what_may_be_decided(database: Database, now: datetime, asker: str) -> None:
    with database.write() as session:
        place = office(session, now)
        (asked,) = place.ask(asker)
        for who, actor in place.actors.items():
            waits = count_decidable(session, actor, [place.made.community])
            is_allowed = who != "leader" and may_decide(place.view(who), asked.asked_by)
            assert waits == ({place.made.community: 1} if is_allowed else {}), who
        place.decide("other head", asked)
        assert count_decidable(session, place.actors["other head"], [place.made.community]) == {}
