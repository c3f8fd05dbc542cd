"""The address base of a community: which building a whole address means, or one told somewhere in a text.

People and other systems write more than an address has (a town and a road before it, what happened after it).
Where the text can't be read as it stands, a compound's name is looked for in it, and what follows is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from sqlalchemy.orm import Session

from gisgrid.errors import InvalidInput
from gisgrid.places.address import normalise
from gisgrid.places.registered import BuildingIndex, Place, Registered, RegisteredAddress, load_buildings

_LONGEST: Final = 200
_SHORTEST_NAME: Final = 2
_N: Final = "[0-9]+[a-z]?"
_PARTS: Final = re.compile(
    rf"(?:小区|花园小区)?[-\s]*"
    rf"(?:{_N}(?:-{_N}){{1,2}}(?:室|户|房)?"
    rf"|第?{_N}(?:号楼|号幢|幢|栋|座|楼|#楼?|号)(?:[-\s]*第?{_N}(?:单元|门))?(?:[-\s]*{_N}[层楼])?"
    rf"(?:[-\s]*(?:{_N}(?:室|户|房)|[0-9]{{3,4}}(?![0-9年月日点时分秒个只元人户米块])))?)"
)
"""What follows a compound's name in an address: ``12-2-301``, ``12号楼2单元``, ``12幢301室``."""


@dataclass(frozen=True)
class AddressBase:
    """The buildings of a community, and the names of its compounds as they stand in texts."""

    index: BuildingIndex

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Names of compounds and of buildings with a name of their own, in one spelling, longest first."""
        names = {key.partition("-")[0] for key in self.index.by_key}
        return tuple(
            sorted(
                (name for name in names if len(name) >= _SHORTEST_NAME), key=lambda name: (-len(name), name)
            )
        )

    def find(self, text: str) -> RegisteredAddress | None:
        """The home an address means, where it lies in exactly one building known here.

        A building's code or id is taken too.
        """
        asked = text.strip()
        if not asked:
            return None
        exact = self.index.by_code.get(asked) or self.index.by_id.get(asked)
        if exact is not None:
            return RegisteredAddress(std_address=exact.address, building=exact, unit=None, room=None)
        whole = self._in(asked) if len(asked) <= _LONGEST else None
        return whole or self.find_in(asked)

    def find_in(self, text: str) -> RegisteredAddress | None:
        """The first home that a text tells of by compound and building; nothing where it tells of none."""
        for address in self.addresses_in(text):
            home = self._in(address)
            if home is not None:
                return home
        return None

    def addresses_in(self, text: str) -> list[str]:
        """Every address in a text that begins with a compound's name, in the order of the text."""
        plain = normalise(text)
        addresses: dict[int, str] = {}
        for name in self.names:
            start = plain.find(name)
            while start >= 0:
                parts = _PARTS.match(plain, start + len(name))
                inside = any(place < start < place + len(address) for place, address in addresses.items())
                if not inside and (parts or name in self._own_names):
                    addresses.setdefault(start, name + (parts[0].removeprefix("小区") if parts else ""))
                start = plain.find(name, start + 1)
        return [addresses[start] for start in sorted(addresses)]

    @cached_property
    def _own_names(self) -> frozenset[str]:
        """Buildings that are called by a name and no number, so that the name alone is an address."""
        keys = (key.partition("-") for key in self.index.by_key)
        return frozenset(name for name, _, slot in keys if slot.strip("-") and not slot.strip("-").isascii())

    def _in(self, address: str) -> RegisteredAddress | None:
        try:
            home = self.index.home(Place(address=address))
        except InvalidInput:
            return None
        return home if home.building is not None and not home.building.point.is_empty else None


def load_address_base(session: Session, community_id: str) -> AddressBase:
    """The address base of a community."""
    return AddressBase(load_buildings(session, community_id))


def find_building(session: Session, communities: Iterable[str], text: str) -> Registered | None:
    """The building that an address, a code or an id means in the first of some communities that knows it."""
    for community_id in communities:
        home = load_address_base(session, community_id).find(text)
        if home is not None:
            return home.building
    return None
