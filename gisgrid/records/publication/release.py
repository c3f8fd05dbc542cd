"""Publishing a version of a form, which retires the one before, and retiring one without another."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict
from gisgrid.forms.tree import FormTree
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import VersionState
from gisgrid.records.core.versions import form_of_code, opened_form, version_of


def publish_form(view: View, code: str, number: int, *, now: datetime) -> FormVersion:
    """Publish the draft of a form: from now on it is filled in the whole community, and never changes.

    Raises
    ------
    NotAllowed
        The role publishes no forms.
    NotFound
        No such form or version.
    Conflict
        It is no draft, or holds personal data and was drafted by who publishes it.
    """
    require(view.actor, Action.FORMS_PUBLISH)
    wait_for_others(view.session, view.community.id)
    form = form_of_code(view, code, lock=True)
    version = version_of(view.session, form, number)
    if version.state != VersionState.DRAFT:
        raise Conflict("this version was published before")
    tree = opened_form(view, form, version).tree
    if needs_another(view.actor, version, tree):
        raise Conflict("a form with personal data is published by somebody else than who drafted it")
    release(view.session, form, version, tree, by=view.actor.account_id, now=now)
    record(view.session, view.actor, "forms:publish", "form", now=now, object_id=form.id)
    touch(view.session, [view.community.id])
    view.session.flush()
    return version


def needs_another(actor: Actor, version: FormVersion, tree: FormTree) -> bool:
    """Whether another must publish a draft: it holds personal data and is the actor's own."""
    return tree.settings.purpose is not None and version.uploaded_by == actor.account_id


def retire_version(view: View, code: str, number: int, *, now: datetime) -> None:
    """Retire the published version of a community's own form; records of it are taken for a month still.

    Raises
    ------
    NotAllowed
        The role publishes no forms.
    NotFound
        No such form or version.
    Conflict
        It is not published, or the form is built in.
    """
    require(view.actor, Action.FORMS_PUBLISH)
    wait_for_others(view.session, view.community.id)
    form = form_of_code(view, code, lock=True)
    version = version_of(view.session, form, number)
    if form.owner_area_id is None:
        raise Conflict("a built-in form is not retired by a community")
    if version.state != VersionState.PUBLISHED:
        raise Conflict("only a published version is retired")
    version.state, version.retired_at = VersionState.RETIRED, now
    record(view.session, view.actor, "forms:retire", "form", now=now, object_id=form.id)
    touch(view.session, [view.community.id])
    view.session.flush()


def release(
    session: Session,
    form: FieldForm,
    version: FormVersion,
    tree: FormTree,
    *,
    by: str | None,
    now: datetime,
) -> None:
    """Let a version be the one that is filled; the one before is retired, and the form takes its settings."""
    published = FormVersion.state == VersionState.PUBLISHED
    former = session.scalar(select(FormVersion).where(FormVersion.form_id == form.id, published))
    if former is not None:
        former.state, former.retired_at = VersionState.RETIRED, now
        session.flush()
    version.state, version.published_at, version.published_by = VersionState.PUBLISHED, now, by
    form.purpose, form.legal_basis = tree.settings.purpose, tree.settings.legal_basis
    form.closed_at = None
    session.flush()
