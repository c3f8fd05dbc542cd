"""Random trees of expressions over nasty values, and where Python and the browser disagree on them."""

from __future__ import annotations

import random
from typing import Any, Final

from gisgrid.forms.expressions.evaluation import evaluate
from gisgrid.forms.expressions.nodes import FUNCTIONS, OPERATORS, read_expression
from tests.gisgrid.forms.browsers import evaluated
from tests.gisgrid.forms.vectors import context_of, json_of

NASTY: Final[tuple[Any, ...]] = (
    *(
        "",
        " ",
        "0",
        "-0",
        "1",
        "7",
        " 7 ",
        "7岁",
        "７",
        "1e3",
        "1.",
        ".5",
        "-.5",
        "00012",
        "1,5",
        "+1",
        "x",
        "X",
    ),
    *(
        "true",
        "false",
        "NaN",
        "Infinity",
        "door",
        "door fall",
        "𠮷田一郎",
        "é",
        "e\u0301",
        "\u00a0",
        "a\tb\nc",
        "%Y%e%q",
    ),
    *(
        "2024-02-29",
        "2026-02-29",
        "1900-02-29",
        "0001-01-01",
        "9999-12-31",
        "0000-01-01",
        "2026-12-01T23:59:59+08:00",
    ),
    *("9" * 16, "9" * 400, "0.1", "0.0000005", "\u2028", "constructor", "__proto__", "\x00", "\x1f", "\x85"),
    *(
        0,
        1,
        -1,
        2.5,
        -2.5,
        0.1,
        1 / 3,
        1e-7,
        -5e-7,
        0.4999999999999999,
        1e14,
        999999999999999,
        70.005,
        20423,
        -719163,
    ),
    *(4503599627370496.5, 123456789.123456, -0.0, 5e-324, 2932897, True, False, "NaN"),
    *(
        {"date": ""},
        {"date": "2024-02-29"},
        {"date": "1969-12-31"},
        {"date": "0001-01-01"},
        {"date": "9999-12-31"},
    ),
    *(
        {"set": []},
        {"set": ["fall"]},
        {"set": ["fall", "ill", "7"]},
        {"set": ["1"]},
        {"many": []},
        {"many": [""]},
    ),
    *(
        {"many": [1, "", 3.5]},
        {"many": ["甲", "乙"]},
        {"many": [{"date": "2024-02-29"}, {"date": "1960-12-31"}]},
    ),
    *(
        {"many": [{"date": ""}, "x"]},
        {"many": ["NaN", {"set": ["a", "b"]}, True]},
        {"many": [0.1, 0.2, 0.3, 1e14]},
    ),
)
PATTERNS: Final = (
    *(
        "^[0-9 +-]{5,20}$",
        r"\d+",
        r"\D*",
        r"[\u4e00-\u9fa5·]{2,20}",
        ".",
        ".*",
        "a|b|door",
        "(?:door)? ?fall",
        r"\w+",
    ),
    *(
        "^$",
        "[^0-9]",
        r"-?\d{1,3}(?:\.\d{1,6})?",
        "x{0}",
        "^x$|^X$",
        r"[\w.-]+@[\w-]+\.[a-z]{2,6}",
        "[é𠮷].*",
        "7.?",
        "a$b",
    ),
)
TEXTS: Final = (
    "",
    " ",
    "a",
    "fall",
    "7",
    "0",
    "、",
    "%Y年%n月%e日",
    "%m-%d",
    "田",
    "2024-02-29",
    "-",
    "${q1}",
)
NUMBERS: Final = (0, 1, 2, 3, -1, 0.5, 2.5, 10, 365.25, 1e6, 1e14, -7, 15, 16, 1000)


def tree(rng: random.Random, depth: int) -> list[Any]:
    """A random tree of at most this depth."""
    if depth <= 1 or rng.random() < 0.15:
        return rng.choice([number, text, reference, own, column])(rng)
    return rng.choice([operation, operation, function, function, function])(rng, depth)


def number(rng: random.Random) -> list[Any]:
    return ["num", rng.choice(NUMBERS)]


def text(rng: random.Random) -> list[Any]:
    return ["text", rng.choice(TEXTS)]


def reference(rng: random.Random) -> list[Any]:
    return ["ref", rng.choice(["q1", "q2", "q3", "gone", "constructor", "__proto__"])]


def own(_rng: random.Random) -> list[Any]:
    return ["self"]


def column(rng: random.Random) -> list[Any]:
    return ["column", rng.choice(["need", "gone", "toString"])]


def operation(rng: random.Random, depth: int) -> list[Any]:
    return [rng.choice(sorted(OPERATORS)), tree(rng, depth - 1), tree(rng, depth - 1)]


def function(rng: random.Random, depth: int) -> list[Any]:
    """A random call; patterns and names stand there as text."""
    name = rng.choice(sorted(FUNCTIONS))
    if name == "regex":
        return ["call", name, tree(rng, depth - 1), ["text", rng.choice(PATTERNS)]]
    if name == "jr:choice-name":
        return [
            "call",
            name,
            tree(rng, depth - 1),
            ["text", rng.choice(["${q1}", "${gone}", "${constructor}"])],
        ]
    least, most = FUNCTIONS[name]
    return ["call", name, *(tree(rng, depth - 1) for _part in range(rng.randint(least, min(most, 4))))]


def random_vector(rng: random.Random) -> dict[str, Any]:
    """A random tree with values for what it may ask for."""
    return {
        "tree": tree(rng, rng.randint(2, 6)),
        "values": {name: rng.choice(NASTY) for name in ("q1", "q2", "q3")},
        "self": rng.choice(NASTY),
        "position": rng.randint(1, 5),
        "today": rng.choice(["2026-12-01", "2024-02-29"]),
        "labels": {"q1": {"door": "上门", "7": "七"}},
        "choice": {"need": rng.choice(["fall", "7", ""])},
    }


def shown(value: object) -> str:
    """A value so that 1 and true differ, but not 3 and 3.0, nor 0 and -0."""
    if isinstance(value, dict):
        return repr({key: shown(part) for key, part in value.items()})
    if isinstance(value, list):
        return repr([shown(part) for part in value])
    return (
        repr(float(value) + 0.0)
        if isinstance(value, (int, float)) and not isinstance(value, bool)
        else repr(value)
    )


def differences(rows: list[dict[str, Any]]) -> list[str]:
    """Where the two disagree."""
    ours = [json_of(evaluate(read_expression(row["tree"]), context_of(row))) for row in rows]
    theirs = evaluated(rows)
    return [
        f"{row['tree']} with {row}: {left!r} here, {right!r} in the browser"
        for row, left, right in zip(rows, ours, theirs, strict=True)
        if shown(left) != shown(right)
    ]


def drawn(seed: int, count: int) -> list[dict[str, Any]]:
    """So many random trees with values."""
    rng = random.Random(seed)
    return [random_vector(rng) for _row in range(count)]
