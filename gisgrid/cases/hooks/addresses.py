"""Which addresses messages are sent to: none of this very link (169.254…), none of many machines."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit


def is_web(text: str) -> bool:
    """Whether a text is an address of the web that a robot may have."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if parts.scheme not in {"http", "https"} or not host or parts.username or any(map(str.isspace, text)):
        return False
    try:
        return _is_usable(ipaddress.ip_address(host))
    except ValueError:
        return True


def leads_outside(url: str) -> bool:
    """Whether every machine that an address leads to now may be a receiver, however its number is written.

    Raises
    ------
    OSError
        The host has no address.
    """
    parts = urlsplit(url)
    found = socket.getaddrinfo(parts.hostname, parts.port or parts.scheme, type=socket.SOCK_STREAM)
    return all(_is_usable(ipaddress.ip_address(str(one[4][0]).partition("%")[0])) for one in found)


def _is_usable(found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return not (found.is_link_local or found.is_multicast or found.is_unspecified)
