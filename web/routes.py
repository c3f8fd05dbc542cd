"""Which blueprints there are."""

from __future__ import annotations

from flask_openapi3.openapi import OpenAPI

from web.api.appraisals import appraisals_api
from web.api.backgrounds import backgrounds_api
from web.api.cases import cases_api
from web.api.completeness import completeness_api
from web.api.contracts import contracts_api
from web.api.disputes import disputes_api
from web.api.document import document_api
from web.api.duties import duties_api
from web.api.errands import errands_api
from web.api.evaluations import evaluations_api
from web.api.exports import exports_api
from web.api.figures import figures_api
from web.api.gate import init_gate
from web.api.handover import handover_api
from web.api.households import households_api
from web.api.imports import imports_api
from web.api.indicators import indicators_api
from web.api.limits import limits_api
from web.api.locate import locate_api
from web.api.me import me_api
from web.api.notices import notices_api
from web.api.organisations import organisations_api
from web.api.photos import photos_api
from web.api.planning import planning_api
from web.api.positions import positions_api
from web.api.proposals import proposals_api
from web.api.redraw import redraw_api
from web.api.releasing import releasing_api
from web.api.reporting import reporting_api
from web.api.revisions import revisions_api
from web.api.settings import settings_api
from web.api.shapes import shapes_api
from web.api.visitors import visitors_api
from web.open311.routes import open311
from web.pages.accounts import accounts
from web.pages.appraisals import appraising
from web.pages.backgrounds import backgrounds
from web.pages.cases import cases
from web.pages.consent import consent
from web.pages.contracts import contracting
from web.pages.disputes import disputes
from web.pages.doors import doors
from web.pages.duties import duties
from web.pages.erasures import erasing
from web.pages.errands import errands
from web.pages.evaluations import evaluating
from web.pages.exports import exporting
from web.pages.handover import handing
from web.pages.health import health
from web.pages.history import history
from web.pages.home import home
from web.pages.indicators import indicating
from web.pages.limits import limits
from web.pages.managing import managing
from web.pages.maps import maps
from web.pages.mediators import mediators
from web.pages.notices import noticed
from web.pages.organisations import organising
from web.pages.pasting import pasting
from web.pages.photos import photos
from web.pages.positions import positions
from web.pages.receipts import receipts
from web.pages.redraw import redraw
from web.pages.releasing import releasing
from web.pages.settings import settings
from web.pages.trail import trail
from web.pages.upkeep import upkeep
from web.pages.uploads import uploads
from web.pages.webhooks import webhooks
from web.pages.workers import workers


def register_routes(app: OpenAPI) -> None:
    """Register pages and API."""
    init_gate(app)
    for pages in (
        health,
        accounts,
        home,
        maps,
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
    ):
        app.register_blueprint(pages)
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
        app.register_api(api)
    app.register_blueprint(document_api)
