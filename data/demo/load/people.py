"""Residents, needs, workers, duties and accounts of the demo. Nobody in them exists."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, time

from data.demo.load.ids import Loading
from data.demo.personas.records import DemoAccount as AccountRecord
from data.demo.records import DemoCommunity
from gisgrid.access.models import Account, AccountScope, Duty, Role, Worker
from gisgrid.access.passwords import hash_password
from gisgrid.people.core.models import Need, Resident
from gisgrid.storage.base import new_id
from gisgrid.welfare.models import AssignedVisitor

_SCOPED_BY_DUTY = {Role.MEMBER, Role.STAFF, Role.GRID_LEADER}


def load_workers(loading: Loading, demo: DemoCommunity) -> None:
    """People on duty and what they serve."""
    loading.new("worker", [worker.key for worker in demo.workers])
    workers = [
        {
            "id": loading.ids["worker"][worker.key],
            "name": worker.name,
            "office_phone": worker.phone,
            "birth_year": worker.birth_year,
            "education": worker.education,
        }
        for worker in demo.workers
    ]
    loading.add(Worker, workers)
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
    residents = [
        {
            "id": loading.ids["resident"][person.key],
            "household_id": loading.ids["household"][person.household],
            "name": person.name,
            "phone": person.phone,
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


def load_accounts(loading: Loading, demo: DemoCommunity, password: str | None) -> list[tuple[str, str, str]]:
    """Accounts with random passwords, or all with the given one; gives name, role and password of each."""
    given = [(account, password or secrets.token_urlsafe(9)) for account in demo.accounts]
    loading.new("account", [account.name for account, _ in given])
    rows = [
        {
            "id": loading.ids["account"][account.name],
            "name": account.name,
            "role": account.role,
            "worker_id": loading.id_of("worker", account.worker),
            "organisation": account.organisation,
            "may_instruct": account.may_instruct,
            "password_hash": hash_password(secret),
            "session_version": 1,
            "failed_logins": 0,
            "created_at": loading.now,
        }
        for account, secret in given
    ]
    loading.add(Account, rows)
    loading.add(AccountScope, _scopes(loading, demo.accounts, demo.code))
    return [(account.name, account.role, secret) for account, secret in given]


def _scopes(
    loading: Loading, accounts: Sequence[AccountRecord], community: str
) -> list[dict[str, str | None]]:
    """Areas and households that duties do not give already."""
    pairs = [(account, code) for account in accounts for code in _codes(account, community)]
    areas = [_scope(loading, account, area=code) for account, code in pairs]
    return areas + [
        _scope(loading, account, household=account.household) for account in accounts if account.household
    ]


def _codes(account: AccountRecord, community: str) -> tuple[str, ...]:
    """Codes of an account's scope that its duties don't give: at least the community it belongs to."""
    if account.role in _SCOPED_BY_DUTY or account.role == Role.ADMIN:
        return ()
    return account.areas or (community,)


def _scope(
    loading: Loading, account: AccountRecord, *, area: str | None = None, household: str | None = None
) -> dict[str, str | None]:
    return {
        "id": new_id(),
        "account_id": loading.ids["account"][account.name],
        "area_id": loading.id_of("area", area),
        "household_id": loading.id_of("household", household),
    }
