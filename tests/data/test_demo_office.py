"""The demo's office at work: a round that runs half done, and templates of other offices that say all."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import load_actor
from gisgrid.access.models import Account
from gisgrid.areas.view import Caches, View, ViewRequest, open_view
from gisgrid.care.need_lists import NeedFilter, unaided_people, unserved_needs
from gisgrid.care.needs import NO_INCOME
from gisgrid.people.core.models import Need
from gisgrid.people.core.need_models import NeedService
from gisgrid.records.outward.template_queries import list_templates, open_template
from gisgrid.records.rounds.progress import round_progress
from gisgrid.records.rounds.queries import list_rounds
from gisgrid.storage.engine import Database
from tests.world import TZ


def _view_of_head(session: Session, now: datetime) -> View:
    account = session.scalars(select(Account.id).where(Account.name == "head")).one()
    actor = load_actor(session, account, now=now)
    assert actor is not None
    return open_view(session, actor, ViewRequest(), caches=Caches(), now=now, tz=TZ)


def test_a_round_runs_and_is_partly_done(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        view = _view_of_head(session, now)
        (running,) = list_rounds(view)
        assert (running["state"], running["form"]) == ("running", "household_check")
        assert date.fromisoformat(running["first_day"]) < view.when.day
        assert view.when.day < date.fromisoformat(running["last_day"])
        total = round_progress(view, running["id"])["total"]
        assert total["subjects"] is not None
        assert total["done"] is not None
        assert total["excused"] is not None
        assert total["subjects"] > 400
        assert 100 < total["done"] < 250


def test_two_templates_are_kept_and_all_but_the_remarks_are_fields(demo: Database, now: datetime) -> None:
    with demo.read() as session:
        view = _view_of_head(session, now)
        kept = list_templates(view)
        assert {row["rows"] for row in kept} == {"person", "grid"}
        for row in kept:
            (sheet,) = open_template(view, row["code"], now=now)["sheets"]
            blank = [place["title"] for place in (*sheet["columns"], *sheet["cells"]) if not place["field"]]
            assert blank == ["备注"]


def test_most_needs_are_served_by_members_stations_or_organisations(demo: Database, now: datetime) -> None:
    with demo.write() as session:
        view = _view_of_head(session, now)
        left = unserved_needs(view, NeedFilter(), now=now).total
        counts = select(NeedService.server, func.count()).group_by(NeedService.server)
        servers = {row[0]: row[1] for row in session.execute(counts)}
    assert servers.keys() == {"member", "station", "organisation"}
    assert 50 < left < sum(servers.values()) / 2


def test_somebody_without_income_had_no_aid_and_most_had_some(demo: Database, now: datetime) -> None:
    with demo.write() as session:
        view = _view_of_head(session, now)
        listed = unaided_people(view, NeedFilter(), reason="checked", now=now)
        poor = session.scalar(select(func.count()).where(Need.kind == NO_INCOME)) or 0
    assert 3 <= listed.total < poor / 2
    assert {row["allowance"] for row in listed.rows} == {True, False}
