"""The version of a form that is asked for, with its tree."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from gisgrid.areas.view import View
from gisgrid.errors import NotFound
from gisgrid.forms.tree import FormTree
from gisgrid.forms.tree_json import form_from_json
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import RETIRED_STILL_TAKEN, VersionState


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedForm:
    """A version of a form with its form and its tree."""

    form: FieldForm
    version: FormVersion
    tree: FormTree


def own_forms(view: View) -> Select[FieldForm]:
    """Forms that a community has: its own, and those that are built in unless it has one of that code."""
    own = select(FieldForm.code).where(FieldForm.owner_area_id == view.community.id)
    built_in = FieldForm.owner_area_id.is_(None) & FieldForm.code.not_in(own)
    return select(FieldForm).where(or_(FieldForm.owner_area_id == view.community.id, built_in))


def form_of_code(view: View, code: str, *, lock: bool = False) -> FieldForm:
    """The form of a code in a community.

    Raises
    ------
    NotFound
        It has no such form.
    """
    statement = own_forms(view).where(FieldForm.code == code)
    form = view.session.scalar(statement.with_for_update() if lock else statement)
    if form is None:
        raise NotFound("no such form")
    return form


def published_version(view: View, code: str) -> OpenedForm:
    """The version of a form that is filled now.

    Raises
    ------
    NotFound
        There is no such form, or none of its versions is published.
    """
    form = form_of_code(view, code)
    published = FormVersion.state == VersionState.PUBLISHED
    version = view.session.scalar(select(FormVersion).where(FormVersion.form_id == form.id, published))
    if version is None:
        raise NotFound("no version of this form is published")
    return opened_form(view, form, version)


def opened_form(view: View, form: FieldForm, version: FormVersion) -> OpenedForm:
    """A version with its tree, which is read once: of what is published it never changes."""
    if version.state == VersionState.DRAFT:
        return OpenedForm(form=form, version=version, tree=form_from_json(version.tree))
    tree = view.figures.get(("form tree", version.id), lambda: form_from_json(version.tree))
    return OpenedForm(form=form, version=version, tree=tree)


def version_of(session: Session, form: FieldForm, number: int) -> FormVersion:
    """A version by its number.

    Raises
    ------
    NotFound
        The form has no such version.
    """
    statement = select(FormVersion).where(FormVersion.form_id == form.id, FormVersion.number == number)
    version = session.scalar(statement)
    if version is None:
        raise NotFound("this form has no such version")
    return version


def is_taken_still(version: FormVersion, *, now: datetime) -> bool:
    """Whether records of a version are taken: it is published, or was retired a month ago at most."""
    if version.state == VersionState.PUBLISHED:
        return True
    return version.retired_at is not None and now - version.retired_at <= RETIRED_STILL_TAKEN
