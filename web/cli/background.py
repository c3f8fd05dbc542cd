"""``gisgrid background``: images of the ground under the maps, added, listed, removed and brought back."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from data.backgrounds.endings import ENDINGS
from data.backgrounds.make import ImageInput, check_image, make_image
from data.backgrounds.plan import TilePlan, TileWatch
from gisgrid.backgrounds.folder import ImageFolder
from gisgrid.backgrounds.models import BackgroundImage
from gisgrid.backgrounds.queries import list_images
from gisgrid.backgrounds.service import ImageLabel, bring_back_image, remove_image, sweep_images
from gisgrid.settings import Settings
from gisgrid.storage.base import new_id
from web.cli.actor import acting, as_option, choose_actor, opened, patient_actor
from web.cli.output import json_option, print_result, progress


@click.group()
def background() -> None:
    """Images of the ground that maps can show under streets and areas.

    \b
    Example: gisgrid background add photo-2026.tif --name "2026 航拍"
    """


@background.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--name", required=True, metavar="NAME", help="What people choose it by.")
@click.option(
    "--attribution", default="", metavar="TEXT", help="Whom it is from; stands on every map with it."
)
@click.option("--community", metavar="CODE", help="For this community alone [default: for all it covers].")
@click.option("--crs", metavar="CRS", help="EPSG code, GCJ-02 or BD-09 [default: what the file says].")
@click.option("--max-zoom", type=click.IntRange(0, 21), help="Nearest zoom [default: that of its pixels].")
@click.option("--public", is_flag=True, help="Show it to residents and to who is not logged in, too.")
@click.option("--dry-run", is_flag=True, help="Only tell what it would come to.")
@json_option
@as_option
def add(  # noqa: PLR0913 - one argument per option
    file: Path,
    *,
    name: str,
    attribution: str,
    community: str | None,
    crs: str | None,
    max_zoom: int | None,
    public: bool,
    dry_run: bool,
    as_json: bool,
    as_name: str | None,
) -> None:
    """Cut FILE into tiles: GeoTIFF, PNG or JPEG with a world file beside it, MBTiles or PMTiles of images.

    Residents and visitors see it only with --public: who lays sharp photographs of a town before everybody
    needs to be allowed to. In China no file says whether its degrees are shifted (GCJ-02): say so by --crs.

    \b
    Examples: gisgrid background add photo.tif --name "2026 航拍" --community DC
              gisgrid background add plan.png --name 规划图 --crs EPSG:4528
              gisgrid background add tiles.mbtiles --name 影像 --crs GCJ-02
    """
    settings, now, begin = Settings(), datetime.now(UTC), time.monotonic()
    label = ImageLabel(name=name, attribution=attribution, community=community, is_public=public)
    given = ImageInput(file=file, name=file.name, label=label, crs=crs, max_zoom=max_zoom)
    with opened(settings) as database:
        if dry_run:
            actor = patient_actor(database, as_name, now=now)
            _tell(check_image(database, lambda _session: actor, given, now=now).plan)
            return
        image_id = new_id()
        with progress("background") as report:
            tiles = make_image(
                database,
                lambda session: choose_actor(session, as_name, now=now),
                given,
                ImageFolder(settings.backgrounds),
                image_id=image_id,
                now=now,
                watch=TileWatch(progress=report),
                tell=_tell,
            )
    result = {
        "id": image_id,
        "name": name,
        "tiles": tiles.tiles,
        "bytes": tiles.size,
        "zooms": f"{tiles.min_zoom}-{tiles.max_zoom}",
        "bounds": list(tiles.bounds),
        "seconds": round(time.monotonic() - begin, 1),
    }
    print_result(result, as_json=as_json)


def _tell(plan: TilePlan) -> None:
    click.echo(plan.sentence(), err=True)


@background.command("list")
@json_option
@as_option
def list_(*, as_json: bool, as_name: str | None) -> None:
    """List images, the newest first: id, name, who sees it, zooms, tiles, MB.

    Example: gisgrid background list
    """
    settings, now = Settings(), datetime.now(UTC)
    folder = ImageFolder(settings.backgrounds)
    with opened(settings) as database:
        actor = patient_actor(database, as_name, now=now)
        with database.read() as session:
            sweep_images(session, folder, now=now)
            images = list_images(session, actor)
    for image in images:
        click.echo(_line(image, folder))
    if not images:
        click.echo(f"there is no background image yet; files that can be read: {', '.join(ENDINGS)}")
    if as_json:
        print_result({"backgrounds": [_row(image, folder) for image in images]}, as_json=True)


@background.command()
@click.argument("image_id", metavar="ID")
@as_option
def remove(image_id: str, *, as_name: str | None) -> None:
    """Show an image no more. Its tiles are kept for 7 days: restore brings it back.

    Example: gisgrid background remove 0199…
    """
    with acting(as_name) as context:
        image = remove_image(context.session, context.actor, image_id, now=context.now)
    click.echo(f"removed: {image.name}")


@background.command()
@click.argument("image_id", metavar="ID")
@as_option
def restore(image_id: str, *, as_name: str | None) -> None:
    """Show an image again that was removed within the last 7 days.

    Example: gisgrid background restore 0199…
    """
    with acting(as_name) as context:
        folder = ImageFolder(context.settings.backgrounds)
        image = bring_back_image(context.session, context.actor, image_id, folder, now=context.now)
    click.echo(f"shown again: {image.name}")


def _line(image: BackgroundImage, folder: ImageFolder) -> str:
    seen = "public" if image.is_public else "staff"
    state = "removed" if image.removed_at else seen if folder.has(image.id) else "its tiles are not here"
    size = f"{image.tiles} tiles, {-(-image.size // 2**20)} MB"
    return f"{image.id}  {image.name}  {state}  {image.min_zoom}-{image.max_zoom}  {size}"


def _row(image: BackgroundImage, folder: ImageFolder) -> dict[str, Any]:
    return {
        "id": image.id,
        "name": image.name,
        "attribution": image.attribution,
        "is_public": image.is_public,
        "bounds": list(image.bounds),
        "zooms": [image.min_zoom, image.max_zoom],
        "tiles": image.tiles,
        "bytes": image.size,
        "added_at": image.added_at.isoformat(),
        "removed_at": image.removed_at.isoformat() if image.removed_at else None,
        "has_tiles": folder.has(image.id),
    }
