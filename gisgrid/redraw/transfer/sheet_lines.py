"""Hand-over sheets as the lines of a table."""

from __future__ import annotations

from gisgrid.redraw.transfer.answers import ElderRow, HandoverView, SheetLine, SheetPart


def as_lines(sheets: HandoverView) -> list[SheetLine]:
    """The sheets as the lines of a table: one per household and one per open case."""
    return [
        line
        for sheet in sheets["sheets"]
        for direction, parts in (("gives", sheet["gives"]), ("takes", sheet["takes"]))
        for part in parts
        for line in _lines(sheet["member"], direction, part)
    ]


def _lines(member: str | None, direction: str, part: SheetPart) -> list[SheetLine]:
    homes: list[SheetLine] = [
        {
            "member": member,
            "direction": direction,
            "with": part["with"],
            "from": part["from"],
            "to": part["to"],
            "kind": "household",
            "address": home["address"],
            "elders": home["elders"],
            "elders_80": home["elders_80"],
            "names": [elder["name"] for elder in home["names"]],
            "visitors": [_visitor_word(elder) for elder in home["names"]],
            "agree_with": sorted({elder["agree_with"] for elder in home["names"] if elder["agree_with"]}),
            "tasks": [f"{task['title'].get('zh') or ''} {task['due']}".strip() for task in home["tasks"]],
            "case": "",
        }
        for building in part["buildings"]
        for home in building["households"]
    ]
    cases: list[SheetLine] = [
        {
            "member": member,
            "direction": direction,
            "with": part["with"],
            "from": part["from"],
            "to": part["to"],
            "kind": "case",
            "address": case["address"],
            "elders": "",
            "elders_80": "",
            "names": [],
            "visitors": [],
            "agree_with": [],
            "tasks": [],
            "case": f"{case['number']} {case['category']}",
        }
        for case in part["cases"]
    ]
    return homes + cases


def _visitor_word(elder: ElderRow) -> str | None:
    """The visitor of an elder in a cell, in the order of the names; a dash where there is none."""
    return elder["visitor"]["name"] if elder["visitor"] else "–"
