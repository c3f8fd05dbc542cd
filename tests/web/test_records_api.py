"""Records over HTTP: written once, every fault at its question, corrected and taken out, photos first."""

from __future__ import annotations

import hashlib
import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask_openapi3.openapi import OpenAPI
from PIL import Image
from sqlalchemy import func, select

from gisgrid.access.models import AuditEntry, Role
from gisgrid.people.core.models import Consent
from gisgrid.records.core.form_models import FieldForm, FormVersion
from gisgrid.records.core.record_models import Record
from gisgrid.records.publication.built_in import install_forms
from gisgrid.records.publication.drafts import FormFile
from gisgrid.storage.base import new_id
from tests import world
from tests.conftest import NOW
from tests.gisgrid.records.test_entries import CHECK, VISIT
from tests.web.browsing import Browser, add_account, add_token, services_of


class Street:
    """A grid with an elder who agreed to visits, the member of it, one of another grid, and the head."""

    def __init__(self, app: OpenAPI) -> None:
        self.app = app
        found = services_of(app)
        with found.database.write() as session:
            made = world.found(session)
            home = world.add_household(session, world.add_building(session, made, 0, 0), "101")
            person = world.add_resident(session, home, date(1940, 1, 1))
            files = [FormFile(tree=tree, workbook=tree.code.encode()) for tree in (VISIT, CHECK)]
            install_forms(session, made.actor, files, now=found.clock())
            asked = {"asked_at": found.clock(), "text_version": "1", "status": "granted"}
            session.add(Consent(household_id=home.id, purpose="elder_visits", **asked))
            self.person, self.home = person.id, home.id
            areas = {name: made.areas[code] for name, code in (("member", "G1"), ("other", "G2"))}
        for name, area in areas.items():
            add_account(app, name, Role.MEMBER, area_id=area)
        add_account(app, "head", Role.HEAD, area_id=made.community)
        self.tokens = {name: add_token(app, name) for name in ("member", "other", "head")}

    def sent(self, **values: Any) -> dict[str, Any]:
        usual = {
            "id": new_id(),
            "form": "visit",
            "version": 1,
            "subject": {"kind": "person", "id": self.person},
            "day": "2026-11-24",
            "filled_at": "2026-11-24T09:30:00+08:00",
            "answers": {"seen": "yes", "note": "好"},
        }
        return usual | values

    def post(self, path: str, body: Any, who: str = "member") -> Any:
        return self.app.test_client().post(f"/api/v1/{path}", json=body, headers=self.tokens[who])

    def get(self, path: str, who: str = "member") -> Any:
        return self.app.test_client().get(f"/api/v1/{path}", headers=self.tokens[who])

    def count(self) -> int:
        with services_of(self.app).database.read() as session:
            return session.scalar(select(func.count()).select_from(Record)) or 0


@pytest.fixture
def street(app: OpenAPI) -> Street:
    app.config["RATELIMIT_ENABLED"] = False
    return Street(app)


def test_a_record_is_kept_once_and_nothing_else_under_its_id(street: Street) -> None:
    sent = street.sent()
    first, again = street.post("records", sent), street.post("records", sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json == {"id": sent["id"], "is_attempt": False, "became": [], "not_met": 0}
    assert street.post("records", sent | {"answers": {"seen": "no"}}).status_code == 409
    assert street.post("records", sent, "other").status_code in {404, 409}
    assert street.count() == 1


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"form": "nothing"}, 404),
        ({"version": 2}, 404),
        ({"subject": {"kind": "person", "id": "nothing"}}, 404),
        ({"subject": {"kind": "dog", "id": "x"}}, 422),
        ({"answers": {"seen": "perhaps", "nothing": 1}}, 422),
        ({"day": "never"}, 422),
    ],
)
def test_what_can_not_be_so_is_told_and_leaves_no_trace(
    street: Street, values: dict[str, Any], status: int
) -> None:
    answer = street.post("records", street.sent(**values))
    assert answer.status_code == status, answer.text
    if "answers" in values:
        assert {fault["field"] for fault in answer.json["faults"]} == {"answers.seen", "answers"}
    assert street.count() == 0


def test_nobody_writes_of_a_person_of_another_grid(street: Street) -> None:
    assert street.post("records", street.sent(), "other").status_code == 404
    assert street.count() == 0


def test_a_record_is_corrected_and_taken_out(street: Street) -> None:
    sent = street.sent()
    street.post("records", sent)
    better = street.sent(answers={"seen": "no", "left": "留条"}, reason="写错了")
    path = f"records/{sent['id']}"
    assert street.post(f"{path}/correct", better, "other").status_code == 404
    assert street.post(f"{path}/correct", better).status_code == 201
    assert street.post(f"{path}/correct", better).status_code == 200
    assert street.post(f"{path}/correct", better | {"id": new_id()}).status_code == 409
    assert street.post(f"{path}/redact", {"reason": "误写"}).status_code == 403
    assert street.post(f"{path}/redact", {"reason": "误写"}, "head").json == {"count": 2}


def test_a_record_of_a_form_that_is_retired_is_corrected_by_its_own_version(street: Street) -> None:
    sent = street.sent()
    street.post("records", sent)
    with services_of(street.app).database.write() as session:
        version = session.scalars(select(FormVersion).join(FieldForm).where(FieldForm.code == "visit")).one()
        version.state, version.retired_at = "retired", services_of(street.app).clock() - timedelta(days=40)
    member = Browser(street.app)
    member.log_in("member")
    assert member.get("/forms/visit/fill").status_code == 404
    shown = street.get(f"records/{sent['id']}").json
    assert (shown["may_correct"], shown["version"]) == (True, 1)
    page = member.get(f"/forms/visit/fill?corrects={sent['id']}")
    assert (page.status_code, member.get(f"/forms/bound_check/fill?corrects={sent['id']}").status_code) == (
        200,
        404,
    )
    again = street.sent(answers={"seen": "no"}, reason="记错了")
    assert street.post(f"records/{sent['id']}/correct", again).status_code == 201
    assert street.post("records", street.sent()).status_code == 409


def test_a_photo_comes_before_its_record(street: Street) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG")
    photo = stream.getvalue()
    digest = hashlib.sha256(photo).hexdigest()

    def put(name: str, content: bytes) -> Any:
        client, headers = street.app.test_client(), street.tokens["member"] | {"Content-Type": "image/jpeg"}
        return client.put(f"/api/v1/photos/{name}", data=content, headers=headers)

    assert put(digest, photo).status_code == 201
    assert put(digest, photo).status_code == 200
    assert put("0" * 64, photo).status_code == 422
    assert put(digest, b"no photo").status_code == 422
    kept = street.post("records", street.sent(answers={"seen": "yes", "photo": digest}))
    assert kept.status_code == 201, kept.text
    record = kept.json["id"]
    whole, small = (street.get(f"records/{record}/photos/{digest}{size}") for size in ("", "?size=small"))
    for answer in (whole, small):
        assert (answer.status_code, answer.content_type) == (200, "image/jpeg")
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert dict(Image.open(io.BytesIO(answer.data)).getexif()) == {}
    assert [row["digest"] for row in street.get(f"records/{record}").json["photos"]] == [digest]


def test_a_photo_of_a_record_is_seen_by_who_reads_its_answer(street: Street) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(stream, "JPEG")
    digest = hashlib.sha256(stream.getvalue()).hexdigest()
    client, headers = street.app.test_client(), street.tokens["member"] | {"Content-Type": "image/jpeg"}
    client.put(f"/api/v1/photos/{digest}", data=stream.getvalue(), headers=headers)
    sent = street.sent(answers={"seen": "yes", "photo": digest})
    street.post("records", sent)
    path = f"records/{sent['id']}/photos/{digest}"
    for who in ("other", "head"):
        assert street.get(path, who).status_code == 404
    assert street.app.test_client().get(f"/api/v1/{path}").status_code == 401
    assert street.get(path.replace(digest, "0" * 64)).status_code == 404
    assert street.post(path, {}, "head").status_code == 422
    assert street.post(path, {"reason": "复核"}, "head").content_type == "image/jpeg"
    assert street.post(path, {"reason": "复核"}, "other").status_code == 404
    assert street.get(path).status_code == street.get(f"{path}?size=small").status_code == 200
    with services_of(street.app).database.read() as session:
        trail = select(AuditEntry.reason).where(AuditEntry.action == "records:photo_view")
        assert sorted(session.scalars(trail), key=str) == [None, "复核"]
    street.post(f"records/{sent['id']}/redact", {"reason": "误写"}, "head")
    assert street.get(path).status_code == 404
    assert street.post(path, {"reason": "复核"}, "head").status_code == 404


def test_a_photo_is_not_shown_once_somebody_said_no(street: Street) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (40, 30), "blue").save(stream, "JPEG")
    digest = hashlib.sha256(stream.getvalue()).hexdigest()
    client, headers = street.app.test_client(), street.tokens["member"] | {"Content-Type": "image/jpeg"}
    client.put(f"/api/v1/photos/{digest}", data=stream.getvalue(), headers=headers)
    sent = street.sent(answers={"seen": "yes", "photo": digest})
    street.post("records", sent)
    with services_of(street.app).database.write() as session:
        no = {"asked_at": NOW + timedelta(seconds=1), "text_version": "1", "status": "withdrawn"}
        session.add(Consent(household_id=street.home, purpose="elder_visits", **no))
    assert street.get(f"records/{sent['id']}/photos/{digest}").status_code == 404


def test_forms_are_listed_and_opened(street: Street) -> None:
    rows = {row["code"]: row for row in street.get("forms").json["rows"]}
    assert rows.keys() == {"visit", "check"}
    assert (rows["visit"]["purpose"], rows["visit"]["version"]) == ("elder_visits", 1)
    opened = street.get("forms/visit")
    assert (opened.json["code"], opened.json["version"], opened.json["may_fill"]) == ("visit", 1, True)
    assert opened.json["tree"]["title"] == {"zh": "探访"}
    assert street.get("forms/visit?version=1").status_code == 403
    assert street.get("forms/nothing").status_code == 404


def test_a_form_begins_with_what_is_known(street: Street) -> None:
    path = f"subjects/person/{street.person}/prefill?form=visit"
    answer = street.get(path)
    assert answer.status_code == 200, answer.text
    told = answer.json
    assert (told["form"], told["version"], told["purpose"], told["consent"]) == (
        *("visit", 1),
        *("elder_visits", "open"),
    )
    assert (told["is_granted"], told["is_shown"], told["closed"], told["values"], told["rows"]) == (
        *(True, True),
        *([], {}, {}),
    )
    assert (told["subject"]["id"], told["subject"]["household"]) == (street.person, street.home)
    assert street.get(path, "other").status_code == 404
    assert street.get(path.replace("person/", "dog/")).status_code == 422
    assert street.get(path, "head").json["is_shown"] is False
    assert street.post(path, {"reason": "复核"}, "head").json["is_shown"] is True
    assert street.post(path, {}, "head").status_code == 422


def test_a_record_is_read_by_who_serves_there(street: Street) -> None:
    sent = street.sent()
    street.post("records", sent)
    path = f"records/{sent['id']}"
    assert [row["id"] for row in street.get("records?form=visit&grid=G1").json["rows"]] == [sent["id"]]
    assert street.get("records", "other").json["rows"] == []
    assert street.get("records?form=nothing").status_code == 404
    assert street.get("records?from=2026-11-24&to=2026-11-01").status_code == 422
    assert street.get(path).json["answers"]["note"] == "好"
    assert street.get(path, "other").status_code == 404
    assert street.get(path, "head").json["answers"] is None
    assert street.post(path, {"reason": "复核"}, "head").json["answers"]["note"] == "好"
    home = f"households/{street.home}/records"
    assert street.get(home).json["last_visit"] == {"day": "2026-11-24", "days": 0}
    assert street.get(home, "head").json["rows"] == []
    assert len(street.post(home, {"reason": "复核"}, "head").json["rows"]) == 1


def test_a_case_says_which_record_it_arose_from(street: Street) -> None:
    sent = street.sent()
    assert street.post("records", sent).status_code == 201
    spot = world.middle(0, 0)
    report = {
        "lon": spot.x,
        "lat": spot.y,
        "category": "garbage",
        "description": "要人帮忙",
        "record": sent["id"],
    }
    made = street.post("cases", report)
    assert made.status_code == 201, made.text
    shown = street.get(f"records/{sent['id']}").json
    assert [row["id"] for row in shown["cases"]] == [made.json["id"]]
    assert shown["may_report"] is True
    assert [row["id"] for row in street.get(f"cases/{made.json['id']}/records").json["rows"]] == [sent["id"]]
    assert sent["id"] not in street.get(f"cases/{made.json['id']}").text
    for who, status in {"other": 422, None: 401}.items():
        client = street.app.test_client()
        answer = client.post("/api/v1/cases", json=report, headers=street.tokens[who] if who else {})
        assert answer.status_code == status, answer.text
