"""Residents, needs, workers, duties and accounts of the demo. Nobody in them exists.

The services make workers and accounts. The rest is inserted: the service of duties knows a first one of
several for grids alone and no stewards of buildings, that of visits writes down which account assigned
them, needs have none, and that of residents keeps the rows of a file, with keys and a record of its import.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time

from data.demo.load.ids import Loading
from data.demo.load.passwords import DemoPassword
from data.demo.personas.records import DemoAccount as AccountRecord
from data.demo.records import DemoCommunity
from gisgrid.access.accounts import NewAccount, create_account
from gisgrid.access.models import Duty, Role
from gisgrid.access.workers import WorkerFields, add_worker
from gisgrid.people.core.models import Need, Resident
from gisgrid.people.core.phone_digests import phone_digest, phone_digests
from gisgrid.storage.base import new_id
from gisgrid.welfare.models import AssignedVisitor

_SCOPED_BY_DUTY = {Role.MEMBER, Role.STAFF, Role.GRID_LEADER}


def load_workers(loading: Loading, demo: DemoCommunity) -> None:
    """People on duty and what they serve."""
    for worker in demo.workers:
        given = WorkerFields(
            name=worker.name,
            office_phone=worker.phone,
            birth_year=worker.birth_year,
            education=worker.education,
        )
        made = add_worker(loading.session, loading.actor, given, now=loading.now)
        loading.know("worker", worker.key, made)
    duties = [
        {
            "id": new_id(),
            "worker_id": loading.ids["worker"][duty.worker],
            "area_id": loading.id_of("area", duty.area),
            "building_id": loading.id_of("building", duty.building),
            "kind": duty.kind,
            "is_primary": duty.primary,
            "valid_from": duty.valid_from,
            "valid_to": duty.valid_to,
        }
        for duty in demo.duties
    ]
    loading.add(Duty, duties)


def load_residents(loading: Loading, demo: DemoCommunity) -> None:
    """Residents with the consent of their household, and needs with a legal basis."""
    answers = {answer.household: answer.status for answer in demo.consents}
    loading.new("resident", [person.key for person in demo.residents])
    digests = phone_digests(loading.session)
    residents = [
        {
            "id": loading.ids["resident"][person.key],
            "household_id": loading.ids["household"][person.household],
            "name": person.name,
            "phone": person.phone,
            "phone_digest": phone_digest(digests, person.phone),
            "birth_date": person.birth_date,
            "sex": person.sex,
            "residence_status": person.residence_status,
            "consent": answers[person.household],
            "lived_from": person.lived_from,
            "lived_to": person.lived_to,
        }
        for person in demo.residents
    ]
    loading.add(Resident, residents)
    needs = [
        {
            "id": new_id(),
            "resident_id": loading.ids["resident"][need.resident],
            "kind": need.kind,
            "grade": need.grade,
            "legal_basis": need.legal_basis,
            "valid_from": datetime.combine(need.since, time(), UTC),
        }
        for need in demo.needs
    ]
    loading.add(Need, needs)


def load_visitors(loading: Loading, demo: DemoCommunity) -> None:
    """Who visits whom."""
    visitors = [
        {
            "id": new_id(),
            "resident_id": loading.ids["resident"][visitor.resident],
            "kind": visitor.kind,
            "worker_id": loading.id_of("worker", visitor.worker),
            "name": visitor.name,
            "valid_from": visitor.since,
        }
        for visitor in demo.visitors
    ]
    loading.add(AssignedVisitor, visitors)


def load_accounts(
    loading: Loading, demo: DemoCommunity, passwords: Mapping[str, DemoPassword]
) -> list[tuple[str, str, str]]:
    """Accounts with the passwords of their names; gives name, role and password of each."""
    made = []
    for account in demo.accounts:
        password = passwords[account.name]
        new = NewAccount(
            name=account.name,
            role=Role(account.role),
            password_hash=password.hashing.result(),
            worker_id=loading.id_of("worker", account.worker),
            area_id=loading.id_of("area", _area(account, demo.code)),
            household_id=loading.id_of("household", account.household),
            organisation=account.organisation,
            may_instruct=account.may_instruct,
        )
        kept = create_account(loading.session, loading.actor, new, now=loading.now)
        loading.know("account", account.name, kept.id)
        made.append((account.name, account.role, password.secret))
    return made


def _area(account: AccountRecord, community: str) -> str | None:
    """The area of an account's scope that its duties don't give: at least the community it belongs to."""
    if account.role in _SCOPED_BY_DUTY or account.role == Role.ADMIN:
        return None
    (area,) = account.areas or (community,)
    return area
