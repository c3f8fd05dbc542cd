"""Publishing a plan: memberships, areas, outlines and duties in one transaction, and a new revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime

from sqlalchemy import select

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.access.unfinished import refuse_beside_import
from gisgrid.areas.communities import current_version, touch
from gisgrid.areas.models import CommunityState, Revision
from gisgrid.areas.publication import add_revision
from gisgrid.areas.view import Caches, View
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, say, some_of
from gisgrid.redraw.ground.neighbours import community_names
from gisgrid.redraw.impact.duties import serving_before
from gisgrid.redraw.notifications import tell_published
from gisgrid.redraw.plans.decisions import add_note, allowed, is_own, recipient_of, refuse_one_sided
from gisgrid.redraw.plans.models import NoteKind, Plan, PlanState
from gisgrid.redraw.plans.schedule import effect_of, refuse_scheduled_cut, view_ahead
from gisgrid.redraw.plans.store import OpenPlan, open_plan
from gisgrid.redraw.publication.areas import close_areas, move_micro_grids, open_areas, rename
from gisgrid.redraw.publication.cases import hand_cases_over, rescue_cases
from gisgrid.redraw.publication.cells import draw_outlines, move_cells
from gisgrid.redraw.publication.codes import renumber
from gisgrid.redraw.publication.due import WAITS
from gisgrid.redraw.publication.duties import write_duties
from gisgrid.redraw.publication.lineage import write_lineage
from gisgrid.redraw.publication.touched import area_ids, new_grids, written_areas
from gisgrid.redraw.publication.transfers import add_revision_there, take_over
from gisgrid.redraw.rules.acceptance import Accepted, KeptWarning, accepted_warnings
from gisgrid.redraw.rules.checks import findings_of
from gisgrid.redraw.transfer.handovers import Pass, households_by_hands, passes
from gisgrid.redraw.transfer.recipient import Reception, reception_of, view_of_recipient
from gisgrid.redraw.transfer.sides import CROSSES, TransferredGrid
from gisgrid.welfare.service import hand_visitors_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A published plan: its revision, and how many rows of memberships and areas were written."""

    revision: Revision
    memberships: int
    areas: int


def publish(
    view: View,
    plan_id: str,
    reason: str,
    *,
    caches: Caches,
    now: datetime,
    effective: date | None = None,
    accepts: Sequence[Accepted] | None = None,
) -> Published:
    """Make a plan the division in force from now on, or from the beginning of a day to come.

    By an approver it counts as approval. Households and cases are not touched: they lie in cells, and cells
    only change hands. Pieces of a split inherit the duties of the grid they came out of until they are given
    others. All rows begin and end when the plan takes effect: until then nobody sees anything of it.

    Raises
    ------
    NotAllowed
        The actor may neither approve it nor publish an approved plan of one's own.
    Conflict
        Nothing is changed by it, a rule forbids it, the division has changed since, another plan waits for a
        later day, or new cells would have to wait.
    InvalidInput
        A reason is missing, or the day is past.
    DatabaseBusy
        A file is being imported into the division that is.
    """
    require(view.actor, Action.REDRAW_VIEW)
    if not reason.strip():
        raise InvalidInput("a redraw is published with a reason", field="reason")
    refuse_beside_import(view.session.get_bind())
    to = recipient_of(view.session, plan_id)
    there = None if to is None else view_of_recipient(view, to, caches=caches, now=now)
    _wait_for_others(view, there, now=now)
    at = effect_of(view, effective, now=now)
    ahead = view_ahead(view, at, caches=caches) if at > now else view
    opened = open_plan(ahead, plan_id, caches=caches, lock=True)
    _refuse_wrong_hands(view, opened.plan)
    _refuse_used_codes(opened)
    accepted = _accepted(ahead, opened, accepts)
    passed = passes(ahead, opened.base, opened.drawing)
    if at > now:
        refuse_scheduled_cut(opened.drawing.delta)
    reception = _taken(ahead, opened, to, caches=caches, now=now)
    brought = take_over(ahead, opened, reception, now=at) if reception else {}
    written = _write(ahead, opened, now=at)
    revision = add_revision(view.session, view.actor, view.community.id, at=at, reason=reason.strip())
    revision.published_at = now
    if reception:
        add_revision_there(view, reception, brought, revision=revision, now=at)
    write_lineage(ahead, opened, written_areas(ahead, opened), revision=revision)
    opened.plan.state, opened.plan.published_revision = PlanState.PUBLISHED, revision.number
    details = {"accepted": accepted, "passes": [asdict(part) for part in passed], WAITS: at > now}
    if reception:
        details[CROSSES] = asdict(_transferred_grids(view, opened, reception))
    add_note(view, opened.plan, NoteKind.PUBLISH, text=reason, now=now, details=details)
    if at <= now:
        hand_cases_over(view, passed, now=now)
        if reception:
            rescue_cases(reception.view, _as_there(passed, reception), now=now)
        hand_visitors_over(view, households_by_hands(passed), now=now)
    tell_published(ahead, opened, passed, reception, now=now, at=at)
    touch(view.session, [view.community.id])
    record(view.session, view.actor, "plan:publish", "plan", now=now, object_id=opened.plan.id)
    return Published(revision=revision, memberships=written[0], areas=written[1])


def _as_there(passed: Sequence[Pass], reception: Reception) -> list[Pass]:
    """What went to the other community, by the codes its grids have there."""
    gone = [(part, part.source) for part in passed if part.target is None and part.source is not None]
    return [replace(part, target=reception.codes[code]) for part, code in gone if code in reception.codes]


def _transferred_grids(view: View, opened: OpenPlan, taken: Reception) -> TransferredGrid:
    """Which grid went where, for the sheets of both sides."""
    transfer, there = opened.drawing.transfer, taken.view.community
    if transfer is None:
        raise Conflict("somebody has changed this plan in the meantime: load it again")
    names = community_names(view, [view.community.code, there.code])
    return TransferredGrid(
        grid=transfer.grid,
        grid_there=taken.codes[transfer.grid],
        giver=view.community.code,
        giver_name=names.get(view.community.code, view.community.code),
        taker=there.code,
        taker_name=names.get(there.code, there.code),
    )


def _wait_for_others(view: View, there: View | None, *, now: datetime) -> None:
    """Whoever publishes in this community waits here: the revision that was read can't change any more.

    So does who publishes in the one that takes a grid in. Always in the same order, lest two wait for each
    other.
    """
    both = [view.community.id] if there is None else [view.community.id, there.community.id]
    view.session.execute(
        select(CommunityState.data_version)
        .where(CommunityState.community_id.in_(both))
        .order_by(CommunityState.community_id)
        .with_for_update()
    )
    if current_version(view.session, view.community.id, at=now).revision_id != view.version.revision_id:
        raise Conflict("somebody has published in the meantime: load the plan again")


def _taken(
    view: View, opened: OpenPlan, to: str | None, *, caches: Caches, now: datetime
) -> Reception | None:
    """The community that takes the plan's grid in, as it is now that both are held."""
    transfer = opened.drawing.transfer
    if (transfer.to if transfer else None) != to:
        raise Conflict("somebody has changed this plan in the meantime: load it again")
    return None if transfer is None else reception_of(view, opened, transfer, caches=caches, now=now)


def _refuse_wrong_hands(view: View, plan: Plan) -> None:
    if "publish" in allowed(view, plan):
        return
    if plan.state in {PlanState.PUBLISHED, PlanState.DISCARDED}:
        raise Conflict("this plan has been published already")
    if is_own(view.session, plan, view.actor.account_id):
        raise NotAllowed("one's own plan is approved by somebody else")
    refuse_one_sided(view, plan)
    raise NotAllowed("this account may not publish")


def _refuse_used_codes(opened: OpenPlan) -> None:
    """A restored grid was given its code when it was drawn: somebody may have used that code since."""
    codes = {*new_grids(opened), *opened.drawing.delta.opened} & opened.base.ground.used
    if codes:
        raise Conflict(say("codes that have been used by now: {codes}", codes=some_of(codes)))


def _accepted(view: View, opened: OpenPlan, accepts: Sequence[Accepted] | None) -> list[KeptWarning]:
    """The warnings the reason stands for; refuses what a rule forbids and what changes nothing."""
    drawing = opened.drawing
    if drawing.delta.is_empty and not (drawing.names or drawing.duties or drawing.codes):
        raise Conflict("this plan changes nothing")
    return accepted_warnings(findings_of(view, opened), accepts)


def _write(view: View, opened: OpenPlan, *, now: datetime) -> tuple[int, int]:
    """Close and open what changes; gives how many memberships and areas."""
    ids, serving = area_ids(view), serving_before(view)
    opened_areas = open_areas(view, opened, ids, now=now)
    move_micro_grids(view, opened, ids, now=now)
    count = move_cells(view, opened, ids, now=now)
    close_areas(view, opened, ids, now=now)
    rename(view, opened, ids, now=now)
    write_duties(view, opened, ids, before=serving, now=now)
    opened_areas += renumber(view, opened, ids, now=now)
    draw_outlines(view, opened, ids, at=now)
    return count, opened_areas
