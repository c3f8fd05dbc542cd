"""Who serves the needs of the demo's people: somebody for most, so that the list of others is short."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from data.demo.history.clock import zone
from data.demo.load.ids import Loading
from data.demo.personas.records import DemoNeed
from data.demo.records import DemoCommunity
from gisgrid.access.models import Role
from gisgrid.days import day_of
from gisgrid.people.core.need_models import NeedService, ServerKind
from gisgrid.people.core.purposes import VISIT_NEEDS
from gisgrid.places.models import FacilityType
from gisgrid.storage.base import new_id

_SERVED: Final = 0.85
_BY: Final = (ServerKind.MEMBER, ServerKind.STATION, ServerKind.ORGANISATION)
_WEIGHTS: Final = (6, 3, 1)
_LONGEST: Final = 300
"""So many days ago at most somebody began."""


def load_need_services(loading: Loading, demo: DemoCommunity) -> None:
    """Rows of services; inserted, since the service asks and audits each by itself."""
    rng = random.Random(f"{demo.seed}/{demo.index}/need services")
    served = (need for need in demo.needs if need.kind not in VISIT_NEEDS and rng.random() < _SERVED)
    servers = _Servers(loading, demo)
    loading.add(NeedService, [_row(loading, need, servers, rng) for need in served])


class _Servers:
    """Members by the household they look after, stations of home care, and accounts of organisations."""

    def __init__(self, loading: Loading, demo: DemoCommunity) -> None:
        homes = {person.key: person.household for person in demo.residents}
        asked = {answer.household: answer.asked_by for answer in demo.consents}
        self._members = {
            key: loading.ids["worker"][asked[home]] for key, home in homes.items() if asked[home]
        }
        self._parts: dict[ServerKind, list[str]] = {
            ServerKind.STATION: [
                loading.ids["facility"][row.key]
                for row in demo.facilities
                if row.kind == FacilityType.HOME_CARE_STATION
            ],
            ServerKind.ORGANISATION: [
                loading.ids["account"][row.name] for row in demo.accounts if row.role == Role.ORG
            ],
        }

    def kinds(self) -> Iterator[tuple[ServerKind, int]]:
        """Who there is, with how often each serves."""
        for kind, weight in zip(_BY, _WEIGHTS, strict=True):
            if kind == ServerKind.MEMBER or self._parts[kind]:
                yield kind, weight

    def columns(self, need: DemoNeed, rng: random.Random) -> dict[str, Any]:
        """The server of a need as columns of its row."""
        kinds, weights = zip(*self.kinds(), strict=True)
        kind = rng.choices(kinds, weights)[0]
        names = {ServerKind.STATION: "facility_id", ServerKind.ORGANISATION: "organisation_id"}
        member = self._members[need.resident] if kind == ServerKind.MEMBER else None
        by_kind = {names[other]: rng.choice(self._parts[other]) if other == kind else None for other in names}
        return {"server": kind.value, "worker_id": member, **by_kind}


def _row(loading: Loading, need: DemoNeed, servers: _Servers, rng: random.Random) -> dict[str, Any]:
    began = day_of(loading.now, zone()) - timedelta(days=rng.randint(20, _LONGEST))
    return {
        "id": new_id(),
        "resident_id": loading.ids["resident"][need.resident],
        "kind": need.kind,
        **servers.columns(need, rng),
        "since": max(need.since, began),
        "noted_at": loading.now,
    }
