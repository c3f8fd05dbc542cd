"""Accounts for administrators: list, card, one-time passwords, scope, tokens, and what was changed."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.accounts import ORGANISATIONS, NewAccount, disable_account, set_role
from gisgrid.access.actions import Action
from gisgrid.access.actors import require
from gisgrid.access.administration import (
    PAGE,
    account_card,
    enable_account,
    end_account_sessions,
    give_password,
    let_instruct,
    list_accounts,
    name_of,
    name_organisation,
    open_account,
    refuse_own,
    set_scope,
)
from gisgrid.access.models import Role
from gisgrid.access.tokens import ApiPart, TokenScope, create_token, list_tokens, revoke_token
from gisgrid.access.trail import history_of
from gisgrid.access.workers import free_workers
from gisgrid.areas.models import AreaName
from gisgrid.errors import Conflict, Fault, InvalidInput
from gisgrid.labels.access import API_PARTS, ROLES
from gisgrid.labels.table import N_
from gisgrid.storage.base import valid_at
from web.access.token_rows import token_row
from web.access.trail import audit_row
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, write_session
from web.frame import show
from web.i18n import choices, label
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.pages_of_lists import Pager, page_number
from web.problems import ProblemFault, placed

managing = Pages("managing", __name__)
_ROLES = tuple(role for role in Role if role != Role.LOCAL)


@managing.get(
    "/accounts",
    right=Action.ACCOUNTS_MANAGE,
    entries=(
        Entry(Group.SETTINGS, 1, "admin", N_("管理")),
        Entry(Group.ADMINISTRATION, 1, "accounts", N_("账号"), symbol="person-circle"),
    ),
)
def listing() -> str:
    """Accounts by name or role, and the form for a new one."""
    return _show_list([], {})


def _show_list(faults: list[ProblemFault], typed: dict[str, str]) -> str:
    text, role, page = request.args.get("q", "").strip()[:80], request.args.get("role", ""), page_number()
    wanted = Role(role) if role in set(_ROLES) else None
    rows, total = list_accounts(read_session(), current_actor(), text=text, role=wanted, page=page)
    return show(
        "access/accounts.html",
        None,
        rows=rows,
        pager=Pager(page=page, total=total, size=PAGE),
        asked={"q": text, "role": wanted},
        roles=[(choice, label(ROLES, choice)) for choice in _ROLES],
        workers=free_workers(read_session(), current_actor()),
        faults=faults,
        typed=typed,
    )


@managing.post("/accounts", right=Action.ACCOUNTS_MANAGE)
def create() -> tuple[str, int] | str:
    """Make an account; its one-time password stands on this answer and nowhere else."""
    actor, typed = current_actor(), {name: request.form.get(name, "") for name in _TYPED}
    require(actor, Action.ACCOUNTS_MANAGE)
    close_reading()
    try:
        with write_session() as session:
            command = NewAccount(
                name=typed["name"].strip(),
                role=_role(typed["role"]),
                worker_id=typed["worker"] or None,
                area_id=next(iter(_area_ids(session, typed["areas"], most=1)), None),
                organisation=typed["organisation"] or None,
                may_instruct=typed["instruct"] == "1",
            )
            account_id, password = open_account(session, actor, command, now=now())
    except (InvalidInput, Conflict) as error:
        return _show_list(_faults(error), typed), 422
    return _show_account(account_id, password=password)


_TYPED = ("name", "role", "worker", "areas", "organisation", "instruct")


@managing.get("/accounts/<account_id>", right=Action.ACCOUNTS_MANAGE)
def account(account_id: str) -> str:
    """One account: role, scope, sessions, tokens, and what was changed of it."""
    return _show_account(account_id)


def _show_account(account_id: str, *, faults: list[ProblemFault] | None = None, **issued: Any) -> str:
    session, actor = read_session(), current_actor()
    card = account_card(session, actor, account_id)
    codes = session.scalars(
        select(AreaName.code).where(AreaName.area_id.in_(card.areas), valid_at(AreaName, now()))
    )
    workers = free_workers(session, actor)
    if card.worker_id:
        workers.insert(0, (card.worker_id, card.row.worker or ""))
    return show(
        "access/account.html",
        None,
        card=card,
        is_organisation=card.row.role in ORGANISATIONS,
        is_leader=card.row.role == Role.LEADER,
        codes=" ".join(sorted(codes, key=lambda code: (len(code), code))),
        workers=workers,
        roles=[(choice, label(ROLES, choice)) for choice in _ROLES],
        tokens=[token_row(row, now()) for row in list_tokens(session, actor, account_id)],
        parts=choices(API_PARTS),
        history=[audit_row(row) for row in history_of(session, actor, "account", account_id)],
        faults=faults or [],
        secret={"password": "", "token": ""} | issued,
    )


@managing.post("/accounts/<account_id>/<step>", right=Action.ACCOUNTS_MANAGE)
def change(account_id: str, step: str) -> tuple[str, int] | str | Response:
    """One step: role, scope, organisation, instruct, disable, enable, password, sessions, tokens."""
    actor, form = current_actor(), request.form
    require(actor, Action.ACCOUNTS_MANAGE)
    issued: dict[str, Any] = {}
    close_reading()
    try:
        with write_session() as session:
            name = name_of(session, actor, account_id)
            if step == "role":
                refuse_own(actor, name)
                set_role(session, actor, name, _role(form.get("role", "")), now=now())
            elif step in ("scope", "organisation", "instruct"):
                _say_for_whom(session, name, step)
            elif step == "disable":
                refuse_own(actor, name)
                disable_account(session, actor, name, now=now())
            elif step == "enable":
                enable_account(session, actor, name, now=now())
            elif step == "sessions":
                end_account_sessions(session, actor, name, now=now())
            elif step == "password":
                issued["password"] = give_password(session, actor, name, now=now())
            elif step == "tokens":
                issued["token"] = _new_token(session, name)
            else:
                raise BadRequest
    except (InvalidInput, Conflict) as error:
        return _show_account(account_id, faults=_faults(error)), 422 if isinstance(
            error, InvalidInput
        ) else 409
    if issued:  # a secret stands on this one answer and nowhere else
        return _show_account(account_id, **issued)
    flash(_done(step), "good")
    return redirect("/login" if step == "sessions" and name == actor.name else f"/accounts/{account_id}", 303)


def _done(step: str) -> str:
    """What was done, in words; whoever pressed may not have meant it."""
    words = {
        "role": _("角色已改变,这个账号已退出所有设备。"),
        "disable": _("账号已停用:登录和令牌立即失效,可以恢复。"),
        "enable": _("账号已恢复。"),
        "sessions": _("这个账号已退出所有设备。"),
    }
    return words.get(step, _("已保存。"))


@managing.post("/accounts/<account_id>/tokens/<token_id>/revoke", right=Action.ACCOUNTS_MANAGE)
def revoke(account_id: str, token_id: str) -> Response:
    """End a token."""
    with write_session() as session:
        revoke_token(session, current_actor(), token_id, now=now())
    flash(_("令牌已停用。"), "good")
    return redirect(f"/accounts/{account_id}", 303)


def _say_for_whom(session: Session, name: str, step: str) -> None:
    """Which person on duty and areas, or which organisation, an account is for; whether it may instruct."""
    actor, form = current_actor(), request.form
    if step == "organisation":
        name_organisation(session, actor, name, form.get("organisation", ""), now=now())
        return
    if step == "instruct":
        let_instruct(session, actor, name, may_instruct=form.get("instruct") == "1", now=now())
        return
    areas = _area_ids(session, form.get("areas", ""))
    set_scope(session, actor, name, worker_id=form.get("worker") or None, area_ids=areas, now=now())


def _new_token(session: Session, name: str) -> str:
    form = request.form
    days = form.get("days", "")
    parts = form.getlist("parts")
    if not days.isdecimal():
        raise InvalidInput("a whole number is needed", field="days")
    if set(parts) - set(ApiPart):
        raise BadRequest
    scope = TokenScope(may_write=form.get("write") == "1", parts=tuple(ApiPart(part) for part in parts))
    return create_token(
        session,
        current_actor(),
        name,
        now=now(),
        days=int(days[:6]),
        scope=scope,
        label=form.get("label", ""),
    )


def _role(text: str) -> Role:
    if text not in set(_ROLES):
        raise InvalidInput("there is no such role", field="role")
    return Role(text)


def _area_ids(session: Session, text: str, *, most: int = 50) -> list[str]:
    """Ids of the areas whose codes stand in a text, between blanks or commas."""
    codes = text.replace(",", " ").replace(",", " ").replace("、", " ").split()
    ids = dict(
        session.execute(
            select(AreaName.code, AreaName.area_id).where(AreaName.code.in_(codes), valid_at(AreaName, now()))
        ).all()
    )
    faults = [Fault(message="no area has this code", field="areas") for code in codes if code not in ids]
    if len(codes) > most:
        faults.append(Fault(message="too many areas at once", field="areas"))
    if faults:
        raise InvalidInput(faults[:1])
    return [ids[code] for code in codes]


def _faults(error: InvalidInput | Conflict) -> list[ProblemFault]:
    if isinstance(error, InvalidInput):
        return [placed(fault) for fault in error.faults]
    return [placed(Fault(message=str(error)))]
