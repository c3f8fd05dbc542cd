"""Files sent through pages: looked at first, then imported, and taken back as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from flask import Response, flash, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from data.importers.kinds.cases import NewCategories
from data.importers.kinds.fields import KINDS, SHAPED
from data.importers.readers.files import READERS
from data.uploads.process import start
from data.uploads.store import Stage, Upload, Uploads, Work, WorkState, new_upload
from gisgrid.access.actions import Action
from gisgrid.access.actors import may, require
from gisgrid.areas.imports import IMPORT_LEVELS
from gisgrid.areas.models import Level
from gisgrid.errors import Conflict, InvalidInput, NotFound, say
from gisgrid.imports.undo import IMPORT_RIGHTS, list_imports
from gisgrid.labels.files import DATE_FORMS, FILE_CRS
from gisgrid.labels.table import N_
from layers.base import Bounds
from layers.uploads import UploadedShapes
from web.blueprints import Pages
from web.context import current_actor, now, read_session, services
from web.frame import open_page, shell_for, show
from web.i18n import choices
from web.i18n import gettext as _
from web.imports.view import EndedWork, report_csv, shown
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.security.sessions import require_login

uploads = Pages("uploads", __name__)

_MOST_M2: Final = 1e12
_UNPACKED: Final = frozenset({".shp", ".shx", ".dbf", ".prj", ".cpg"})


def sent() -> Uploads:
    """The files that were sent to this installation."""
    site = services()
    return Uploads(site.settings.uploads, site.keys)


def own_kinds() -> list[str]:
    """The kinds of files whose rows the account may import."""
    return [kind for kind in KINDS if may(current_actor(), IMPORT_RIGHTS[kind])]


@uploads.get(
    "/imports",
    right=Action.IMPORTS_VIEW,
    entries=(Entry(Group.RECORDS, 2, "imports", N_("资料导入")),),
)
def index() -> str:
    """Send a file, templates to fill in, and what was imported before."""
    return _index([])


def _index(faults: list[ProblemFault]) -> str:
    view = open_page()
    store = sent()
    store.sweep()
    own = [(upload, store.progress_of(upload)) for upload in store.of(current_actor().account_id)]
    return show(
        "imports/list.html",
        view,
        kinds=own_kinds(),
        kind=request.values.get("kind", ""),
        waiting=[(upload, progress) for upload, progress in own if not _is_kept(upload, progress)],
        rows=list_imports(read_session(), current_actor(), now=now()),
        can_undo=may(current_actor(), Action.IMPORTS_UNDO),
        reports={upload.id for upload, progress in own if _is_kept(upload, progress)},
        may_found=may(current_actor(), Action.AREAS_IMPORT),
        endings=",".join(sorted(READERS.keys() - _UNPACKED)),
        faults=faults,
    )


def _is_kept(upload: Upload, progress: WorkState) -> bool:
    return upload.work == Work.IMPORT and progress.stage == Stage.DONE


@uploads.post("/imports", right=Action.IMPORTS_VIEW, takes_file=True)
def send() -> tuple[str, int] | BaseResponse:
    """Take a file and begin to look at it."""
    try:
        taken = _taken()
    except InvalidInput as error:
        return _index([placed(fault) for fault in error.faults]), 422
    _begin(taken, Work.CHECK)
    return redirect(f"/imports/{taken.id}", 303)


def _taken() -> Upload:
    kind, file = request.form.get("kind", ""), request.files.get("file")
    if kind not in own_kinds():
        raise InvalidInput(say("say what the file holds"), field="kind")
    if file is None or not file.filename:
        raise InvalidInput(say("no file was chosen"), field="file")
    upload = new_upload(
        account_id=str(current_actor().account_id),
        kind=kind,
        file_name=file.filename,
        community=_community(kind),
        at=now(),
    )
    if upload.suffix in _UNPACKED:
        raise InvalidInput(say("a Shapefile is several files: pack all of them into one .zip"), field="file")
    if upload.suffix not in READERS:
        endings = ", ".join(sorted(READERS.keys() - _UNPACKED))
        message = say("files of this kind can't be read; known endings: {known}", known=endings)
        raise InvalidInput(message, field="file")
    store = sent()
    store.sweep()
    return store.take(upload, file.stream)


def _community(kind: str) -> str | None:
    """The code said, else that of the page; whoever may make communities says it."""
    said = request.form.get("community", "").strip()
    if said and len(said) <= 60:
        return said
    view = open_page()
    if view is None and kind in SHAPED:
        raise InvalidInput(say("the code of the community is needed"), field="community")
    return view.community.code if view else None


def _begin(upload: Upload, work: Work, **answers: object) -> None:
    begun = sent().begin(upload, work, at=now(), **answers)
    start(begun, services().settings)


def _found(upload_id: str) -> Upload:
    require_login()
    require(current_actor(), Action.IMPORTS_VIEW)
    return sent().find(upload_id, current_actor().account_id)


@uploads.get("/imports/<upload_id>", right=Action.IMPORTS_VIEW)
def one(upload_id: str) -> str:
    """How far the work on a file is, and what came of it."""
    upload = _found(upload_id)
    progress = sent().progress_of(upload)
    checked = shown(upload, progress) if progress.result is not None else None
    view = open_page()
    shell = None
    if checked is not None and checked.bounds is not None:
        layer = UploadedShapes(url=f"/imports/{upload.id}/shapes.json")
        shell = shell_for(view, [layer], bounds=_wide(checked.bounds))
    return show(
        "imports/show.html",
        view,
        shell=shell,
        upload=upload,
        told=progress,
        view=checked,
        levels=IMPORT_LEVELS,
        can_undo=_can_undo(upload, checked),
        crs_choices=choices(FILE_CRS),
        date_choices=choices(DATE_FORMS),
        page_data={
            "upload": {
                "turn": upload.turn,
                "runs": progress.result is None,
                "url": f"/imports/{upload.id}/state.json",
            }
        },
    )


def _wide(bounds: Bounds) -> Bounds:
    """Bounds that have some room around a single point."""
    west, south, east, north = bounds
    room = 0.0005
    return (max(west - room, -180), max(south - room, -90), min(east + room, 180), min(north + room, 90))


def _can_undo(upload: Upload, view: EndedWork | None) -> bool:
    if upload.work != Work.IMPORT or view is None or not may(current_actor(), Action.IMPORTS_UNDO):
        return False
    rows = list_imports(read_session(), current_actor(), now=now())
    return any(row.id == upload.id and row.can_undo for row in rows)


@uploads.get("/imports/<upload_id>/state.json", right=Action.IMPORTS_VIEW)
def state(upload_id: str) -> Response:
    """How far the work is, for the page that waits for it."""
    upload = _found(upload_id)
    progress = sent().progress_of(upload)
    return jsonify(stage=progress.stage.value, share=round(progress.share, 4), turn=upload.turn)


@uploads.get("/imports/<upload_id>/shapes.json", right=Action.IMPORTS_VIEW)
def shapes(upload_id: str) -> Response:
    """The shapes of a file that was looked at, for its map, and what a repair would make of them."""
    progress = sent().progress_of(_found(upload_id))
    result = progress.result or {}
    return jsonify(type="FeatureCollection", features=[*result.get("shapes", []), *result.get("redrawn", [])])


@uploads.get("/imports/<upload_id>/report.csv", right=Action.IMPORTS_VIEW)
def report(upload_id: str) -> Response:
    """The rows that were refused and what was noted of others, as a table."""
    upload = _found(upload_id)
    progress = sent().progress_of(upload)
    if progress.result is None:
        raise NotFound("no such report")
    response = Response(report_csv(progress.result, upload), content_type="text/csv; charset=utf-8")
    name = f"gisgrid-import-{upload.kind}.csv"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@uploads.post("/imports/<upload_id>/check", right=Action.IMPORTS_VIEW)
def check(upload_id: str) -> BaseResponse:
    """Look at the file again, with other answers."""
    upload, form = _found(upload_id), request.form
    crs = form.get("crs", "")
    crs = form.get("crs_other", "").strip()[:60] if crs == "other" else crs
    level = form.get("level", upload.level)
    columns = [
        f"{field.name}={form[f'column-{field.name}'][:500]}"
        for field in KINDS[upload.kind]
        if f"column-{field.name}" in form
    ]
    _begin(
        upload,
        Work.CHECK,
        crs=crs or None,
        sheet=form.get("sheet", "").strip()[:200] or None,
        level=level if level in IMPORT_LEVELS else Level.GRID.value,
        fix=form.get("fix") == "1",
        accepted_m2=_number(form.get("accepted_m2", "")),
        merge=form.get("merge") == "1",
        dates=_dates(form),
        as_closed=form.get("as_closed") == "1",
        new_categories=_new_categories(form.get("new_categories", "")),
        columns=columns or upload.columns,
    )
    return redirect(f"/imports/{upload.id}", 303)


def _number(said: str) -> float:
    """How much a repair may move; nothing else than a number counts."""
    return min(float(said), _MOST_M2) if said.isascii() and said.isdigit() else 0.0


def _dates(form: Mapping[str, str]) -> str | None:
    """The form of dates: one to choose, or a pattern that was typed."""
    chosen = form.get("dates", "")
    return (form.get("dates_other", "").strip()[:60] if chosen == "other" else chosen) or None


def _new_categories(said: str) -> str:
    wanted = said == NewCategories.CONFIDENTIAL
    return NewCategories.CONFIDENTIAL.value if wanted else NewCategories.REFUSE.value


@uploads.post("/imports/<upload_id>/start", right=Action.IMPORTS_VIEW)
def import_it(upload_id: str) -> BaseResponse:
    """Import the file as it was looked at."""
    upload = _found(upload_id)
    result = sent().progress_of(upload).result
    if upload.work != Work.CHECK or result is None or not result.get("can_import"):
        raise Conflict("only a file that was checked can be imported")
    _begin(upload, Work.IMPORT, columns=result.get("columns", upload.columns))
    return redirect(f"/imports/{upload.id}", 303)


@uploads.post("/imports/<upload_id>/stop", right=Action.IMPORTS_VIEW)
def stop(upload_id: str) -> BaseResponse:
    """Stop the work, or put the file away where none is under way."""
    upload, store = _found(upload_id), sent()
    if store.progress_of(upload).stage in {Stage.RUNNING, Stage.STOPPING}:
        store.stop(upload)
        return redirect(f"/imports/{upload.id}", 303)
    store.put_away(upload)
    flash(_("文件已删除,没有导入。"), "good")
    return redirect("/imports", 303)


@uploads.post("/imports/<import_id>/undo", right=Action.IMPORTS_UNDO)
def undo(import_id: str) -> BaseResponse:
    """Take a whole import back."""
    rows = list_imports(read_session(), current_actor(), now=now())
    run = next((row for row in rows if row.id == import_id), None)
    if run is None:
        raise NotFound("no such import")
    upload = new_upload(
        account_id=str(current_actor().account_id),
        kind=run.kind,
        file_name=run.file_name,
        community=run.community,
        at=now(),
    )
    taken = sent().take_none(replace(upload, subject=import_id))
    _begin(taken, Work.UNDO)
    return redirect(f"/imports/{taken.id}", 303)
