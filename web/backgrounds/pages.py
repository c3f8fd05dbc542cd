"""Background images, for administrators: sent, looked at, cut into tiles, shown to whom, removed."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, jsonify, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from data.backgrounds.endings import BESIDE, ENDINGS
from data.uploads.store import MOST_MB, Stage, Upload, Work, WorkState
from gisgrid.access.actions import Action
from gisgrid.areas.communities import visible_communities
from gisgrid.backgrounds.mercator import Range, covering
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.backgrounds.queries import list_images
from gisgrid.backgrounds.service import (
    KEPT,
    bring_back_image,
    publish_image,
    remove_image,
    sweep_images,
)
from gisgrid.errors import Conflict, InvalidInput
from gisgrid.labels.table import N_
from web.backgrounds.api import folder
from web.backgrounds.uploads import (
    begin_checking,
    begin_making,
    fault_sentences,
    find_upload,
    sent_images,
    sorted_files,
    state_of,
    take_image,
)
from web.blueprints import Pages
from web.context import current_actor, now, read_session, write_session
from web.frame import show
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed

backgrounds = Pages("backgrounds", __name__)

_HOME = "/backgrounds"
_SHOWN_TILES = 12


@backgrounds.get(
    "/backgrounds",
    right=Action.BACKGROUNDS_MANAGE,
    entries=(Entry(Group.ADMINISTRATION, 6, "backgrounds", N_("背景图"), symbol="layers"),),
)
def index() -> str:
    """The images there are, and a form to send one."""
    return _index([])


@backgrounds.post("/backgrounds", right=Action.BACKGROUNDS_MANAGE, takes_file=True)
def send() -> tuple[str, int] | BaseResponse:
    """Take an image and begin to look at it."""
    form = request.form
    try:
        file, beside = sorted_files(request.files.getlist("file"))
        said = {name: form.get(name, "") for name in ("name", "attribution", "is_public", "max_zoom")}
        crs = form.get("crs", "")
        upload = take_image(
            file,
            beside,
            said=said,
            community=form.get("community"),
            crs=form.get("crs_other") if crs == "other" else crs,
        )
    except InvalidInput as error:
        return _index([placed(fault) for fault in error.faults], form.to_dict()), 422
    begun = begin_checking(upload)
    return redirect(f"{_HOME}/uploads/{begun.id}", 303)


def _index(faults: list[ProblemFault], typed: dict[str, str] | None = None) -> str:
    session, actor, images = read_session(), current_actor(), folder()
    rows = list_images(session, actor)
    sweep_images(session, images, now=now())
    store = sent_images()
    store.sweep()
    names = {community.id: community.name for community in visible_communities(session, actor, now=now())}
    sent = [(upload, store.progress_of(upload)) for upload in store.of(actor.account_id)]
    return show(
        "backgrounds/list.html",
        None,
        rows=[_row(row, names, has_tiles=images.has(row.id)) for row in rows],
        waiting=[(upload, progress) for upload, progress in sent if not _is_over(upload, progress)],
        communities=visible_communities(session, actor, now=now()),
        endings=",".join((*ENDINGS, *BESIDE)),
        most_mb=MOST_MB,
        faults=faults,
        typed=typed or {},
    )


def _is_over(upload: Upload, progress: WorkState) -> bool:
    return upload.work == Work.IMPORT and progress.stage == Stage.DONE


def _row(image: BackgroundImage, names: dict[str, str], *, has_tiles: bool) -> dict[str, Any]:
    is_shown = image.removed_at is None
    return {
        "image": image,
        "community": names.get(image.community_id or ""),
        "has_tiles": has_tiles,
        "can_restore": not is_shown and has_tiles and now() - (image.removed_at or now()) <= KEPT,
        "thumbnail": _thumbnail(image) if is_shown and has_tiles else None,
    }


def _thumbnail(image: BackgroundImage) -> Range:
    """The few tiles that show all of an image, as large as few can."""
    zooms = range(image.min_zoom, image.max_zoom + 1)
    fitting = [few for zoom in zooms if (few := covering(image.bounds, zoom)).count <= _SHOWN_TILES]
    return fitting[-1] if fitting else covering(image.bounds, image.min_zoom)


@backgrounds.get("/backgrounds/uploads/<upload_id>", right=Action.BACKGROUNDS_MANAGE)
def sent(upload_id: str) -> str:
    """How far the work on an image is, what it would come to, or why it can't be taken."""
    upload = find_upload(upload_id)
    progress = sent_images().progress_of(upload)
    return show(
        "backgrounds/upload.html",
        None,
        upload=upload,
        told=progress,
        faults=fault_sentences(progress.result),
        plan=(progress.result or {}).get("plan"),
        asks_crs=bool((progress.result or {}).get("asks_crs")),
        page_data={
            "upload": {
                "turn": upload.turn,
                "runs": progress.result is None,
                "url": f"{_HOME}/uploads/{upload.id}/state.json",
            }
        },
    )


@backgrounds.get("/backgrounds/uploads/<upload_id>/state.json", right=Action.BACKGROUNDS_MANAGE)
def state(upload_id: str) -> Response:
    """How far the work is, for the page that waits for it."""
    return jsonify(state_of(upload_id))


@backgrounds.post("/backgrounds/uploads/<upload_id>/check", right=Action.BACKGROUNDS_MANAGE)
def check(upload_id: str) -> BaseResponse:
    """Look at the image again, with other answers."""
    upload, form = find_upload(upload_id), request.form
    crs = form.get("crs", "")
    crs = (form.get("crs_other", "") if crs == "other" else crs).strip()[:60]
    said = {name: form.get(name, upload.said.get(name, ""))[:300] for name in ("name", "max_zoom")}
    begun = begin_checking(upload, crs=crs or upload.crs, said={**upload.said, **said})
    return redirect(f"{_HOME}/uploads/{begun.id}", 303)


@backgrounds.post("/backgrounds/uploads/<upload_id>/start", right=Action.BACKGROUNDS_MANAGE)
def make(upload_id: str) -> BaseResponse:
    """Cut the image into tiles as it was looked at."""
    upload = find_upload(upload_id)
    result = sent_images().progress_of(upload).result
    if upload.work != Work.CHECK or result is None or not result.get("can_import"):
        raise Conflict("only an image that was checked can be added")
    begin_making(upload)
    return redirect(f"{_HOME}/uploads/{upload.id}", 303)


@backgrounds.post("/backgrounds/uploads/<upload_id>/stop", right=Action.BACKGROUNDS_MANAGE)
def stop(upload_id: str) -> BaseResponse:
    """Stop the work, or put the image away where none is under way."""
    upload, store = find_upload(upload_id), sent_images()
    if store.progress_of(upload).stage in {Stage.RUNNING, Stage.STOPPING}:
        store.stop(upload)
        return redirect(f"{_HOME}/uploads/{upload.id}", 303)
    store.put_away(upload)
    flash(_("文件已删除,没有添加背景图。"), "good")
    return redirect(_HOME, 303)


@backgrounds.post("/backgrounds/<image_id>/publish", right=Action.BACKGROUNDS_MANAGE)
def publish(image_id: str) -> BaseResponse:
    """Show an image to everybody, or to staff alone."""
    with write_session() as session:
        is_public = request.form.get("is_public") == "1"
        image = publish_image(session, current_actor(), image_id, is_public=is_public, now=now())
        name = image.name
    flash(
        (
            _("“{name}”现在对居民和未登录的人公开。") if is_public else _("“{name}”现在只给工作人员看。")
        ).format(name=name),
        "good",
    )
    return redirect(_HOME, 303)


@backgrounds.post("/backgrounds/<image_id>/remove", right=Action.BACKGROUNDS_MANAGE)
def remove(image_id: str) -> BaseResponse:
    """Show an image no more."""
    with write_session() as session:
        name = remove_image(session, current_actor(), image_id, now=now()).name
    flash(_("“{name}”已移除,{n} 天内可以恢复。").format(name=name, n=KEPT.days), "good")
    return redirect(_HOME, 303)


@backgrounds.post("/backgrounds/<image_id>/restore", right=Action.BACKGROUNDS_MANAGE)
def restore(image_id: str) -> BaseResponse:
    """Show an image again."""
    with write_session() as session:
        name = bring_back_image(session, current_actor(), image_id, folder(), now=now()).name
    flash(_("“{name}”已恢复。").format(name=name), "good")
    return redirect(_HOME, 303)
