"""Installing the forms that come with the program: each as a published version, where it is not there yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.audit import record
from gisgrid.areas.communities import touch
from gisgrid.areas.models import CommunityState
from gisgrid.errors import InvalidInput
from gisgrid.forms.tree_json import form_to_json
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.rules import VersionState
from gisgrid.records.publication.drafts import FormFile, form_faults, new_form
from gisgrid.records.publication.release import release
from gisgrid.storage.base import new_id

CONFIDENTIAL: Final = frozenset({"dispute_screen"})
"""Forms about no person whose counts are told like those of persons: who quarrels where can be guessed."""


def install_forms(session: Session, actor: Actor, files: Iterable[FormFile], *, now: datetime) -> int:
    """Publish the forms of the program, those alone whose workbook is another than before; how many.

    Whoever calls has brought the database to this version, so no right is asked.

    Raises
    ------
    InvalidInput
        One of them can't be taken.
    """
    count = sum(_install(session, file, now=now) for file in files)
    if count:
        record(session, actor, "forms:install", "form", now=now, count=count)
        touch(session, session.scalars(select(CommunityState.community_id)).all())
        session.flush()
    return count


def installed_digests(session: Session) -> set[str]:
    """The digests of the workbooks of the program that are published."""
    published = (
        select(FormVersion.sha256)
        .join(FieldForm, FieldForm.id == FormVersion.form_id)
        .where(FieldForm.owner_area_id.is_(None), FormVersion.state == VersionState.PUBLISHED)
    )
    return set(session.scalars(published))


def _install(session: Session, file: FormFile, *, now: datetime) -> bool:
    if faults := form_faults(file):
        raise InvalidInput(faults)
    built_in = FieldForm.owner_area_id.is_(None)
    form = session.scalar(select(FieldForm).where(built_in, FieldForm.code == file.tree.code))
    form = form or new_form(session, file.tree, None)
    form.is_confidential = form.code in CONFIDENTIAL
    own = FormVersion.form_id == form.id
    published = select(FormVersion.sha256).where(own, FormVersion.state == VersionState.PUBLISHED)
    if session.scalar(published) == file.sha256:
        return False
    number = (session.scalar(select(func.max(FormVersion.number)).where(own)) or 0) + 1
    version = FormVersion(
        id=new_id(),
        form_id=form.id,
        number=number,
        state=VersionState.DRAFT,
        workbook=file.workbook,
        sha256=file.sha256,
        tree=form_to_json(file.tree),
        languages=list(file.tree.languages),
        uploaded_at=now,
    )
    session.add(version)
    session.flush()
    release(session, form, version, file.tree, by=None, now=now)
    return True
