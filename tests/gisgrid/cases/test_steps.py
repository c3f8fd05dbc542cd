"""Steps of the workflow on both databases: who may, what is needed, who is told, what can not be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gisgrid.access.actors import NOBODY, Actor
from gisgrid.access.models import AccountScope, Duty, DutyKind, Role, Worker
from gisgrid.areas.view import View
from gisgrid.cases.claim_pool import assign_unclaimed, claim_pool
from gisgrid.cases.core.case_state import Route
from gisgrid.cases.core.models import Case, CaseNotice, Category, WorkerSkill
from gisgrid.cases.core.owners import OwnerKind, ownerless, owners_of
from gisgrid.cases.core.repeats import repeated_places
from gisgrid.cases.core.requirements import StepInput
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.core.workflow import STEPS, WORKFLOW, CaseAction, CaseState, Who
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import CaseSearch, case_card, list_cases
from gisgrid.cases.steps import helpers_for, open_steps, take, take_by_receipt
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.storage.base import new_id
from gisgrid.storage.engine import Database
from tests import world
from tests.cases_by_log import rebuilt
from tests.world import LAT, LON, STEP, TZ

A = CaseAction


class Scene:
    """A community with people, and short words for what they do."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        add = world.add_actor
        self.actors: dict[str, Actor] = {
            "head": add(session, self.made, Role.HEAD, "C1"),
            "staff": add(session, self.made, Role.STAFF, "G1"),
            "member": add(session, self.made, Role.MEMBER, "G1"),
            "other": add(session, self.made, Role.MEMBER, "G2"),
            "leader": add(session, self.made, Role.LEADER),
            "resident": add(session, self.made, Role.RESIDENT),
        }
        session.add(AccountScope(account_id=self.actors["leader"].account_id, area_id=self.made.community))

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actors[name], now=self.now)

    def report(self, column: float = 0.5, by: str = "resident", **changes: Any) -> Case:
        values = {"category": "garbage", "description": "垃圾", **changes}
        command = ReportCase(lon=LON + column * STEP, lat=LAT + 0.5 * STEP, **values)
        caches = self.made.caches
        return report(self.session, self.actors[by], command, caches=caches, now=self.now, tz=TZ).case

    def do(self, name: str, case: Case, *steps: str, **given: Any) -> Case:
        for step in steps:
            take(self.view(name), case.id, A(step), StepInput(**given), now=self.now)
        return case

    def worker(self, name: str) -> str:
        return self.actors[name].worker_id or ""

    def told(self, name: str) -> list[str]:
        own = select(CaseNotice.kind).where(CaseNotice.account_id == self.actors[name].account_id)
        return list(self.session.scalars(own.order_by(CaseNotice.at, CaseNotice.id)))


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def test_the_whole_way_from_the_report_to_the_rating(scene: Scene) -> None:
    case = scene.report()
    scene.do("staff", case, "accept", "verify", "file", "dispatch")
    assert case.handler_id == scene.worker("member")
    assert scene.told("member") == ["reported", "given"]
    scene.do("member", case, "receipt", "start")
    scene.do("member", case, "finish", result="已修好")
    scene.do("staff", case, "check", "rework", reason="没修好")
    assert (case.result, scene.told("member")) == (None, ["reported", "given", "rework"])
    scene.do("member", case, "finish", result="修好了")
    scene.do("member", case, "feedback", feedback="phone")
    scene.do("staff", case, "check", "close")
    scene.do("resident", case, "rate", speed=5, effect=4)
    assert (case.state, case.resolution, case.feedback_channel) == ("rated", "handled", "phone")
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    states = [line.to_state for line in log_of(scene.session, case.id)]
    assert states == [
        "reported",
        "accepted",
        "verifying",
        "filed",
        "dispatched",
        "receipted",
        "handling",
        "feedback",
        "checking",
        "handling",
        "feedback",
        "feedback",
        "checking",
        "closed",
        "rated",
    ]


def test_on_the_spot_is_one_transition_with_two_moments(scene: Scene) -> None:
    case = scene.report()
    settled = scene.now + timedelta(minutes=5)
    scene.now += timedelta(hours=3)
    scene.do("member", case, "close", result="当场清理", settled_at=settled, feedback="on_spot")
    line = log_of(scene.session, case.id)[-1]
    assert (case.resolution, case.handler_id) == ("on_spot", scene.worker("member"))
    assert (line.from_state, line.to_state, line.at) == ("reported", "closed", scene.now)
    assert datetime.fromisoformat(line.details["settled_at"]) == settled == case.feedback_at
    assert case.feedback_channel == "on_spot"


def test_who_says_nothing_of_feedback_has_told_nobody(scene: Scene) -> None:
    case = scene.do("member", scene.report(), "close", result="当场清理")
    assert (case.state, case.resolution, case.feedback_channel, case.feedback_at) == (
        "closed", "on_spot", None, None,
    )  # fmt: skip
    assert "channel" not in log_of(scene.session, case.id)[-1].details
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    with pytest.raises(InvalidInput) as refused:
        scene.do("member", scene.report(), "close", result="当场清理", feedback_at=scene.now)
    assert [fault.field for fault in refused.value.faults] == ["feedback"]


def test_the_database_keeps_no_closed_case_without_a_result(scene: Scene) -> None:
    case = scene.do("member", scene.report(), "close", result="当场清理", feedback="phone")
    case.result = None
    with pytest.raises(IntegrityError):
        scene.session.flush()
    scene.session.rollback()


@pytest.mark.parametrize(
    ("step", "given", "fields"),
    [
        ("finish", {}, {"result"}),
        ("return", {"reason": "  "}, {"reason"}),
        ("extend", {}, {"reason", "due"}),
        ("suspend", {}, {"reason"}),
        ("void", {}, {"reason"}),
        ("duplicate", {"duplicate_of": "20200101-0001"}, {"duplicate_of"}),
        ("supervise", {"kind": "mood"}, {"kind"}),
        ("involve", {"worker": "nobody"}, {"worker"}),
        ("close", {"feedback": "pigeon"}, {"result", "feedback"}),
    ],
)
def test_everything_a_step_lacks_is_told_at_once(
    scene: Scene, step: str, given: dict[str, str], fields: set[str]
) -> None:
    case = scene.report()
    scene.do("member", case, "start")
    with pytest.raises(InvalidInput) as caught:
        scene.do("member" if step == "return" else "head", case, step, **given)
    assert {fault.field for fault in caught.value.faults} == fields
    assert case.state == "handling"


def test_who_may_not_is_refused_and_who_does_not_see_it_is_not_told(scene: Scene) -> None:
    case = scene.report()
    with pytest.raises(NotAllowed):
        scene.do("member", case, "void", reason="x")
    with pytest.raises(NotAllowed):
        scene.do("leader", case, "start")
    with pytest.raises(NotAllowed):
        scene.do("resident", case, "start")
    with pytest.raises(NotFound):
        scene.do("other", case, "start")
    scene.do("leader", case, "supervise", kind="leader")
    assert case.is_supervised
    with pytest.raises(Conflict, match="closed can't take the step start"):
        scene.do("member", scene.do("member", case, "close", result="x"), "start")


def test_every_offered_step_is_one_of_the_table_and_only_those_are_taken(scene: Scene) -> None:
    case = scene.report()
    for name in scene.actors:
        if name == "other":
            continue  # sees nothing of it
        offered = set(open_steps(scene.view(name), case, now=scene.now))
        for action in set(CaseAction) - offered:
            with pytest.raises((Conflict, NotAllowed, InvalidInput)):
                scene.do(name, case, action)
        assert case.state == "reported"


def test_a_returned_case_is_the_communitys_and_only_dispatched_anew(scene: Scene) -> None:
    case = scene.report()
    scene.do("staff", case, "dispatch")
    scene.do("member", case, "return", reason="不归我管")
    owner = owners_of(scene.view("head"), [case], now=scene.now)[case.id]
    assert owner is not None
    assert (owner.kind, owner.account_id) == (OwnerKind.COMMUNITY, scene.actors["head"].account_id)
    assert scene.told("head") == ["returned"]
    for step in ("start", "receipt", "close", "accept"):
        with pytest.raises(Conflict):
            scene.do("head", case, step, result="x")
    scene.do("head", case, "dispatch", handler=scene.worker("other"))
    assert owners_of(scene.view("head"), [case], now=scene.now)[case.id].worker_id == scene.worker("other")  # type: ignore[union-attr]
    scene.do("other", case, "receipt")


def test_a_case_has_an_owner_as_long_as_anybody_is_at_work(scene: Scene) -> None:
    inside, outside = scene.report(), scene.report(-9)
    view = scene.view("head")
    kinds = {key: one and one.kind for key, one in owners_of(view, [inside, outside], now=scene.now).items()}
    assert kinds == {inside.id: OwnerKind.MEMBER, outside.id: OwnerKind.COMMUNITY}
    assert ownerless(view, now=scene.now) == []
    scene.session.execute(update(Duty).values(valid_to=scene.now))
    for name in ("head", "staff"):
        account = scene.session.get(world.Account, scene.actors[name].account_id)
        assert account is not None
        account.disabled_at = scene.now
    scene.session.flush()
    assert ownerless(scene.view("head"), now=scene.now) == sorted([inside.number, outside.number])


def test_suspending_stops_the_clock_and_going_on_leads_back(scene: Scene) -> None:
    case = scene.report()
    scene.do("member", case, "start")
    scene.do("head", case, "suspend", reason="冬季不能施工")
    since, scene.now = scene.now, scene.now + timedelta(days=2)
    assert (case.state, case.suspended_at, case.suspended_from) == ("suspended", since, "handling")
    with pytest.raises(Conflict):
        scene.do("member", case, "close", result="x")
    scene.do("head", case, "resume")
    assert (case.state, case.suspended_at, case.suspended_seconds) == ("handling", None, 2 * 86400)
    with pytest.raises(InvalidInput, match="after the former one"):
        scene.do("head", case, "extend", reason="材料未到", due=case.due_at)
    scene.do("head", case, "extend", reason="材料未到", due=scene.now + timedelta(days=9))
    assert case.due_at == scene.now + timedelta(days=9)


def test_co_handlers_receipt_and_sign_off_before_the_end(scene: Scene) -> None:
    case = scene.report()
    scene.do("member", case, "start")
    scene.do("member", case, "involve", worker=scene.worker("other"))
    assert scene.told("other") == ["involved"]
    assert case_card(scene.view("other"), case.id, now=scene.now)["actions"] == ["co_receipt"]
    (helper,) = case_card(scene.view("member"), case.id, now=scene.now)["co_handlers"]
    assert helper["asked_at"]
    assert (helper["receipted_at"], helper["signed_at"]) == (None, None)
    with pytest.raises(Conflict, match="signed off"):
        scene.do("member", case, "close", result="已处理")
    scene.do("other", case, "co_receipt", "co_sign")
    with pytest.raises(Conflict):
        scene.do("other", case, "co_sign")
    scene.do("member", case, "close", result="已处理")
    helping = case_snapshot(scene.session, case).co_handlers
    assert [(one.worker_id, one.signed_at) for one in helping] == [(scene.worker("other"), scene.now)]


def test_what_nobody_claims_in_time_is_given_out(scene: Scene) -> None:
    first, second, secret = scene.report(), scene.report(), scene.report(category="dispute")
    assert [row["id"] for row in claim_pool(scene.view("other"), now=scene.now)] == [first.id, second.id]
    scene.do("other", first, "claim")
    assert (first.state, first.handler_id) == ("receipted", scene.worker("other"))
    with pytest.raises(NotFound):
        scene.do("other", secret, "claim")
    with pytest.raises(Conflict, match="receipted can't take the step claim"):
        scene.do("member", first, "claim")
    assert assign_unclaimed(scene.view("head"), now=scene.now) == 0
    scene.now += timedelta(hours=3)
    with pytest.raises(Conflict, match="the time to claim this case is over"):
        scene.do("other", second, "claim")
    assert assign_unclaimed(scene.view("head"), now=scene.now) == 2
    assert {(case.state, case.handler_id) for case in (second, secret)} == {
        ("dispatched", scene.worker("member"))
    }
    assert [one for one in scene.told("member") if one != "reported"] == ["given", "given"]
    assert assign_unclaimed(scene.view("head"), now=scene.now) == 0


def test_who_has_the_skill_is_given_the_case(scene: Scene) -> None:
    able = world.add_actor(scene.session, scene.made, Role.MEMBER, "G1", primary=False)
    scene.session.add(WorkerSkill(worker_id=able.worker_id or "", skill="mediation"))
    scene.session.execute(update(Category).where(Category.code == "dispute").values(skill="mediation"))
    case = scene.do("staff", scene.report(category="dispute"), "dispatch")
    assert case.handler_id == able.worker_id
    assert scene.do("staff", scene.report(), "dispatch").handler_id == scene.worker("member")
    people = helpers_for(scene.view("member"), case.id, now=scene.now)
    assert (people[0]["worker"], people[0]["skilled"]) == (able.worker_id, True)


def _without_account(scene: Scene) -> str:
    worker = Worker(id=new_id(), name="民警示例")
    scene.session.add(worker)
    scene.session.flush()
    area = scene.made.areas["G1"]
    scene.session.add(
        Duty(worker_id=worker.id, area_id=area, kind=DutyKind.SPECIALIST, valid_from=world.START)
    )
    scene.session.flush()
    return worker.id


def test_who_has_no_account_is_given_no_case_and_helps_with_none(scene: Scene) -> None:
    police = _without_account(scene)
    scene.session.add(WorkerSkill(worker_id=police, skill="mediation"))
    scene.session.execute(update(Category).where(Category.code == "dispute").values(skill="mediation"))
    case = scene.do("staff", scene.report(category="dispute"), "dispatch")
    assert case.handler_id == scene.worker("member"), "who can open it comes before who has the skill"
    assert police not in {one["worker"] for one in helpers_for(scene.view("staff"), case.id, now=scene.now)}
    with pytest.raises(InvalidInput, match="no account to open the case with"):
        scene.do("staff", case, "involve", worker=police)
    with pytest.raises(InvalidInput, match="no account to open the case with"):
        scene.do("staff", case, "dispatch", handler=police)


def test_an_emergency_goes_to_the_subdistrict_at_once(scene: Scene) -> None:
    case = scene.report(severity="emergency")
    assert (case.route, case.claim_until) == (Route.SUBDISTRICT, None)
    assert (scene.told("leader"), scene.told("head")) == (["emergency"], ["emergency"])
    secret = scene.report(severity="emergency", category="dispute")
    assert scene.told("leader") == ["emergency"] * 2
    assert secret.id not in {
        row["id"] for row in list_cases(scene.view("leader"), CaseSearch(), now=scene.now)[0]
    }
    coordinated = scene.report(needs_coordination=True)
    assert (coordinated.route, scene.told("head")[-1]) == (Route.COMMUNITY, "coordination")
    scene.do("member", coordinated, "escalate", reason="需要街道出面")
    assert (coordinated.route, scene.told("leader")) == (
        Route.SUBDISTRICT,
        ["emergency", "emergency", "escalated"],
    )
    with pytest.raises(Conflict, match="with the subdistrict already"):
        scene.do("member", coordinated, "escalate", reason="再上报")


def test_a_low_rating_opens_a_case_again_and_time_closes_it_for_good(scene: Scene) -> None:
    low, good = scene.report(), scene.report()
    for case, stars in ((low, 2), (good, 3)):
        scene.do("member", case, "close", result="已处理")
        scene.do("resident", case, "rate", speed=5, effect=stars)
    scene.now += timedelta(days=16)
    with pytest.raises(Conflict, match="within 15 days"):
        scene.do("resident", good, "reopen", reason="又坏了")
    scene.do("resident", low, "reopen", reason="没修好")
    assert (low.state, low.closed_at, low.result, low.feedback_channel) == ("accepted", None, None, None)
    assert low.due_at is not None
    assert low.due_at > scene.now
    assert scene.told("head") == ["rated_low", "reopened"]


def test_a_receipt_code_rates_and_reopens_without_an_account(scene: Scene) -> None:
    case = scene.do("member", scene.report(by="member"), "close", result="已处理")

    def opened(code: str) -> View:
        assert code == "C1"
        return scene.made.view(scene.session, NOBODY, now=scene.now)

    def by_receipt(receipt: str, action: CaseAction, **given: Any) -> None:
        take_by_receipt(
            scene.session, NOBODY, receipt, action, StepInput(**given), opened=opened, now=scene.now
        )

    by_receipt(case.receipt, A.RATE, speed=1, effect=1)
    by_receipt(case.receipt, A.REOPEN, reason="没清理")
    assert case.state == "accepted"
    for receipt, action in (("7KQ2-M9TA-WX4P", A.RATE), (case.receipt, A.VOID)):
        with pytest.raises(NotFound):
            by_receipt(receipt, action, reason="x")


@pytest.mark.parametrize("name", ["member", "staff", "head"])
def test_who_typed_a_report_in_for_another_does_not_rate_it(scene: Scene, name: str) -> None:
    case = scene.do("member", scene.report(by=name), "close", result="已处理")
    assert A.RATE not in open_steps(scene.view(name), case, now=scene.now)
    with pytest.raises(NotAllowed):
        scene.do(name, case, "rate", speed=5, effect=5)
    if name == "member":
        with pytest.raises(NotAllowed):
            scene.do(name, case, "reopen", reason="没修好")
    rated = StepInput(speed=5, effect=5)
    with pytest.raises(NotAllowed, match="log out"):  # nor by the code, which everybody in the office reads
        take_by_receipt(
            scene.session, scene.actors[name], case.receipt, A.RATE, rated, opened=scene.view, now=scene.now
        )
    assert (case.state, case.rating_speed) == ("closed", None)


def test_a_duplicate_ends_and_names_the_other(scene: Scene) -> None:
    first, again = scene.report(), scene.report()
    for wrong in (again.number, "20200101-0001", None):
        with pytest.raises(InvalidInput):
            scene.do("member", again, "duplicate", duplicate_of=wrong)
    scene.do("member", again, "duplicate", duplicate_of=first.number)
    assert (again.state, again.duplicate_of_id, again.resolution) == ("void", first.id, "duplicate")
    assert case_card(scene.view("head"), again.id, now=scene.now)["duplicate_of"] == first.number
    assert [row["id"] for row in list_cases(scene.view("head"), CaseSearch(), now=scene.now)[0]] == [first.id]


def test_several_cases_at_one_address_are_marked(scene: Scene) -> None:
    building = world.add_building(scene.session, scene.made, 0, 0)
    cases = []
    start = scene.now
    for days in (0, 40, 80, 200):
        scene.now = start + timedelta(days=days)
        cases.append(scene.report(building=building.id))
    cards = [case_card(scene.view("head"), case.id, now=scene.now) for case in cases]
    assert [(card["cases_there"], card["repeated"]) for card in cards] == [
        (1, False), (2, False), (3, True), (1, False),
    ]  # fmt: skip
    assert repeated_places(scene.view("head"), now=scene.now) == []
    then = cases[2].reported_at
    found = repeated_places(scene.view("head"), now=then)
    assert [(row["address"], row["cases"]) for row in found] == [(building.address, 3)]


@pytest.mark.parametrize("state", ["closed", "rated", "suspended", "open"])
def test_the_database_itself_refuses_what_may_not_be(scene: Scene, state: str) -> None:
    case = scene.report()
    with pytest.raises(IntegrityError), scene.session.begin_nested():
        scene.session.execute(update(Case).where(Case.id == case.id).values(state=state))


def test_each_line_of_the_table_is_taken_on_a_real_case(scene: Scene) -> None:
    """Whoever the table names takes the step from the first of its states; everybody else is refused."""
    people = {
        Who.STAFF: "staff", Who.HEAD: "head", Who.LEADER: "leader", Who.REPORTER: "resident",
        Who.MEMBER: "member", Who.HANDLER: "other",
    }  # fmt: skip
    taken, case, original = 0, scene.report(), scene.report()
    for step in WORKFLOW:
        for who, name in people.items():
            nested = scene.session.begin_nested()
            _moved(scene, case, step.sources[0])
            taken += _tries(scene, case, original, step.action, who, name)
            nested.rollback()
            scene.session.expire_all()
    assert taken >= len(WORKFLOW)


def _moved(scene: Scene, case: Case, source: CaseState) -> None:
    """The case stands in a state."""
    is_ended, is_suspended = source in ("closed", "rated"), source == "suspended"
    case.state, case.handler_id, case.result = source.value, scene.worker("other"), "已处理"
    case.feedback_channel = "phone" if is_ended else None
    case.closed_at = scene.now if is_ended else None
    case.suspended_at, case.suspended_from = (scene.now, "filed") if is_suspended else (None, None)
    scene.session.flush()


def _tries(scene: Scene, case: Case, original: Case, action: CaseAction, who: Who, name: str) -> bool:
    source = CaseState(case.state)
    given = StepInput(
        reason="因故",
        result="已处理",
        feedback="phone",
        due=scene.now + timedelta(days=30),
        speed=3,
        effect=3,
        kind="important",
        duplicate_of=original.id,
        worker=scene.worker("staff"),
        handler=scene.worker("member"),
    )
    allowed = who in STEPS[source, action].who
    try:
        take(scene.view(name), case.id, action, given, now=scene.now)
    except NotAllowed:
        assert not allowed, (source, action, who)
        return False
    except Conflict:
        assert action in (A.RELEASE, A.CLAIM, A.ASSIGN), (source, action, who)
        return False
    assert allowed, (source, action, who)
    return True


def test_cases_at_a_place_are_counted_only_as_far_as_they_are_seen(scene: Scene) -> None:
    building = world.add_building(scene.session, scene.made, 0, 0)
    scene.session.add(Category(code="quarrel", name="吵闹", group="矛盾", is_confidential=True))
    scene.session.flush()
    for category in ("quarrel", "quarrel", "garbage"):
        case = scene.report(category=category, building=building.id)
    counted = {
        name: case_card(scene.view(name), case.id, now=scene.now) for name in ("head", "leader", "resident")
    }
    assert {name: (card["cases_there"], card["repeated"]) for name, card in counted.items()} == {
        "head": (3, True), "leader": (0, False), "resident": (3, True),
    }  # fmt: skip
    other = scene.report(by="head", building=building.id)
    assert case_card(scene.view("resident"), case.id, now=scene.now)["cases_there"] == 3
    assert case_card(scene.view("head"), other.id, now=scene.now)["cases_there"] == 4


def test_who_reported_is_not_named_by_what_they_do_later(scene: Scene) -> None:
    scene.actors["grid_leader"] = world.add_actor(scene.session, scene.made, Role.GRID_LEADER, "G1")
    case = scene.report(by="grid_leader")
    scene.do("staff", case, "close", result="已处理")
    scene.do("grid_leader", case, "rate", speed=5, effect=5)
    lines = {
        name: {
            line["action"]: line["who"] for line in case_card(scene.view(name), case.id, now=scene.now)["log"]
        }
        for name in ("head", "leader")
    }
    assert lines["leader"]["rate"] is None
    assert lines["head"]["rate"] is not None


def test_what_was_given_out_meanwhile_is_not_given_out_again(scene: Scene) -> None:
    case = scene.report()
    assert case.claim_until is not None
    scene.now = case.claim_until + timedelta(hours=1)
    assert assign_unclaimed(scene.view("head"), now=scene.now) == 1
    assert assign_unclaimed(scene.view("head"), now=scene.now) == 0
