"""What waits at a door goes along with the household: who takes it is told, who gave it away no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from gisgrid.access.models import Role
from gisgrid.areas.communities import touch
from gisgrid.records.work.queries import list_work
from gisgrid.redraw.handover_sheets import handover
from gisgrid.redraw.transfer.answers import PassedTask, SheetPart
from gisgrid.redraw.transfer.sheet_lines import as_lines
from gisgrid.storage.engine import Database
from tests import world
from tests.gisgrid.redraw.test_people import Scene
from tests.working import install


def _tasks(part: SheetPart) -> list[PassedTask]:
    return [
        task for building in part["buildings"] for home in building["households"] for task in home["tasks"]
    ]


def test_open_tasks_stand_on_the_sheet_of_who_takes_them(database: Database, now: datetime) -> None:
    with database.write() as session:
        scene = Scene(session, now)
        install(session, scene.made, now=now - timedelta(days=300))
        touch(session, [scene.made.community])
        scene.paint("G1", (2, 0))
        scene.publish()
        later = {"caches": scene.made.caches, "now": now + timedelta(minutes=2)}
        taker = handover(scene.view(scene.members["G1"], later=2), scene.plan, **later)
        giver = handover(scene.view(scene.members["G2"], later=2), scene.plan, **later)
        head = world.add_actor(session, scene.made, Role.HEAD)
        whole = handover(scene.view(head, later=2), scene.plan, **later)
        staff = world.add_actor(session, scene.made, Role.STAFF, "G4")
        other = handover(scene.view(staff, later=2), scene.plan, **later)
        own = list_work(scene.view(scene.members["G1"], later=2), now=now)["rows"]
    taken = taker["sheets"][0]["takes"][0]
    homes = {home["id"] for building in taken["buildings"] for home in building["households"]}
    mine = [row for row in own if row["subject"]["household"] in homes]
    assert mine
    assert taken["totals"]["open_tasks"] == len(mine) == len(_tasks(taken))
    assert sorted(task["due"] for task in _tasks(taken)) == sorted(row["due"] for row in mine)
    assert any(task["is_late"] for task in _tasks(taken))
    given = giver["sheets"][0]["gives"][0]
    assert (given["totals"]["open_tasks"], _tasks(given)) == (None, [])
    of_head = [part for sheet in whole["sheets"] for part in sheet["takes"]]
    assert [part["totals"]["open_tasks"] for part in of_head] == [len(mine)]
    assert not any(_tasks(part) for part in of_head)
    of_staff = [part for sheet in other["sheets"] for part in sheet["takes"]]
    assert [part["totals"]["open_tasks"] for part in of_staff] == [None]
    assert any(line["tasks"] for line in as_lines(taker))
