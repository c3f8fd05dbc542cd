"""Python and the browser keep the same answers and marks, and find the same faults in the same places."""

from __future__ import annotations

import random
from datetime import date
from typing import Any, Final

from gisgrid.errors import InvalidInput
from gisgrid.forms.answers.checks import check_answers
from gisgrid.forms.tree_json import form_from_json
from tests.gisgrid.forms.browsers import address, run
from tests.gisgrid.forms.trees import VISIT

TODAY: Final = "2026-12-01"
DRAWN: Final[dict[str, tuple[Any, ...]]] = {
    "manner": ("door", "phone", "nobody", "", "window", 3),
    "day": (TODAY, "2026-12-02", "2026-02-30", "", None),
    "signs": (["none"], ["fall"], ["fall", "ill"], ["none", "ill"], [], ["fall", "fall"], "fall"),
    "fall_place": ("卫生间", "  ", "", "𠮷" * 2001, 7),
    "pulse": (72, 19, 250, 72.5, "72", None),
    "warmth": (18.5, 20, 1e15, True, None),
    "medicine": ([], [{"drug": "维生素", "times": 3}, {"drug": "", "times": 9}], [{"_id": "a1", "times": 1}]),
    "needs": (["meal"], ["clean", "meal"], [], ["other"]),
    "who": ("canteen", "helper", ""),
    "phone": ("0527-8432 1000", "12", ""),
    "photo": ("ab" * 32, "photo", None),
    "place": ({"lon": 118.3, "lat": 33.9}, {"lon": 118.3, "lat": 91}, {"lat": 3}, None),
    "hour": ("09:30", "24:00", ""),
}
SCRIPT: Final = f"""
const {{ checkAnswers }} = await import({address("check.js")});
console.log(JSON.stringify(given.rows.map(({{ sent, isGranted }}) =>
  checkAnswers(given.form, sent, {{ today: given.today, isGranted, language: "zh" }}))));
"""


def drawn(seed: int, count: int) -> list[dict[str, Any]]:
    """Answers drawn by chance, some left out, most with consent."""
    chance = random.Random(seed)
    return [
        {
            "isGranted": chance.random() < 0.8,
            "sent": {
                name: chance.choice(values if chance.random() < 0.5 else values[:1])
                for name, values in DRAWN.items()
                if chance.random() < 0.9
            },
        }
        for _row in range(count)
    ]


def checked(row: dict[str, Any]) -> dict[str, Any]:
    """What the server makes of answers: what it keeps, or the fields of its faults."""
    try:
        kept = check_answers(
            form_from_json(VISIT),
            row["sent"],
            today=date.fromisoformat(TODAY),
            is_granted=row["isGranted"],
            language="zh",
        )
    except InvalidInput as refused:
        return {"faults": [fault.field for fault in refused.faults]}
    return {"answers": kept.answers, "marks": kept.marks}


def shown(row: dict[str, Any]) -> dict[str, Any]:
    """The browser's answer in the same shape."""
    if row["faults"]:
        return {"faults": [fault["field"] for fault in row["faults"]]}
    return {"answers": row["answers"], "marks": row["marks"]}


def test_the_browser_checks_as_the_server_does() -> None:
    rows = drawn(11, 400)
    wanted = [checked(row) for row in rows]
    found = run(SCRIPT, {"form": VISIT, "rows": rows, "today": TODAY})
    assert 20 < sum("faults" in row for row in wanted) < len(rows) - 5
    assert [shown(row) for row in found] == wanted
