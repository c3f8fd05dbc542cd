"""Which blueprints there are."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from web.access.administration import managing
from web.access.me import me_api
from web.access.pages import accounts
from web.access.trail import trail
from web.appraisals.api import appraisals_api
from web.appraisals.pages import appraising
from web.areas.history import history
from web.areas.levels import settings_api
from web.areas.locate import locate_api
from web.areas.revisions import revisions_api
from web.areas.shapes import shapes_api
from web.assets import ENDPOINTS, init_assets
from web.backgrounds.api import backgrounds_api
from web.backgrounds.pages import backgrounds
from web.cases.api import cases_api
from web.cases.doors import doors
from web.cases.group_messages import pasting
from web.cases.pages import cases
from web.cases.photos import photos
from web.cases.photos_api import photos_api
from web.cases.receipts import receipts
from web.cases.release import releasing
from web.cases.release_api import releasing_api
from web.cases.report_api import reporting_api
from web.cases.webhooks import webhooks
from web.deadlines.api import limits_api
from web.deadlines.pages import limits
from web.disputes.api import disputes_api
from web.disputes.mediators import mediators
from web.disputes.pages import disputes
from web.document import document_api
from web.evaluations.api import evaluations_api
from web.evaluations.pages import evaluating
from web.exports.api import exports_api
from web.exports.pages import exporting
from web.figures.api import figures_api
from web.figures.completeness import completeness_api
from web.figures.definitions import definitions
from web.figures.maps import maps
from web.home.pages import home
from web.imports.api import imports_api
from web.imports.pages import uploads
from web.indicators.api import indicators_api
from web.indicators.pages import indicating
from web.navigation import init_navigation
from web.notices.api import notices_api
from web.notices.pages import noticed
from web.open311.routes import open311
from web.organisations.api import organisations_api
from web.organisations.pages import organising
from web.people.consent import consent
from web.people.contracts import contracting
from web.people.contracts_api import contracts_api
from web.people.erasures import erasing
from web.people.visitors import visitors_api
from web.places.api import households_api
from web.places.pages import places
from web.positions.api import positions_api
from web.positions.pages import positions
from web.redraw.api import redraw_api
from web.redraw.handover import handing
from web.redraw.handover_api import handover_api
from web.redraw.pages import redraw
from web.redraw.plan_helpers import planning_api
from web.redraw.proposals import proposals_api
from web.referrals.api import errands_api
from web.referrals.pages import errands
from web.security.gate import Access, Open, init_gate, refuse_unguarded, set_access
from web.upkeep.health import health
from web.upkeep.pages import upkeep
from web.workforce.api import duties_api
from web.workforce.pages import duties
from web.workforce.settings import settings
from web.workforce.workers import workers


def register_routes(app: OpenAPI) -> None:
    """Register pages and API.

    Raises
    ------
    LookupError
        A route doesn't say who may call it.
    """
    init_gate(app)
    init_navigation(app)
    init_assets(app)
    for pages in (
        health,
        accounts,
        home,
        maps,
        definitions,
        places,
        redraw,
        history,
        cases,
        handing,
        noticed,
        consent,
        contracting,
        erasing,
        trail,
        managing,
        workers,
        duties,
        settings,
        limits,
        uploads,
        exporting,
        upkeep,
        pasting,
        indicating,
        errands,
        organising,
        appraising,
        evaluating,
        releasing,
        photos,
        disputes,
        mediators,
        receipts,
        doors,
        webhooks,
        backgrounds,
        positions,
        open311,
        document_api,
    ):
        pages.register(app)
    for api in (
        me_api,
        locate_api,
        shapes_api,
        backgrounds_api,
        figures_api,
        exports_api,
        households_api,
        completeness_api,
        indicators_api,
        appraisals_api,
        evaluations_api,
        organisations_api,
        contracts_api,
        imports_api,
        visitors_api,
        cases_api,
        photos_api,
        reporting_api,
        releasing_api,
        disputes_api,
        errands_api,
        redraw_api,
        revisions_api,
        duties_api,
        proposals_api,
        handover_api,
        notices_api,
        planning_api,
        settings_api,
        limits_api,
        positions_api,
    ):
        api.register(app)
    set_access(app, dict.fromkeys(ENDPOINTS, Access(right=Open.PUBLIC)))
    refuse_unguarded(app)
