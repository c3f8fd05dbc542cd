"""Images that administrators send: taken, looked at and cut by a process of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict
from werkzeug.datastructures import FileStorage

from data.backgrounds.endings import BESIDE, ENDINGS
from data.backgrounds.process import start
from data.uploads.sentences import sentence_of
from data.uploads.store import Upload, Uploads, Work, new_upload
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.errors import InvalidInput, say
from web.context import current_actor, now, services
from web.i18n import tell

KIND = "background"


def sent_images() -> Uploads:
    """The images that were sent to this installation."""
    site = services()
    return Uploads(site.settings.background_uploads, site.keys)


def take_image(
    file: FileStorage | None,
    beside: Sequence[FileStorage],
    *,
    said: Mapping[str, str],
    community: str | None,
    crs: str | None,
) -> Upload:
    """Keep an image and the small files that say where it lies, until it is cut into tiles.

    Raises
    ------
    NotAllowed
        The account doesn't look after background images.
    InvalidInput
        There is no file, or it is of no kind that can be read, empty or too large.
    """
    require(current_actor(), Action.BACKGROUNDS_MANAGE)
    if file is None or not file.filename:
        raise InvalidInput(say("no file was chosen"), field="file")
    upload = new_upload(
        account_id=str(current_actor().account_id),
        kind=KIND,
        file_name=file.filename,
        community=(community or "").strip()[:60] or None,
        at=now(),
        crs=(crs or "").strip()[:60] or None,
        said={name: text.strip()[:300] for name, text in said.items()},
    )
    if upload.suffix not in ENDINGS:
        endings = ", ".join(ENDINGS)
        message = say("files of this kind can't be read; known endings: {known}", known=endings)
        raise InvalidInput(message, file=upload.file_name, field="file")
    store = sent_images()
    store.sweep()
    upload = store.take(upload, file.stream)
    for side_file in beside:
        ending = PurePosixPath(side_file.filename or "").suffix.lower()
        if ending in BESIDE:
            store.take_beside(upload, ending, side_file.stream)
    return upload


def sorted_files(files: Sequence[FileStorage]) -> tuple[FileStorage | None, list[FileStorage]]:
    """The image among files that were chosen together, and those beside it."""
    chosen = [file for file in files if file.filename]
    beside = [file for file in chosen if PurePosixPath(str(file.filename)).suffix.lower() in BESIDE]
    images = [file for file in chosen if file not in beside]
    if len(images) > 1:
        raise InvalidInput(say("choose one image, and its world file where it has one"), field="file")
    return (images[0] if images else None), beside


def find_upload(upload_id: str) -> Upload:
    """An image that this account has sent.

    Raises
    ------
    NotFound
        No such one, or somebody else sent it.
    """
    require(current_actor(), Action.BACKGROUNDS_MANAGE)
    return sent_images().find(upload_id, current_actor().account_id)


def begin_checking(upload: Upload, **answers: object) -> Upload:
    """Begin to look at an image."""
    return _begin(upload, Work.CHECK, **answers)


def begin_making(upload: Upload) -> Upload:
    """Begin to cut an image into tiles."""
    return _begin(upload, Work.IMPORT)


def _begin(upload: Upload, work: Work, **answers: object) -> Upload:
    begun = sent_images().begin(upload, work, at=now(), **answers)
    start(begun, services().settings)
    return begun


class BackgroundWork(TypedDict):
    """How far the making is; the image will have the same id."""

    id: str
    stage: Annotated[str, Field(description="running, stopping, done, failed or stopped")]
    share: float
    turn: int
    faults: list[str]


def state_of(upload: Upload | str) -> BackgroundWork:
    """How far the work on an image is, and why it failed."""
    sent = find_upload(upload) if isinstance(upload, str) else upload
    progress = sent_images().progress_of(sent)
    return {
        "id": sent.id,
        "stage": progress.stage.value,
        "share": round(progress.share, 4),
        "turn": sent.turn,
        "faults": fault_sentences(progress.result),
    }


def fault_sentences(result: Mapping[str, Any] | None) -> list[str]:
    """What was wrong with an image, in the reader's language."""
    return [tell(sentence_of(fault["said"])) for fault in (result or {}).get("faults", [])]
