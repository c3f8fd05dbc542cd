"""Which addresses messages are sent to: those of the open network, and what the administrator has listed.

A name is resolved once, and the message goes to what it meant then: a name that means another machine a
moment later leads nowhere else. Numbers written in other ways than four decimals, and addresses that carry
another one in them, are judged by what they mean.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE: Final = ipaddress.ip_network("::/96")
_LOW: Final = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Hosts by name, and networks, that messages may go to although they aren't of the open network."""

    names: frozenset[str] = frozenset()
    networks: tuple[_Network, ...] = ()

    def holds(self, address: _Address) -> bool:
        """Whether an address lies in a listed network."""
        return any(address in network for network in self.networks if network.version == address.version)


NOBODY: Final = Listed()


def read_listed(text: str) -> Listed:
    """Names, addresses and networks (``10.1.2.0/24``) with commas between, as the administrator writes them.

    Raises
    ------
    ValueError
        Something with a slash is no network.
    """
    names, networks = set(), []
    for name in filter(None, (part.strip().lower() for part in text.split(","))):
        try:
            networks.append(ipaddress.ip_network(name.strip("[]"), strict=False))
        except ValueError:
            if "/" in name:
                raise
            names.add(name.rstrip("."))
    return Listed(names=frozenset(names), networks=tuple(networks))


def is_web(text: str) -> bool:
    """Whether a text is an address of the web: http or https, a host, nobody's password."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    return bool(
        parts.scheme in {"http", "https"}
        and host
        and parts.username is None
        and not any(map(str.isspace, text))
    )


def may_receive(url: str, listed: Listed = NOBODY) -> bool:
    """Whether an address of the web may be kept: a number is judged, a name is not looked up.

    What a name means is looked at whenever something is sent.
    """
    host = host_of(url)
    if host in listed.names:
        return True
    number = _number(host)
    if number is None:
        return host != "localhost" and not host.endswith(".localhost")
    return _is_usable(number, listed)


def receivers(url: str, listed: Listed = NOBODY) -> list[str]:
    """The addresses a name means now, resolved once; none at all where one of them is refused.

    Raises
    ------
    OSError
        The host has no address.
    """
    parts = urlsplit(url)
    answers = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(answer[4][0]) for answer in answers))
    if host_of(url) in listed.names:
        return addresses
    plain = [ipaddress.ip_address(address.partition("%")[0]) for address in addresses]
    return addresses if all(_is_usable(address, listed) for address in plain) else []


def host_of(url: str) -> str:
    """The name or number of the machine in an address, as it is compared."""
    return (urlsplit(url).hostname or "").rstrip(".")


def _number(host: str) -> _Address | None:
    """The number a host is, however it is written; nothing for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))  # 2130706433, 0x7f.1, 0177.0.0.1
    except OSError:
        return None


def _is_usable(address: _Address, listed: Listed) -> bool:
    """Whether an address, and every one it carries in it, is of the open network or listed."""
    return all(
        listed.holds(meant) or (meant.is_global and not meant.is_multicast and not _is_odd(meant))
        for meant in _meant(address)
    )


def _is_odd(address: _Address) -> bool:
    return isinstance(address, ipaddress.IPv6Address) and address.is_site_local


def _meant(address: _Address) -> Iterator[_Address]:
    """What packets to an address may reach: the one it carries (mapped, 6to4, Teredo, NAT64), else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
        return
    carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64 or address in _COMPATIBLE:
        carried.append(ipaddress.IPv4Address(int(address) & _LOW))
    inner = [inner_address for inner_address in carried if inner_address is not None]
    yield from inner or [address]
