"""Who may ask at all is settled before what was asked is read: a stranger learns nothing of a route's fields.

The right is asked for again where the work is done; here stands only what every request of a route needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Flask, request

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from web.context import current_actor

_A: Final = Action
NEEDS: Final[Mapping[str, Action]] = {
    "api_shapes.areas": _A.AREAS_VIEW,
    "api_shapes.area": _A.AREAS_VIEW,
    "api_shapes.cells": _A.AREAS_VIEW,
    "api_shapes.buildings": _A.BUILDINGS_VIEW,
    "api_shapes.building": _A.BUILDINGS_VIEW,
    "api_shapes.stations": _A.AREAS_VIEW,
    "api_shapes.facilities": _A.AREAS_VIEW,
    "api_figures.hotspots": _A.FIGURES_VIEW,
    "api_figures.hotspots_csv": _A.FIGURES_VIEW,
    "api_figures.heat": _A.FIGURES_VIEW,
    "api_figures.coverage": _A.FIGURES_VIEW,
    "api_figures.coverage_csv": _A.FIGURES_VIEW,
    "api_figures.uncovered": _A.PERSONS_LIST,
    "api_figures.uncovered_csv": _A.PERSONS_LIST,
    "api_figures.territories": _A.AREAS_VIEW,
    "api_figures.territories_csv": _A.AREAS_VIEW,
    "api_figures.renovation": _A.FIGURES_VIEW,
    "api_figures.renovation_csv": _A.FIGURES_VIEW,
    "api_exports.listing": _A.EXPORTS_MAKE,
    "api_exports.file": _A.EXPORTS_MAKE,
    "api_completeness.shares": _A.FIGURES_VIEW,
    "api_completeness.shares_csv": _A.FIGURES_VIEW,
    "api_completeness.gaps": _A.PERSONS_LIST,
    "api_completeness.verified": _A.REQUESTS_WORK,
    "api_appraisals.listing": _A.APPRAISALS_VIEW,
    "api_appraisals.listing_csv": _A.APPRAISALS_VIEW,
    "api_appraisals.mark": _A.APPRAISALS_MARK,
    "api_appraisals.object_to": _A.APPRAISALS_APPEAL,
    "api_appraisals.answer_to": _A.APPRAISALS_DECIDE,
    "api_appraisals.weigh": _A.APPRAISALS_DECIDE,
    "api_evaluations.listing": _A.EVALUATIONS_VIEW,
    "api_evaluations.draw_sample": _A.EVALUATIONS_DRAW,
    "api_evaluations.show_sheet": _A.EVALUATIONS_VIEW,
    "api_evaluations.write_finding": _A.EVALUATIONS_CHECK,
    "api_contracts.listing": _A.CONTRACTS_VIEW,
    "api_organisations.listing": _A.ORGANISATIONS_VIEW,
    "api_organisations.one": _A.ORGANISATIONS_VIEW,
    "api_organisations.listing_csv": _A.ORGANISATIONS_VIEW,
    "api_organisations.listing_xlsx": _A.ORGANISATIONS_VIEW,
    "api_organisations.listing_pdf": _A.ORGANISATIONS_VIEW,
    "api_indicators.table": _A.FIGURES_VIEW,
    "api_indicators.table_csv": _A.FIGURES_VIEW,
    "api_indicators.behind": _A.FIGURES_VIEW,
    "api_indicators.two_ways": _A.FIGURES_VIEW,
    "api_indicators.two_ways_csv": _A.FIGURES_VIEW,
    "api_indicators.definitions": _A.FIGURES_VIEW,
    "api_households.by_text": _A.HOUSEHOLDS_FIND,
    "api_households.by_name": _A.PERSONS_SEARCH,
    "api_households.card": _A.HOUSEHOLDS_FIND,
    "api_households.opened": _A.HOUSEHOLDS_FIND,
    "api_cases.listing": _A.CASES_VIEW,
    "api_cases.points": _A.CASES_VIEW,
    "api_cases.around": _A.CASES_VIEW,
    "api_cases.card": _A.CASES_VIEW,
    "api_cases.pool": _A.CASES_HANDLE,
    "api_cases.repeated": _A.CASES_VIEW,
    "api_cases.without_owner": _A.REVIEW_VIEW,
    "api_cases.people": _A.CASES_HANDLE,
    "api_cases.dispatch": _A.CASES_HANDLE,
    "api_cases.step": _A.CASES_VIEW,
    "api_cases.start": _A.CASES_HELP,
    "api_cases.close": _A.CASES_HANDLE,
    "api_photos.add": _A.CASES_HELP,
    "api_releasing.publish": _A.CASES_PUBLISH,
    "api_releasing.unpublish": _A.CASES_PUBLISH,
    "api_disputes.listing": _A.DISPUTES_HANDLE,
    "api_disputes.clue": _A.DISPUTES_HANDLE,
    "api_disputes.figures": _A.DISPUTES_HANDLE,
    "api_disputes.card": _A.DISPUTES_HANDLE,
    "api_disputes.mediators": _A.DISPUTES_HANDLE,
    "api_disputes.step": _A.DISPUTES_HANDLE,
    "api_errands.queue": _A.CASES_QUEUE,
    "api_errands.step": _A.CASES_QUEUE,
    "api_errands.of_case": _A.CASES_ENTRUST,
    "api_errands.organisations": _A.CASES_ENTRUST,
    "api_errands.ask": _A.CASES_ENTRUST,
    "api_errands.take_back": _A.CASES_ENTRUST,
    "api_duties.shapes": _A.DUTIES_CHANGE,
    "api_notices.listing": _A.NOTICES_VIEW,
    "api_notices.read": _A.NOTICES_VIEW,
    "api_redraw.listing": _A.REDRAW_VIEW,
    "api_redraw.create": _A.REDRAW_EDIT,
    "api_redraw.show": _A.REDRAW_VIEW,
    "api_redraw.discard": _A.REDRAW_EDIT,
    "api_redraw.edit": _A.REDRAW_EDIT,
    "api_redraw.undo": _A.REDRAW_EDIT,
    "api_redraw.redo": _A.REDRAW_EDIT,
    "api_redraw.show_impact": _A.REDRAW_VIEW,
    "api_redraw.show_findings": _A.REDRAW_VIEW,
    "api_redraw.submit": _A.REDRAW_EDIT,
    "api_redraw.recall": _A.REDRAW_EDIT,
    "api_redraw.changes": _A.REDRAW_VIEW,
    "api_redraw.approve": _A.REDRAW_APPROVE,
    "api_redraw.send_back": _A.REDRAW_APPROVE,
    "api_redraw.comment": _A.REDRAW_VIEW,
    "api_redraw.publish_plan": _A.REDRAW_VIEW,
    "api_redraw.withdraw_plan": _A.REDRAW_VIEW,
    "api_limits.limits": _A.LIMITS_VIEW,
    "api_limits.change_limits": _A.LIMITS_CHANGE,
    "api_limits.change_day": _A.LIMITS_CHANGE,
    "api_limits.drop_day": _A.LIMITS_CHANGE,
    "api_positions.household_position": _A.POSITIONS_SET,
    "api_positions.place_household": _A.POSITIONS_SET,
    "api_positions.household_back": _A.POSITIONS_SET,
    "api_positions.try_household": _A.POSITIONS_SET,
    "api_positions.try_case": _A.POSITIONS_SET,
    "api_positions.case_position": _A.POSITIONS_SET,
    "api_positions.place_case": _A.POSITIONS_SET,
    "api_positions.case_back": _A.POSITIONS_SET,
    "api_proposals.ask": _A.REDRAW_EDIT,
    "api_proposals.show": _A.REDRAW_EDIT,
    "api_proposals.put_away": _A.REDRAW_EDIT,
    "api_proposals.accept": _A.REDRAW_EDIT,
    "api_handover.sheets": _A.HANDOVER_VIEW,
    "api_handover.sheets_csv": _A.HANDOVER_VIEW,
    "api_handover.sheets_pdf": _A.HANDOVER_VIEW,
    "api_planning.list_workers": _A.REDRAW_EDIT,
    "api_planning.compared": _A.REDRAW_VIEW,
    "api_planning.show_takers": _A.REDRAW_OUTLINE,
    "api_planning.foretell": _A.REDRAW_EDIT,
    "api_planning.norm": _A.AREAS_VIEW,
    "api_planning.change_norm": _A.NORM_CHANGE,
    "api_settings.levels": _A.AREAS_VIEW,
    "api_settings.change_levels": _A.LEVELS_CHANGE,
    "api_revisions.revisions": _A.AREAS_VIEW,
    "api_revisions.restore_revision": _A.REDRAW_EDIT,
}
"""By endpoint. Routes that are open to everybody are not among them."""


def init_gate(app: Flask) -> None:
    """Ask for the right of a route before its arguments are looked at."""

    def refuse() -> None:
        action = NEEDS.get(request.endpoint or "")
        if action is not None:
            require(current_actor(), action)

    app.before_request(refuse)
