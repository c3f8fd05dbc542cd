"""Invented names: a usual surname and given characters of the person's time, joined at random."""

from __future__ import annotations

import random
from functools import lru_cache

from data.demo.personas.shares import share_of
from data.demo.tables import read_table


def surname(rng: random.Random) -> str:
    """A surname, frequent ones more often."""
    names, weights = _surnames()
    return rng.choices(names, weights)[0]


def given_name(rng: random.Random, *, sex: str, birth_year: int) -> str:
    """One or two characters usual at that time; ``sex`` is ``m`` or ``f``."""
    characters = _characters(sex, birth_year)
    return "".join(rng.sample(characters, 1 if rng.random() < share_of("one_character") else 2))


@lru_cache(maxsize=1)
def _surnames() -> tuple[tuple[str, ...], tuple[float, ...]]:
    rows = read_table("reference/surnames")
    return tuple(row["surname"] for row in rows), tuple(float(row["weight"]) for row in rows)


@lru_cache(maxsize=256)
def _characters(sex: str, birth_year: int) -> tuple[str, ...]:
    word = {"m": "male", "f": "female"}[sex]
    return tuple(
        row["character"]
        for row in read_table("reference/given_characters")
        if row["sex"] == word and int(row["born_from"]) <= birth_year <= int(row["born_to"])
    )
