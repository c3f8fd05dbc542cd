"""Passwords: argon2id hashes, and a check that costs the same whether or not there is anything to check."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from gisgrid.errors import Fault, InvalidInput, say

MIN_LENGTH = 8
MAX_LENGTH = 256

_NO_ACCOUNT = (
    "$argon2id$v=19$m=19456,t=2,p=1$HsSZ0Qd1EChO1vhBq6xaUg$QJp6G+V4tk0Fh2O+2hCgqK4gB0tQ3+FZr2xqv4cQmzc"
)
"""A hash that no password opens, made with the parameters below, so that an unknown account costs as much."""


def _hasher() -> PasswordHasher:
    # Second set of the OWASP password storage cheat sheet: 19 MiB, two passes, one lane. More memory
    # would let a handful of simultaneous logins exhaust a small server.
    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash to store, with its parameters and a random salt in it."""
    return _hasher().hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password opens a stored hash; without one the answer is no, at the same cost."""
    given = password[: MAX_LENGTH + 1]
    try:
        opened = _hasher().verify(stored or _NO_ACCOUNT, given)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return opened and stored is not None


def needs_rehash(stored: str) -> bool:
    """Whether a hash was made with other parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def check_password(password: str, *, account_name: str) -> None:
    """Refuse passwords that are too short, too long or the account's own name.

    Raises
    ------
    InvalidInput
        With every fault found, on field ``password``.
    """
    faults = password_faults(password, account_name=account_name)
    if faults:
        raise InvalidInput(faults)


def password_faults(password: str, *, account_name: str) -> list[Fault]:
    """What is wrong with a password that somebody chose, on field ``password``; nothing if it will do."""
    faults = []
    if len(password) < MIN_LENGTH:
        faults.append(say("a password has at least {least} characters", least=MIN_LENGTH))
    if len(password) > MAX_LENGTH:
        faults.append(say("a password has at most {most} characters", most=MAX_LENGTH))
    if account_name and account_name.casefold() in (password.casefold(), password.casefold()[::-1]):
        faults.append(say("a password is not the account's own name"))
    return [Fault(message=message, field="password") for message in faults]
