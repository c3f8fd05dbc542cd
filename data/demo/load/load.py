"""Loads the demo into an empty database: one transaction per community, so that a crash leaves none half."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from data.demo.generate import communities_for, generate
from data.demo.load.answers import load_answers
from data.demo.load.appraisals import load_appraisal
from data.demo.load.areas import load_areas
from data.demo.load.cases import load_cases
from data.demo.load.contracts import load_contracts
from data.demo.load.disputes import load_disputes
from data.demo.load.errands import load_errands
from data.demo.load.evaluations import load_evaluations
from data.demo.load.fieldwork import load_fieldwork
from data.demo.load.ids import Loading
from data.demo.load.need_services import load_need_services
from data.demo.load.passwords import passwords_of
from data.demo.load.people import load_accounts, load_residents, load_visitors, load_workers
from data.demo.load.places import load_places
from data.demo.load.plans import load_plans
from data.demo.load.rounds import load_round
from data.demo.load.templates import load_templates
from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.storage.engine import Database

Credentials = list[tuple[str, str, str]]
"""Name, role and password of each account that was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How much of the demo, from which seed, with one password for all or random ones."""

    households: int
    seed: int
    password: str | None = None


def load_demo(
    database: Database, actor: Actor, wanted: Wanted, *, now: datetime, report: Callable[[float], None]
) -> Credentials:
    """Generate and load every community of the demo; gives the accounts with their passwords."""
    require(actor, Action.PLACES_IMPORT)
    credentials: Credentials = []
    communities = communities_for(wanted.households)
    for index in range(communities):
        demo = generate(wanted.seed, households=wanted.households, community=index, at=now)
        with passwords_of(demo, wanted.password) as passwords, database.write() as session:
            loading = Loading(session=session, actor=actor, now=now)
            load_areas(loading, demo)
            load_places(loading, demo)
            load_workers(loading, demo)
            load_residents(loading, demo)
            load_answers(loading, demo)
            load_visitors(loading, demo)
            credentials += load_accounts(loading, demo, passwords)
            load_need_services(loading, demo)
            load_contracts(loading, demo)
            load_cases(loading, demo)
            load_round(loading, demo)
            load_fieldwork(loading, demo)
            load_errands(loading, demo)
            load_disputes(loading, demo)
            load_evaluations(loading, demo)
            load_appraisal(loading)
            load_plans(loading, demo)
            load_templates(loading, demo)
            record(session, actor, "demo:load", "area", now=now, object_id=loading.community_id)
        database.refresh_statistics()
        report((index + 1) / communities)
    return credentials
