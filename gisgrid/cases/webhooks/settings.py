"""The addresses messages go to, as an administrator keeps them; an address is shown to nobody again."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from gisgrid.access.actions import Action
from gisgrid.access.actors import Actor, require
from gisgrid.access.audit import record
from gisgrid.areas.view import View
from gisgrid.cases.core.outbox import OF_STEPS, message
from gisgrid.cases.core.outbox_models import HookEvent, HookMessage, Webhook
from gisgrid.cases.webhooks.addresses import NOBODY, Listed, is_web, may_receive
from gisgrid.errors import Conflict, Fault, InvalidInput, NotFound, say
from gisgrid.storage.base import new_id

CHOICES: Final = tuple(OF_STEPS.values())
_LONGEST: Final = {"label": 100, "url": 500, "site": 200}
_SHOWN: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class HookInput:
    """An address to be kept. ``site`` is this site's own address, for links."""

    label: str
    url: str
    site: str
    events: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRow:
    """An address in a list: its host, and how the last messages went, the newest first."""

    id: str
    label: str
    host: str
    events: Sequence[HookEvent]
    stopped_at: datetime | None
    waiting: int
    last: Sequence[HookMessage]


def list_hooks(view: View) -> list[HookRow]:
    """The addresses of a community, those in use first.

    Raises
    ------
    NotAllowed
        The role keeps no addresses.
    """
    require(view.actor, Action.WEBHOOKS_MANAGE)
    hooks = view.session.scalars(
        select(Webhook)
        .where(Webhook.community_id == view.community.id)
        .order_by(Webhook.stopped_at.is_not(None), Webhook.created_at, Webhook.id)
    )
    return [_row(view.session, hook) for hook in hooks]


def add_hook(view: View, hook_input: HookInput, *, now: datetime, listed: Listed = NOBODY) -> tuple[str, str]:
    """Keep an address; its id, and the secret that its messages are signed with, told only now.

    ``listed`` may be sent to although it isn't of the open network.

    Raises
    ------
    NotAllowed
        The role keeps no addresses.
    InvalidInput
        Every fault at once: no address of the web or one of this machine or an inner network, no event, no
        label.
    """
    require(view.actor, Action.WEBHOOKS_MANAGE)
    _check(hook_input, listed)
    secret = secrets.token_urlsafe(32)
    hook = Webhook(
        id=new_id(),
        community_id=view.community.id,
        label=hook_input.label.strip(),
        host=(urlsplit(hook_input.url.strip()).hostname or "")[:200],
        url=hook_input.url.strip(),
        secret=secret,
        site=hook_input.site.strip().rstrip("/"),
        events=[event.value for event in CHOICES if event.value in set(hook_input.events)],
        created_at=now,
    )
    view.session.add(hook)
    record(view.session, view.actor, "webhook:create", "webhook", now=now, object_id=hook.id)
    view.session.flush()
    return hook.id, secret


def stop_hook(view: View, hook_id: str, *, now: datetime) -> None:
    """Send nothing more to an address; address and secret are forgotten, what waits is given up.

    Raises
    ------
    NotAllowed
        The role keeps no addresses.
    NotFound
        There is no such address in the community.
    """
    hook = _hook(view.session, view.actor, view.community.id, hook_id)
    if hook.stopped_at is not None:
        return
    hook.stopped_at, hook.url, hook.secret = now, None, None
    for row in view.session.scalars(
        select(HookMessage).where(HookMessage.webhook_id == hook.id, HookMessage.next_at.is_not(None))
    ):
        row.next_at, row.given_up_at = None, now
    record(view.session, view.actor, "webhook:stop", "webhook", now=now, object_id=hook.id)
    view.session.flush()


def try_hook(view: View, hook_id: str, *, now: datetime) -> None:
    """Put a message without any case into the outbox, to see whether it arrives.

    Raises
    ------
    NotAllowed
        The role keeps no addresses.
    NotFound
        There is no such address in the community.
    Conflict
        It is stopped.
    """
    hook = _hook(view.session, view.actor, view.community.id, hook_id)
    if hook.stopped_at is not None:
        raise Conflict("this address gets no messages any more")
    view.session.add(message(hook.id, HookEvent.TEST, {}, at=now))
    record(view.session, view.actor, "webhook:try", "webhook", now=now, object_id=hook.id)
    view.session.flush()


def _hook(session: Session, actor: Actor, community_id: str, hook_id: str) -> Webhook:
    require(actor, Action.WEBHOOKS_MANAGE)
    hook = session.get(Webhook, hook_id)
    if hook is None or hook.community_id != community_id:
        raise NotFound("there is no such address here")
    return hook


def _row(session: Session, hook: Webhook) -> HookRow:
    rows = session.scalars(
        select(HookMessage)
        .where(HookMessage.webhook_id == hook.id)
        .order_by(HookMessage.at.desc(), HookMessage.id.desc())
        .limit(_SHOWN)
    ).all()
    return HookRow(
        id=hook.id,
        label=hook.label,
        host=hook.host,
        events=[HookEvent(event) for event in hook.events],
        stopped_at=hook.stopped_at,
        waiting=sum(row.next_at is not None for row in rows),
        last=rows,
    )


def _check(hook_input: HookInput, listed: Listed) -> None:
    faults = []
    for name, most in _LONGEST.items():
        text = getattr(hook_input, name).strip()
        if not 0 < len(text) <= most:
            faults.append(Fault(message=say("a text has 1 to {most} characters", most=most), field=name))
        elif name != "label" and not is_web(text):
            said = "an address begins with http:// or https:// and names a host"
            faults.append(Fault(message=said, field=name))
        elif name == "url" and not may_receive(text, listed):
            said = "this address is of this machine or an inner network: GISGRID_WEBHOOK_HOSTS can list it"
            faults.append(Fault(message=said, field=name))
    if not set(hook_input.events) & {event.value for event in CHOICES}:
        faults.append(Fault(message="choose what messages are about", field="events"))
    if faults:
        raise InvalidInput(faults)
