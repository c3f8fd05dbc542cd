"""Whether something was reported before: open cases close by, told by category, day and state alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final

import numpy as np
from pydantic import Field
from sqlalchemy import func, or_, select

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.access.keys.blind_index import Digests, key_ring
from gisgrid.analysis.disclosure import MIN_BIN_M, bin_middle
from gisgrid.areas.communities import touch, wait_for_others
from gisgrid.areas.models import PlacedKind
from gisgrid.areas.placement_sql import is_of
from gisgrid.areas.view import View
from gisgrid.cases.core.idempotency import Repeatable, keep_use, known_use
from gisgrid.cases.core.models import Case, CaseFollower, Category, IdempotencyKey
from gisgrid.cases.core.precision import exact_cases
from gisgrid.cases.core.requirements import MOST_TEXT
from gisgrid.cases.core.rules import Severity, receipt_code
from gisgrid.cases.core.scope import visible_cases
from gisgrid.cases.core.store import write_note
from gisgrid.cases.core.workflow import OPEN_STATES
from gisgrid.cases.photos.models import CasePhoto, PhotoKind
from gisgrid.cases.photos.pictures import Picture
from gisgrid.cases.photos.service import MOST_OF_CASE, photo_faults, put_photos
from gisgrid.cases.public.release import is_released
from gisgrid.cases.public.reporters import ME_TOO, said_by
from gisgrid.crs import METRES_PER_DEGREE, box_around, lon_shrink, to_lattice
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.storage.dialect import in_bounds

WITHIN_M: Final = 50.0
WITHIN: Final = timedelta(days=7)
MOST: Final = 5
_PURPOSE: Final = "case:alike"
KEPT_FREE: Final = 4
"""How many photos of a case are left to those who handle it."""
_HALF_BRICK_M: Final = MIN_BIN_M * 0.75
"""Half the diagonal of the hundred metres that everybody may know, and a little more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateCandidate:
    """An open case close by: a token that stands for it here alone, and what everybody may know of it."""

    token: str
    category: str
    category_name: str
    day: str
    state: str
    said_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """What somebody adds who says the same: words, which who handles the case reads, and photos."""

    text: str = ""
    photos: tuple[Picture, ...] = ()

    def parts(self, case_id: str) -> list[str]:
        """What makes it the same once more."""
        return [ME_TOO, case_id, self.text.strip(), *(photo.digest for photo in self.photos)]


_NOTHING: Final = Saying()


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How many say the same of a case now, and the code by which who said it last may follow it."""

    said_by: int
    receipt: str
    kept_photos: Annotated[int, Field(description="how many of the photos sent along the case has")]


def find_duplicates(
    view: View, place: tuple[float, float], *, category: str = "", now: datetime
) -> list[DuplicateCandidate]:
    """Open cases within 50 m (lon, lat in EPSG:4326) and 7 days, those of the category first.

    Those that the actor of ``view`` may not see are told only where they are released, and stand where
    everybody may know them, in the middle of their hundred metres, so that asking again and again finds no
    place. Confidential categories are never among them. ``view`` is one of the community of the place.
    Nothing is told where the category is an emergency or confidential: such a report is never to be taken
    for a "+1" to something else nearby.
    """
    require(view.actor, Action.CASES_REPORT)
    asked = view.session.get(Category, category) if category else None
    if asked is not None and (asked.is_confidential or asked.severity == Severity.EMERGENCY):
        return []
    rows = _near(view, place, now=now)
    digests = Digests(key_ring(view.session), _PURPOSE)
    rows.sort(key=lambda row: (row.Case.category_code != category, -row.Case.reported_at.timestamp()))
    said = said_by(view.session, [row.Case.id for row in rows[:MOST]])
    return [
        DuplicateCandidate(
            token=digests.current([row.Case.id]),
            category=row.Case.category_code,
            category_name=row.category_name,
            day=row.Case.reported_at.astimezone(view.tz).date().isoformat(),
            state=row.Case.state,
            said_by=1 + said.get(row.Case.id, 0),
        )
        for row in rows[:MOST]
    ]


def me_too(
    view: View,
    actor: Actor,
    token: str,
    place: tuple[float, float],
    *,
    repeat: Repeatable | None,
    now: datetime,
    saying: Saying = _NOTHING,
) -> Joined:
    """Note that somebody else says the same of a case close by, with what they add to it.

    The same key counts once and gives one code, also where the case has ended or grown old in between: an
    answer may have been lost. Photos are kept as long as there is room for those of the handling.

    Raises
    ------
    NotFound
        No open case close by has this token.
    InvalidInput
        The text is too long, or there are too many photos.
    Conflict
        The key was used for a report before, or for other words or photos.
    """
    require(actor, Action.CASES_REPORT)
    _check(saying)
    wait_for_others(view.session, view.community.id)
    digests = Digests(key_ring(view.session), _PURPOSE)
    before = _given(view, repeat)
    if before is not None and digests.is_of(token, [before.case_id]):
        _use_before(view, before.case_id, repeat, saying)
        return _joined(view, before.case_id, before.receipt, saying)
    rows = _near(view, place, now=now)
    case = next((row.Case for row in rows if digests.is_of(token, [row.Case.id])), None)
    if case is None:
        raise NotFound("no such case")
    if not _use_before(view, case.id, repeat, saying):
        keep_use(view.session, repeat, saying.parts(case.id), case_id=case.id, at=now)
        write_note(view.session, actor, case, ME_TOO, text=saying.text.strip() or None, now=now)
        _put_photos(view, actor, case, saying.photos, now=now)
        record(view.session, actor, "cases:me_too", "case", now=now, object_id=case.id)
        touch(view.session, [case.community_id])
        view.session.flush()
    return _joined(view, case.id, _new_code(view, case, repeat, now=now), saying)


def _given(view: View, repeat: Repeatable | None) -> CaseFollower | None:
    """What was given for a key before."""
    if repeat is None:
        return None
    own = (CaseFollower.repeat_key == repeat.key, CaseFollower.repeat_client == repeat.client)
    return view.session.scalar(select(CaseFollower).where(*own))


def _joined(view: View, case_id: str, code: str, saying: Saying) -> Joined:
    sent = {photo.digest for photo in saying.photos}
    of_it = (CasePhoto.case_id == case_id, CasePhoto.kind == PhotoKind.REPORT, CasePhoto.digest.in_(sent))
    photos = view.session.scalar(select(func.count()).where(*of_it)) if sent else 0
    count = 1 + said_by(view.session, [case_id]).get(case_id, 0)
    return Joined(said_by=count, receipt=code, kept_photos=photos or 0)


def _check(saying: Saying) -> None:
    faults = photo_faults(saying.photos)
    if len(saying.text) > MOST_TEXT:
        faults.append(
            Fault(message=say("a text has 1 to {most} characters", most=MOST_TEXT), field="description")
        )
    if faults:
        raise InvalidInput(faults)


def _put_photos(view: View, actor: Actor, case: Case, photos: Sequence[Picture], *, now: datetime) -> None:
    """Keep as many as leave room for those of the handling."""
    count = view.session.scalar(select(func.count()).where(CasePhoto.case_id == case.id)) or 0
    room = max(0, MOST_OF_CASE - KEPT_FREE - count)
    put_photos(
        view.session,
        case.id,
        photos[:room],
        kind=PhotoKind.REPORT,
        account_id=actor.account_id,
        now=now,
    )


def _use_before(view: View, case_id: str, repeat: Repeatable | None, saying: Saying) -> bool:
    """Whether just this was said with the key before."""
    known = view.session.get(IdempotencyKey, (repeat.key, repeat.client)) if repeat else None
    if known is None:
        return False
    if (known.case_id, known.request_digest) == (case_id, ME_TOO) and saying == _NOTHING:
        return True  # it was kept before words and photos could come with it
    try:
        known_use(view.session, repeat, saying.parts(case_id))
    except Conflict:
        raise Conflict("this key was used for another report before") from None
    return True


def _new_code(view: View, case: Case, repeat: Repeatable | None, *, now: datetime) -> str:
    row = CaseFollower(
        receipt=receipt_code(),
        case_id=case.id,
        at=now,
        repeat_key=repeat.key if repeat else None,
        repeat_client=repeat.client if repeat else None,
    )
    view.session.add(row)
    view.session.flush()
    return row.receipt


def _near(view: View, place: tuple[float, float], *, now: datetime) -> list[Any]:
    lon, lat = (float(to_lattice(degrees)) for degrees in place)
    box, shrink = box_around(lon, lat, WITHIN_M + 2 * _HALF_BRICK_M), lon_shrink(lat)
    is_seen = visible_cases(view) & exact_cases(view)
    rows = view.session.execute(
        select(
            Case,
            Category.name.label("category_name"),
            is_seen.label("is_seen"),
        )
        .join(Category, Category.code == Case.category_code)
        .where(
            is_of(view, PlacedKind.CASE, Case),
            Category.is_confidential.is_(False),
            Case.state.in_(OPEN_STATES),
            Case.reported_at > now - WITHIN,
            Case.reported_at <= now,
            in_bounds(view.session, Case.position, box),
            or_(visible_cases(view), is_released()),
        )
    ).all()
    return [row for row in rows if _metres(row, lon, lat, shrink) <= _reach(row)]


def _reach(row: Any) -> float:
    """As far as a case may lie from the place; of a brick's middle so far that none within 50 m is missed."""
    return WITHIN_M if row.is_seen else WITHIN_M + _HALF_BRICK_M


def _metres(row: Any, lon: float, lat: float, shrink: float) -> float:
    """Distance on a sphere; good to a hand's breadth over fifty metres."""
    x, y = row.Case.position.x, row.Case.position.y
    if not row.is_seen:
        x, y = bin_middle(x, y)
    return float(np.hypot((x - lon) * shrink, y - lat)) * METRES_PER_DEGREE
