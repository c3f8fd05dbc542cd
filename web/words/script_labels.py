"""The tables of labels that scripts use; every page brings them in its language."""

from __future__ import annotations

from functools import cache
from typing import Final

from flask import Flask
from flask_babel import force_locale

from gisgrid.labels import areas, care, cases, figures, forms, people, places, redraw, tasks, workforce
from web.i18n import choices

_USED: Final = {
    areas: ("LEVELS",),
    care: ("NEED_KINDS", "SERVERS"),
    cases: (
        *("CASE_EVENTS", "CASE_STAGES", "CASE_STATES", "FEEDBACK_CHANNELS"),
        *("HOTLINE_CLASSES", "PHOTO_KINDS", "RESOLUTIONS", "SEVERITIES", "SOURCES"),
        *("SUPERVISION", "TASK_STATES", "WARNING_LEVELS"),
    ),
    figures: ("GAP_STEPS", "INDICATOR_GROUPS", "UNITS", "UNREACHED", "WITHHELD"),
    forms: ("FORM_PARTS", "FORM_SUBJECTS", "ITEM_PARTS", "VERSION_STATES", "VERSION_STEPS"),
    people: (
        *("CONSENT", "CONSENT_ON_CARDS", "DOORS", "DOOR_NOTES", "DOOR_OUTCOMES", "LIKENESS"),
        *("PURPOSES", "REGISTER_FIELDS"),
        *("REQUEST_OUTCOMES", "RESIDENCE", "SEXES", "VISITORS"),
    ),
    places: (
        *("BUILT_UNTIL", "CONDITIONS", "FACILITY_TYPES", "GROUND", "HOUSEHOLD_KINDS"),
        *("LOCATED", "MAP_LAYERS"),
    ),
    redraw: (
        *("BARRIERS", "BARRIER_SOURCES", "FEW_CHANGES", "PLAN_NOTES", "PLAN_STATES"),
        *("PROPOSALS", "STARTS"),
    ),
    tasks: ("VISIT_STEPS", "VISIT_STEP_STATES"),
    workforce: ("DUTIES", "NORM_CLASSES"),
}
"""The tables by their modules; a script names one in small letters: ``wordOf("case_states")``."""


@cache
def script_labels(language: str) -> dict[str, list[tuple[str, str]]]:
    """Every table of the scripts in a language: its codes with their words, in the table's order."""
    with force_locale(language):
        return {
            name.lower(): choices(getattr(module, name)) for module, names in _USED.items() for name in names
        }


def init_script_labels(app: Flask) -> None:
    """Give templates ``script_labels``: the tables of the scripts in a language."""
    app.jinja_env.globals["script_labels"] = script_labels
