"""Drafts of a community's own forms: handed in as a workbook, thrown away, or taken the place of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.audit import record
from gisgrid.areas.communities import wait_for_others
from gisgrid.areas.view import View
from gisgrid.errors import Conflict, Fault, InvalidInput, Sentence, say
from gisgrid.forms.tree import FormTree, Repeat, walk_items
from gisgrid.forms.tree_json import form_to_json
from gisgrid.people.core.purposes import Purpose
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import (
    MOST_CODE,
    MOST_FORMS,
    MOST_WORKBOOK_BYTES,
    OF_PERSONS,
    TAKEN_NOW,
    SubjectKind,
    VersionState,
)
from gisgrid.records.core.versions import form_of_code, version_of
from gisgrid.storage.base import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class FormFile:
    """A form as it is handed in: the workbook, and the tree that was read from it."""

    tree: FormTree
    workbook: bytes

    @property
    def sha256(self) -> str:
        """The digest of the workbook."""
        return hashlib.sha256(self.workbook).hexdigest()


def form_faults(file: FormFile) -> list[Fault]:
    """What keeps a form from being taken here, beyond what its reader finds."""
    return list(_faults(file))


def _faults(file: FormFile) -> Iterator[Fault]:
    settings = file.tree.settings
    if len(file.workbook) > MOST_WORKBOOK_BYTES:
        yield Fault(message=say("a workbook of a form has at most 1 MB"), field="workbook")
    if len(file.tree.code) > MOST_CODE:
        yield _of_settings("form_id", say("a form_id has at most {most} letters", most=MOST_CODE))
    if settings.subject not in TAKEN_NOW:
        yield _of_settings("subject", say("forms about this subject are not taken yet"))
    if settings.purpose is not None and settings.purpose not in set(Purpose):
        yield _of_settings("purpose", say("no such purpose"))
    if settings.purpose is None and _is_about_persons(file.tree):
        yield _of_settings("purpose", say("a form about people or households names its purpose"))
    if settings.purpose == Purpose.SENSITIVE_NEEDS and not settings.legal_basis:
        yield _of_settings("legal_basis", say("sensitive needs are asked with their legal basis"))


def _of_settings(column: str, message: Sentence) -> Fault:
    """A fault in the one row below the heads of the sheet of settings."""
    return Fault(message=message, file="[settings]", row=2, field=column)


def _is_about_persons(tree: FormTree) -> bool:
    if tree.settings.subject in OF_PERSONS:
        return True
    return any(isinstance(item, Repeat) and item.register for item in walk_items(tree.items))


def draft_form(view: View, file: FormFile, *, now: datetime) -> FormVersion:
    """Keep a workbook as the draft of a form of the community; an earlier draft goes.

    Raises
    ------
    NotAllowed
        The role drafts no forms.
    InvalidInput
        The form can't be taken; all faults.
    Conflict
        The code belongs to a built-in form, the form is about another subject, there are as many forms as
        there may be, or this very workbook is the one that is published.
    """
    require(view.actor, Action.FORMS_DRAFT)
    if faults := form_faults(file):
        raise InvalidInput(faults)
    wait_for_others(view.session, view.community.id)
    form = _own_form(view, file.tree)
    _refuse_published(view.session, form, file)
    _drop_draft(view.session, form)
    version = FormVersion(
        id=new_id(),
        form_id=form.id,
        number=_last_number(view.session, form) + 1,
        state=VersionState.DRAFT,
        workbook=file.workbook,
        sha256=file.sha256,
        tree=form_to_json(file.tree),
        languages=list(file.tree.languages),
        uploaded_at=now,
        uploaded_by=view.actor.account_id,
    )
    view.session.add(version)
    record(view.session, view.actor, "forms:draft", "form", now=now, object_id=form.id)
    view.session.flush()
    return version


def discard_draft(view: View, code: str, number: int, *, now: datetime) -> None:
    """Throw a draft away; a form that never had another version goes with it.

    Raises
    ------
    NotAllowed
        The role drafts no forms.
    NotFound
        No such draft in the community.
    Conflict
        It is no draft any more, or the form is built in.
    """
    require(view.actor, Action.FORMS_DRAFT)
    form = form_of_code(view, code, lock=True)
    version = version_of(view.session, form, number)
    if version.state != VersionState.DRAFT:
        raise Conflict("what was published is kept")
    view.session.delete(version)
    view.session.flush()
    if not _last_number(view.session, form):
        view.session.delete(form)
    record(view.session, view.actor, "forms:discard", "form", now=now, object_id=form.id)
    view.session.flush()


def _own_form(view: View, tree: FormTree) -> FieldForm:
    """The community's form of this code, made where there is none."""
    session, owner = view.session, view.community.id
    own = FieldForm.owner_area_id == owner
    form = session.scalar(select(FieldForm).where(own, FieldForm.code == tree.code).with_for_update())
    if form is not None:
        if form.subject != tree.settings.subject:
            raise Conflict("this form is about another subject: give the new one another name")
        return form
    built_in = FieldForm.owner_area_id.is_(None) & (FieldForm.code == tree.code)
    if session.scalar(select(FieldForm.id).where(built_in)) is not None:
        raise Conflict("a built-in form has this name and can't be changed: give the new one another name")
    if (session.scalar(select(func.count()).select_from(FieldForm).where(own)) or 0) >= MOST_FORMS:
        raise Conflict(say("a community has at most {most} forms of its own", most=MOST_FORMS))
    return new_form(session, tree, owner)


def new_form(session: Session, tree: FormTree, owner: str | None) -> FieldForm:
    """A form that has no version yet; the settings of each version that is published are written into it."""
    form = FieldForm(
        id=new_id(),
        code=tree.code,
        owner_area_id=owner,
        subject=SubjectKind(tree.settings.subject),
        purpose=tree.settings.purpose,
        legal_basis=tree.settings.legal_basis,
    )
    session.add(form)
    session.flush()
    return form


def _refuse_published(session: Session, form: FieldForm, file: FormFile) -> None:
    published = FormVersion.state == VersionState.PUBLISHED
    own = select(FormVersion.sha256).where(FormVersion.form_id == form.id, published)
    if session.scalar(own) == file.sha256:
        raise Conflict("this very workbook is published already")


def _drop_draft(session: Session, form: FieldForm) -> None:
    drafts = select(FormVersion).where(
        FormVersion.form_id == form.id, FormVersion.state == VersionState.DRAFT
    )
    for draft in session.scalars(drafts):
        session.delete(draft)
    session.flush()


def _last_number(session: Session, form: FieldForm) -> int:
    number = func.max(FormVersion.number)
    return session.scalar(select(number).where(FormVersion.form_id == form.id)) or 0
