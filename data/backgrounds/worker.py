"""What is done with an image that was sent through a page: looked at, then cut into tiles."""

from __future__ import annotations

from typing import Any, Final

from data.backgrounds.make import ImageInput, check_image, make_image
from data.backgrounds.plan import TilePlan, TileWatch
from data.uploads.sentences import kept_sentence
from data.uploads.store import Upload, Uploads, Work
from data.uploads.worker import Going, Result, Works
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.service import ImageLabel


def image_input_of(uploads: Uploads, upload: Upload) -> ImageInput:
    """The image an upload asks for."""
    zoom = upload.said.get("max_zoom", "")
    return ImageInput(
        file=uploads.file_of(upload),
        name=upload.file_name,
        label=label_of(upload),
        crs=upload.crs,
        max_zoom=int(zoom) if zoom.isdecimal() else None,
    )


def label_of(upload: Upload) -> ImageLabel:
    """What was said of the image."""
    return ImageLabel(
        name=upload.said.get("name", ""),
        attribution=upload.said.get("attribution", ""),
        community=upload.community,
        is_public=upload.said.get("is_public") == "1",
    )


def works_of(folder: ImageFolder) -> Works:
    """What is done for each kind of work on images whose tiles lie in a folder."""

    def check(going: Going) -> Result:
        source = check_image(
            going.database, going.who, image_input_of(going.uploads, going.upload), now=going.upload.at
        )
        folder.refuse_narrow(source.plan.size)
        return {**_NO_FAULTS, "plan": _describe(source.plan), "can_import": True}

    def make(going: Going) -> Result:
        make_image(
            going.database,
            going.who,
            image_input_of(going.uploads, going.upload),
            folder,
            image_id=going.upload.id,
            now=going.upload.at,
            watch=TileWatch(progress=going.progress, refuse_stopped=going.refuse_stopped),
        )
        return {**_NO_FAULTS, "image": going.upload.id}

    return {Work.CHECK: check, Work.IMPORT: make}


_NO_FAULTS: Final[dict[str, Any]] = {"faults": [], "fault_count": 0, "asks_crs": False}


def _describe(plan: TilePlan) -> dict[str, Any]:
    return {
        "sentence": kept_sentence(plan.sentence()),
        "bounds": plan.bounds,
        "min_zoom": plan.min_zoom,
        "max_zoom": plan.max_zoom,
        "tiles": plan.tiles,
        "size": plan.size,
    }
