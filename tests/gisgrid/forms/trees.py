"""Forms of the tests, as JSON."""

from __future__ import annotations

from typing import Any, Final


def _labels(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def _question(name: str, kind: str, zh: str, en: str, **more: object) -> dict[str, object]:
    return {"kind": "question", "name": name, "type": kind, "label": _labels(zh, en), **more}


def _selected(name: str, choice: str) -> list[object]:
    return ["call", "selected", ["ref", name], ["text", choice]]


def _choice(name: str, zh: str, en: str, **columns: str) -> dict[str, object]:
    return {"name": name, "label": _labels(zh, en), **({"columns": columns} if columns else {})}


VISIT: Final[dict[str, Any]] = {
    "format": 1,
    "code": "elder_visit",
    "title": _labels("老人探访", "Visit to an elder"),
    "languages": ["zh", "en"],
    "settings": {"subject": "person", "purpose": "elder_visits", "for": ["grid_member"]},
    "items": [
        _question(
            "manner",
            "select_one",
            "探访方式",
            "Manner",
            choices="manner",
            required=["call", "true"],
            no_consent=True,
        ),
        _question(
            "day",
            "date",
            "探访日期",
            "Day",
            required=["call", "true"],
            default=["call", "today"],
            constraint=["<=", ["self"], ["call", "today"]],
            constraint_message=_labels("日期不能晚于今天", "The day can't be later than today"),
            no_consent=True,
        ),
        _question(
            "met",
            "calculate",
            "",
            "",
            calculation=["!=", ["ref", "manner"], ["text", "nobody"]],
            mark=True,
            no_consent=True,
        ),
        {
            "kind": "group",
            "name": "state",
            "label": _labels("老人情况", "State"),
            "relevant": ["and", ["!=", ["ref", "manner"], ["text", ""]], ["ref", "met"]],
            "items": [
                _question(
                    "signs",
                    "select_multiple",
                    "异常情况",
                    "Signs",
                    choices="signs",
                    required=["call", "true"],
                    constraint=[
                        "call",
                        "not",
                        [
                            "and",
                            ["call", "selected", ["self"], ["text", "none"]],
                            [">", ["call", "count-selected", ["self"]], ["num", 1.0]],
                        ],
                    ],
                    constraint_message=_labels("“无异常”不能与其他同选", "None can't stand with others"),
                    sensitive=True,
                ),
                _question("fell", "calculate", "", "", calculation=_selected("signs", "fall"), mark=True),
                _question(
                    "fall_place",
                    "text",
                    "在哪里跌倒",
                    "Where",
                    hint=_labels("例如:卫生间", "for example the bathroom"),
                    relevant=_selected("signs", "fall"),
                    required=["call", "true"],
                ),
                _question(
                    "pulse",
                    "integer",
                    "心率",
                    "Pulse",
                    constraint=["and", [">=", ["self"], ["num", 20.0]], ["<=", ["self"], ["num", 250.0]]],
                ),
                _question("warmth", "decimal", "室温(℃)", "Warmth"),
            ],
        },
        {
            "kind": "repeat",
            "name": "medicine",
            "label": _labels("用药", "Medicine"),
            "relevant": ["ref", "met"],
            "sensitive": True,
            "items": [
                _question("drug", "text", "药名", "Drug", required=["call", "true"]),
                _question(
                    "times",
                    "integer",
                    "每天几次",
                    "Times a day",
                    constraint=["and", [">=", ["self"], ["num", 1.0]], ["<=", ["self"], ["num", 8.0]]],
                    constraint_message=_labels("每天 1 至 8 次", "1 to 8 times a day"),
                ),
            ],
        },
        _question("doses", "calculate", "", "", calculation=["call", "sum", ["ref", "times"]]),
        _question("needs", "select_multiple", "需求", "Needs", choices="needs", relevant=["ref", "met"]),
        _question(
            "who",
            "select_one",
            "由谁办理",
            "Who takes it",
            choices="who",
            relevant=[">", ["call", "count-selected", ["ref", "needs"]], ["num", 0.0]],
            choice_filter=["call", "selected", ["ref", "needs"], ["column", "need"]],
        ),
        _question(
            "phone",
            "text",
            "联系电话",
            "Phone",
            constraint=["call", "regex", ["self"], ["text", "^[0-9 +-]{5,20}$"]],
            constraint_message=_labels("电话 5 至 20 位", "5 to 20 figures"),
            register="person.phone",
            fresh_days=180,
        ),
        _question("photo", "image", "现场照片", "Photo"),
        _question(
            "place", "geopoint", "当前位置", "Position", hint=_labels("用于核对楼栋", "to check the building")
        ),
        _question("hour", "time", "到达时间", "Time"),
        _question("thanks", "note", "记录 ${manner}:共 ${doses} 次用药", "${doses} doses"),
    ],
    "choices": {
        "manner": [
            _choice("door", "上门", "At the door"),
            _choice("phone", "电话", "By phone"),
            _choice("nobody", "没见到", "Nobody met"),
        ],
        "signs": [
            _choice("none", "无异常", "None"),
            _choice("fall", "跌倒", "Fall"),
            _choice("ill", "生病", "Illness"),
        ],
        "needs": [_choice("meal", "助餐", "Meals"), _choice("clean", "助洁", "Cleaning")],
        "who": [
            _choice("canteen", "社区食堂", "Canteen", need="meal"),
            _choice("helper", "家政服务员", "Helper", need="clean"),
        ],
    },
}
