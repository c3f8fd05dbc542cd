"""Which forms a community has, what one asks, and the versions it had."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Final, NotRequired

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import undefer
from typing_extensions import TypedDict

from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.access.models import Account, Role
from gisgrid.areas.view import View
from gisgrid.days import local_text, local_text_or_none
from gisgrid.errors import NotAllowed, NotFound
from gisgrid.forms.tree import FormTree, text_in
from gisgrid.forms.tree_changes import FormChanges, form_changes
from gisgrid.records.core.fillers import may_fill
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import VersionState
from gisgrid.records.core.versions import (
    OpenedForm,
    form_of_code,
    opened_form,
    own_forms,
    published_version,
    version_of,
)
from gisgrid.records.publication.release import needs_another

_BY_DUTY: Final = frozenset({Role.GRID_LEADER, Role.STEWARD})
"""Roles that learn of those forms alone that they fill."""
_LIST_ONLY: Final = frozenset({Role.ADMIN})
"""Roles that learn which forms there are, and not what they ask."""


class VersionStep(StrEnum):
    """What may be done with a version of a form: publish or throw away a draft, retire what is published."""

    PUBLISH = "publish"
    DISCARD = "discard"
    RETIRE = "retire"


class FormListed(TypedDict):
    """A form in the list; without ``version`` none of its versions is published."""

    code: str
    title: Annotated[Mapping[str, str], Field(description="by language")]
    subject: str
    purpose: str | None
    is_built_in: bool
    may_fill: bool
    version: int | None
    sha256: str | None
    published_at: str | None
    draft: NotRequired[Annotated[int | None, Field(description="the number of its draft, for who drafts")]]


class FormOpened(TypedDict):
    """What a form asks: its tree with parsed expressions, and the version it is."""

    code: str
    version_id: str
    version: int
    sha256: str
    purpose: str | None
    may_fill: bool
    tree: dict[str, object]


class VersionListed(TypedDict):
    """A version of a form; ``steps`` are what the actor may do with it now.

    A draft that only somebody else may publish says ``needs_another``. ``changes`` tell what differs from the
    version before it, which the first has not.
    """

    number: int
    state: str
    sha256: str
    languages: list[str]
    uploaded_at: str
    uploaded_by: str | None
    published_at: str | None
    retired_at: str | None
    steps: list[VersionStep]
    needs_another: bool
    changes: FormChanges | None


def list_forms(view: View) -> list[FormListed]:
    """The forms of the community by code; who fills by duty learns of those alone.

    Who drafts learns of forms that are all drafts or retired, too.

    Raises
    ------
    NotAllowed
        The role sees no forms.
    """
    require(view.actor, Action.FORMS_VIEW)
    drafts_seen = may(view.actor, Action.FORMS_DRAFT)
    rows = [_listed(view, form, drafts_seen=drafts_seen) for form in _forms(view)]
    return [row for row in rows if row is not None]


def _forms(view: View) -> list[FieldForm]:
    return list(view.session.scalars(own_forms(view).order_by(FieldForm.code)))


def _listed(view: View, form: FieldForm, *, drafts_seen: bool) -> FormListed | None:
    ordered = select(FormVersion).where(FormVersion.form_id == form.id).order_by(FormVersion.number)
    state_of = {version.state: version for version in view.session.scalars(ordered)}
    published = state_of.get(VersionState.PUBLISHED)
    draft = state_of.get(VersionState.DRAFT) if drafts_seen else None
    shown = published or draft or (state_of.get(VersionState.RETIRED) if drafts_seen else None)
    if shown is None:
        return None
    opened = opened_form(view, form, shown)
    fills = may_fill(view.actor, opened.tree.settings)
    if view.actor.role in _BY_DUTY and not fills:
        return None
    row = _row(view, opened, published, fills=fills)
    return {**row, "draft": draft.number if draft else None} if drafts_seen else row


def _row(view: View, opened: OpenedForm, published: FormVersion | None, *, fills: bool) -> FormListed:
    return {
        "code": opened.form.code,
        "title": opened.tree.title,
        "subject": opened.form.subject,
        "purpose": opened.tree.settings.purpose,
        "is_built_in": opened.form.owner_area_id is None,
        "may_fill": fills and published is not None,
        "version": published.number if published else None,
        "sha256": published.sha256 if published else None,
        "published_at": local_text_or_none(published.published_at, view.tz) if published else None,
    }


def open_form(view: View, code: str, number: int | None = None) -> FormOpened:
    """What a form asks: its published version, or for who drafts any other by its number.

    Raises
    ------
    NotAllowed
        The role sees no forms, or only which there are.
    NotFound
        No such form within what the actor sees, or none of its versions is published.
    """
    require(view.actor, Action.FORMS_VIEW)
    if view.actor.role in _LIST_ONLY:
        raise NotAllowed("this account may not do that")
    opened = published_version(view, code) if number is None else _numbered(view, code, number)
    fills = may_fill(view.actor, opened.tree.settings)
    return {
        "code": code,
        "version_id": opened.version.id,
        "version": opened.version.number,
        "sha256": opened.version.sha256,
        "purpose": opened.tree.settings.purpose,
        "may_fill": fills and opened.version.state == VersionState.PUBLISHED,
        "tree": opened.version.tree,
    }


def title_of(view: View, code: str, language: str) -> str:
    """What a form is called: its published version, or for who drafts the newest.

    Raises
    ------
    NotAllowed
        The role learns only which forms there are.
    NotFound
        No such form within what the actor sees.
    """
    return text_in(_listed_by_code(view, code)["title"], language)


def purpose_of(view: View, code: str) -> str | None:
    """What a form collects personal data for; nothing where it collects none.

    Raises
    ------
    NotAllowed
        The role learns only which forms there are.
    NotFound
        No such form within what the actor sees.
    """
    return _listed_by_code(view, code)["purpose"]


def _listed_by_code(view: View, code: str) -> FormListed:
    require(view.actor, Action.FORMS_VIEW)
    if view.actor.role in _LIST_ONLY:
        raise NotAllowed("this account may not do that")
    form = form_of_code(view, code)
    row = _listed(view, form, drafts_seen=may(view.actor, Action.FORMS_DRAFT))
    if row is None:
        raise NotFound("no such form")
    return row


def _numbered(view: View, code: str, number: int) -> OpenedForm:
    require(view.actor, Action.FORMS_DRAFT)
    form = form_of_code(view, code)
    return opened_form(view, form, version_of(view.session, form, number))


def version_id_of(view: View, code: str, number: int) -> str:
    """The id of a version that is sent with a record: published, or retired since; a draft is none.

    Raises
    ------
    NotFound
        No such form in the community, or it has no such version that was ever published.
    """
    require(view.actor, Action.FORMS_VIEW)
    version = version_of(view.session, form_of_code(view, code), number)
    if version.state == VersionState.DRAFT:
        raise NotFound("this form has no such version")
    return version.id


def versions_of(view: View, code: str) -> list[VersionListed]:
    """The versions of a form, the newest first, for who drafts.

    Raises
    ------
    NotAllowed
        The role drafts no forms.
    NotFound
        No such form.
    """
    require(view.actor, Action.FORMS_DRAFT)
    form = form_of_code(view, code)
    statement = (
        select(FormVersion, Account.name)
        .outerjoin(Account, Account.id == FormVersion.uploaded_by)
        .where(FormVersion.form_id == form.id)
        .order_by(FormVersion.number)
    )
    rows, former = [], None
    for version, name in view.session.execute(statement):
        opened = opened_form(view, form, version)
        rows.append(_version(view, opened, former, name))
        former = opened.tree
    return rows[::-1]


def _version(view: View, opened: OpenedForm, former: FormTree | None, name: str | None) -> VersionListed:
    version = opened.version
    is_draft = version.state == VersionState.DRAFT
    return {
        "number": version.number,
        "state": version.state,
        "sha256": version.sha256,
        "languages": version.languages,
        "uploaded_at": local_text(version.uploaded_at, view.tz),
        "uploaded_by": name,
        "published_at": local_text_or_none(version.published_at, view.tz),
        "retired_at": local_text_or_none(version.retired_at, view.tz),
        "steps": list(_steps(view, opened)),
        "needs_another": is_draft and needs_another(view.actor, version, opened.tree),
        "changes": None if former is None else form_changes(former, opened.tree),
    }


def _steps(view: View, opened: OpenedForm) -> Iterator[VersionStep]:
    """What the actor may do with a version of a community's own form; built-in ones are not touched."""
    version = opened.version
    if opened.form.owner_area_id is None:
        return
    publishes = may(view.actor, Action.FORMS_PUBLISH)
    if version.state == VersionState.DRAFT:
        if publishes and not needs_another(view.actor, version, opened.tree):
            yield VersionStep.PUBLISH
        yield VersionStep.DISCARD
    if version.state == VersionState.PUBLISHED and publishes:
        yield VersionStep.RETIRE


def workbook_of(view: View, code: str, number: int) -> bytes:
    """The workbook of a version as it was handed in, for who drafts.

    Raises
    ------
    NotAllowed
        The role drafts no forms.
    NotFound
        No such form or version.
    """
    require(view.actor, Action.FORMS_DRAFT)
    form = form_of_code(view, code)
    statement = select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.number == number)
    version = view.session.scalar(statement.options(undefer(FormVersion.workbook)))
    return version.workbook if version else version_of(view.session, form, number).workbook
