"""The tables of labels that scripts use; every page brings them in its language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from flask import Flask
from flask_babel import force_locale

from gisgrid.labels import areas, cases, figures, people, places, redraw, workforce
from gisgrid.labels.table import Labels
from web.i18n import choices

_TABLES: Final[Mapping[str, Labels]] = {
    "barrier_sources": redraw.BARRIER_SOURCES,
    "barriers": redraw.BARRIERS,
    "built_until": places.BUILT_UNTIL,
    "case_events": cases.CASE_EVENTS,
    "case_stages": cases.CASE_STAGES,
    "case_states": cases.CASE_STATES,
    "conditions": places.CONDITIONS,
    "consent": people.CONSENT_ON_CARDS,
    "duties": workforce.DUTIES,
    "facilities": places.FACILITY_TYPES,
    "feedback_channels": cases.FEEDBACK_CHANNELS,
    "few_changes": redraw.FEW_CHANGES,
    "gap_steps": figures.GAP_STEPS,
    "ground": places.GROUND,
    "hotline_classes": cases.HOTLINE_CLASSES,
    "indicator_groups": figures.INDICATOR_GROUPS,
    "levels": areas.LEVELS,
    "located": places.LOCATED,
    "map_layers": places.MAP_LAYERS,
    "norm_classes": workforce.NORM_CLASSES,
    "photo_kinds": cases.PHOTO_KINDS,
    "plan_notes": redraw.PLAN_NOTES,
    "plan_states": redraw.PLAN_STATES,
    "proposals": redraw.PROPOSALS,
    "residence": people.RESIDENCE,
    "resolutions": cases.RESOLUTIONS,
    "severities": cases.SEVERITIES,
    "sexes": people.SEXES,
    "sources": cases.SOURCES,
    "starts": redraw.STARTS,
    "supervision": cases.SUPERVISION,
    "task_states": cases.TASK_STATES,
    "units": figures.UNITS,
    "unreached": figures.UNREACHED,
    "visitors": people.VISITORS,
    "warning_levels": cases.WARNING_LEVELS,
    "withheld": figures.WITHHELD,
}


@cache
def script_labels(language: str) -> dict[str, list[tuple[str, str]]]:
    """Every table of the scripts in a language: its codes with their words, in the table's order."""
    with force_locale(language):
        return {name: choices(table) for name, table in _TABLES.items()}


def init_script_labels(app: Flask) -> None:
    """Give templates ``script_labels``: the tables of the scripts in a language."""
    app.jinja_env.globals["script_labels"] = script_labels
