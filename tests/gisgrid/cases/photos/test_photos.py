"""Photos of cases on both databases: kept once, sealed, seen by who sees the case, taken out for good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gisgrid.access.actors import Actor
from gisgrid.access.erasures import list_beside
from gisgrid.access.keys.encryption import KeyFile
from gisgrid.access.models import AuditEntry, Role
from gisgrid.cases.core.idempotency import Repeatable
from gisgrid.cases.core.models import Case
from gisgrid.cases.core.store import case_snapshot, log_of
from gisgrid.cases.intake.service import ReportCase, report
from gisgrid.cases.lists.queries import case_card
from gisgrid.cases.photos.models import CasePhoto, PhotoKind
from gisgrid.cases.photos.pictures import Picture, read_picture
from gisgrid.cases.photos.service import MOST_IN_REPORT, MOST_OF_CASE, add_photo, open_photo
from gisgrid.cases.redaction import redact
from gisgrid.errors import Conflict, InvalidInput, NotAllowed, NotFound
from gisgrid.people.erasure.replay import replay_erasures
from gisgrid.storage.engine import Database
from gisgrid.upkeep.archive import opened
from gisgrid.upkeep.backup import back_up
from gisgrid.upkeep.copy import copy_database
from gisgrid.upkeep.rekey import keys_in_use, turn_keys
from gisgrid.upkeep.restoration import Restoring, check_backup, restore
from tests import world
from tests.cases_by_log import rebuilt
from tests.conftest import KEYS
from tests.demo_files import key_file_text
from tests.stepping import close
from tests.world import LAT, LON, STEP, TZ


def picture(shade: int = 0) -> Picture:
    out = BytesIO()
    Image.new("RGB", (400, 300), (shade, 80, 160)).save(out, "PNG")
    return read_picture(out.getvalue())


class Scene:
    def __init__(self, session: Session, now: datetime) -> None:
        self.session, self.now, self.made = session, now, world.found(session)
        add = world.add_actor
        self.actors: dict[str, Actor] = {
            "head": add(session, self.made, Role.HEAD, "C1"),
            "member": add(session, self.made, Role.MEMBER, "G1"),
            "other": add(session, self.made, Role.MEMBER, "G2"),
            "resident": add(session, self.made, Role.RESIDENT),
            "grid_leader": add(session, self.made, Role.GRID_LEADER, "G2"),
        }

    def report(self, *photos: Picture, key: str = "k", description: str = "垃圾") -> Case:
        command = ReportCase(
            lon=LON + 0.5 * STEP,
            lat=LAT + 0.5 * STEP,
            category="garbage",
            description=description,
            photos=photos,
        )
        repeat = Repeatable(key=key, client="phone")
        kept = report(
            self.session,
            self.actors["resident"],
            command,
            caches=self.made.caches,
            now=self.now,
            tz=TZ,
            repeat=repeat,
        )
        return kept.case

    def add(self, name: str, case: Case, shade: int, kind: PhotoKind = PhotoKind.AFTER) -> None:
        view = self.made.view(self.session, self.actors[name], now=self.now)
        add_photo(view, case.id, kind, picture(shade), now=self.now)

    def photos(self, case: Case, name: str = "head") -> list[dict[str, object]]:
        view = self.made.view(self.session, self.actors[name], now=self.now)
        found: list[dict[str, object]] = case_card(view, case.id, now=self.now)["photos"]
        return found

    def open(self, name: str, case: Case, photo: object, *, small: bool = False) -> bytes:
        view = self.made.view(self.session, self.actors[name], now=self.now)
        return open_photo(view, case.id, str(photo), small=small, now=self.now).jpeg


@pytest.fixture
def scene(database: Database, now: datetime) -> Iterator[Scene]:
    with database.write() as session:
        yield Scene(session, now)


def test_a_report_sent_twice_keeps_its_photos_once(scene: Scene) -> None:
    case = scene.report(picture(1), picture(2), picture(2))
    assert scene.report(picture(1), picture(2), picture(2)).id == case.id
    assert [photo["kind"] for photo in scene.photos(case)] == ["report", "report"]
    with pytest.raises(Conflict):
        scene.report(picture(1))
    with pytest.raises(Conflict):
        scene.report()


def test_what_is_in_the_row_is_sealed_and_opens_whole(scene: Scene) -> None:
    sent = picture(7)
    case = scene.report(sent)
    scene.session.flush()
    row = scene.session.execute(sa.text("SELECT picture, thumbnail FROM case_photo")).one()
    assert b"JFIF" in sent.jpeg
    assert b"JFIF" not in bytes(row.picture) + bytes(row.thumbnail)
    (photo,) = scene.photos(case)
    assert scene.open("head", case, photo["id"]) == sent.jpeg
    assert scene.open("member", case, photo["id"], small=True) == sent.small
    opened = select(func.count()).where(
        AuditEntry.action == "cases:photo_view", AuditEntry.object_id == case.id
    )
    assert scene.session.scalar(opened) == 1


def test_who_does_not_see_the_case_does_not_see_that_there_is_a_photo(scene: Scene) -> None:
    case, second = scene.report(picture(1)), scene.report(key="other")
    photo = scene.photos(case)[0]["id"]
    assert scene.open("resident", case, photo)
    for name, whose, which in (
        ("other", case, photo), ("grid_leader", case, photo),
        ("head", second, photo), ("head", case, "nothing"),
    ):  # fmt: skip
        with pytest.raises(NotFound, match="no such case"):
            scene.open(name, whose, which)


def test_too_many_are_refused_and_nothing_is_kept(scene: Scene) -> None:
    with pytest.raises(InvalidInput, match="at most 3 photos"):
        scene.report(*(picture(shade) for shade in range(MOST_IN_REPORT + 1)))
    assert scene.session.scalar(select(func.count()).select_from(Case)) == 0


def test_photos_of_the_handling_come_from_those_who_handle(scene: Scene) -> None:
    case = scene.report(picture(0))
    scene.add("member", case, 1, PhotoKind.BEFORE)
    scene.add("member", case, 1, PhotoKind.AFTER)
    scene.add("member", case, 1, PhotoKind.AFTER)
    assert [photo["kind"] for photo in scene.photos(case)] == ["report", "before", "after"]
    assert [line.action for line in log_of(scene.session, case.id)] == ["report", "photo", "photo"]
    assert rebuilt(scene.session, case.id) == case_snapshot(scene.session, case)
    with pytest.raises(NotAllowed):
        scene.add("resident", case, 2)
    for name in ("other", "grid_leader"):
        with pytest.raises(NotFound):
            scene.add(name, case, 2)
    with pytest.raises(InvalidInput):
        scene.add("member", case, 2, PhotoKind.REPORT)
    for shade in range(2, MOST_OF_CASE - 1):
        scene.add("head", case, shade)
    with pytest.raises(Conflict, match="at most 12"):
        scene.add("head", case, 99)
    close(
        scene.made.view(scene.session, scene.actors["head"], now=scene.now), case.id, "已清理", now=scene.now
    )
    with pytest.raises(Conflict, match="ended"):
        scene.add("head", case, 100)


def test_photos_taken_out_are_gone_and_stay_gone_after_a_restore(scene: Scene, tmp_path: Path) -> None:
    erasures = list_beside(tmp_path / "keys.json")
    case, other = scene.report(picture(0)), scene.report(picture(0), key="other")
    view = scene.made.view(scene.session, scene.actors["head"], now=scene.now)
    redact(view, case.id, ["photos"], erasures=erasures, now=scene.now)

    def left() -> dict[str, tuple[bool, bool]]:
        columns = (CasePhoto.case_id, CasePhoto.picture.is_(None), CasePhoto.thumbnail.is_(None))
        return {row[0]: (row[1], row[2]) for row in scene.session.execute(select(*columns))}

    assert left() == {case.id: (True, True), other.id: (False, False)}
    assert scene.photos(case) == []
    assert len(scene.photos(other)) == 1
    back = sa.update(CasePhoto).where(CasePhoto.case_id == case.id)
    filled = back.values(picture=picture(0).jpeg, thumbnail=picture(0).small)
    scene.session.execute(filled, execution_options={"synchronize_session": False})
    assert replay_erasures(scene.session, erasures) > 0
    assert left()[case.id] == (True, True)


LOCAL = Actor(name="local", role=Role.LOCAL, operator="tester")


def pictures_in(database: Database) -> list[tuple[bytes | None, bytes | None]]:
    with database.read() as session:
        columns = select(CasePhoto.picture, CasePhoto.thumbnail).order_by(CasePhoto.at, CasePhoto.id)
        return [(row.picture, row.thumbnail) for row in session.execute(columns)]


def filled(database: Database, now: datetime) -> list[tuple[bytes | None, bytes | None]]:
    with database.write() as session:
        Scene(session, now).report(picture(1), picture(2))
    found = pictures_in(database)
    assert len(found) == 2
    return found


def test_a_backup_and_a_copy_hold_the_photos(
    database: Database, request: pytest.FixtureRequest, tmp_path: Path, now: datetime
) -> None:
    kept = filled(database, now)
    back_up(database, LOCAL, tmp_path / "b.zip", now=now)
    with database.write() as session:
        session.execute(sa.delete(CasePhoto))
    with opened(tmp_path / "b.zip") as archive:
        wish = Restoring(erasures=tmp_path / "e.jsonl", zone=TZ, operator="tester", replaces=True)
        restore(database, LOCAL, archive, check_backup(archive, KEYS), wish, now=now)
    assert pictures_in(database) == kept
    kind = "postgis" if database.engine.dialect.name == "sqlite" else "spatialite"
    other: Database = request.getfixturevalue(kind)
    copy_database(database, LOCAL, other, replaces=True, now=now)
    assert pictures_in(other) == kept


def test_photos_are_sealed_anew_when_keys_are_turned(
    database: Database, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "ring.json"
    path.write_text(key_file_text(KEYS))
    database.engine.dialect.gisgrid_keys = KeyFile(path)
    kept = filled(database, now)
    turned = turn_keys(database, LOCAL, path, now=now)
    assert set(keys_in_use(database)) == {turned.key}
    assert turned.key != KEYS.current
    assert keys_in_use(database)[turned.key]["case_photo.picture"] == 2
    assert pictures_in(database) == kept
