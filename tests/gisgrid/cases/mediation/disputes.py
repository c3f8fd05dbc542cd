"""A community with people who settle disputes, and short words for what they do."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.models import Account, AccountScope, Role
from gisgrid.areas.view import View
from gisgrid.cases.core.models import Case, Category, WorkerSkill
from gisgrid.cases.disputes.models import MEDIATION, Dispute
from gisgrid.cases.disputes.pipeline import DisputeSnapshot, DisputeStep
from gisgrid.cases.disputes.store import dispute_snapshot
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.mediation.service import DisputeStepInput, take_dispute
from tests import world
from tests.world import LAT, LON, STEP, TZ


class Quarrel:
    """A head, staff, members of three grids (``mediator`` has the skill), a leader and a resident."""

    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        add = world.add_actor
        self.actors: dict[str, Actor] = {
            "head": add(session, self.made, Role.HEAD, "C1"),
            "staff": add(session, self.made, Role.STAFF, "G1"),
            "member": add(session, self.made, Role.MEMBER, "G1"),
            "other": add(session, self.made, Role.MEMBER, "G2"),
            "mediator": add(session, self.made, Role.MEMBER, "G3"),
            "leader": add(session, self.made, Role.LEADER),
            "grid_leader": add(session, self.made, Role.GRID_LEADER, "G1"),
            "resident": add(session, self.made, Role.RESIDENT),
        }
        session.add(AccountScope(account_id=self.actors["leader"].account_id, area_id=self.made.community))
        session.execute(update(Category).where(Category.code == "dispute").values(skill=MEDIATION))
        session.execute(update(Account).where(Account.role != Role.LOCAL).values(password_hash="x"))
        self.teach("mediator")

    def teach(self, name: str) -> None:
        self.session.add(WorkerSkill(worker_id=self.worker(name), skill=MEDIATION))
        self.session.flush()

    def view(self, name: str) -> View:
        return self.made.view(self.session, self.actors[name], now=self.now)

    def worker(self, name: str) -> str:
        return self.actors[name].worker_id or ""

    def report(self, column: float = 0.5, row: float = 0.5, by: str = "member", **more: Any) -> Case:
        values = {"category": "dispute", "description": "邻里争执", **more}
        command = ReportCase(lon=LON + column * STEP, lat=LAT + row * STEP, **values)
        caches = self.made.caches
        return report(self.session, self.actors[by], command, caches=caches, now=self.now, tz=TZ).case

    def do(self, name: str, case: Case, step: str, **given: Any) -> Case:
        return take_dispute(
            self.view(name), case.id, DisputeStep(step), DisputeStepInput(**given), now=self.now
        )

    def snapshot(self, case: Case) -> DisputeSnapshot:
        return dispute_snapshot(self.session.get(Dispute, case.id))

    def mediated(self, **more: Any) -> Case:
        """A dispute in mediation with one session held."""
        case = self.report(**more)
        self.do("member", case, "sort", grade="complex", people="王某与李某")
        self.do("staff", case, "ask", mediator=self.worker("mediator"))
        self.do("mediator", case, "meet", met_at=self.now, place="居委会", people="双方", text="各说各的")
        return case

    def settled(self) -> Case:
        """A dispute that ended in an agreement, not yet followed up."""
        case = self.mediated()
        return self.do("mediator", case, "agree", text="每晚十点后不放音乐")

    def later(self, days: int) -> None:
        self.now += timedelta(days=days)
