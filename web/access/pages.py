"""Logging in and out, one's own page, and the language."""

from __future__ import annotations

from typing import Final

from flask import flash, redirect, render_template, request, session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.accounts import PasswordChange, change_own_password
from gisgrid.access.logins import authenticate
from gisgrid.access.pins import drop_pin, has_pin, may_have_pin, open_with_pin, set_pin
from gisgrid.access.sessions import account_of_session, count_other_sessions, end_other_sessions
from gisgrid.access.tokens import list_tokens, revoke_token
from gisgrid.errors import InvalidInput, NotAllowed
from gisgrid.labels.table import N_
from web.access.token_rows import token_row
from web.blueprints import Pages
from web.context import close_reading, current_actor, now, read_session, services, write_session
from web.frame import open_page, show
from web.i18n import COOKIE, LANGUAGES
from web.i18n import gettext as _
from web.navigation import Entry, Group
from web.problems import ProblemFault, placed
from web.security.devices import known_accounts, remember
from web.security.gate import Open
from web.security.sessions import (
    go_on,
    log_in,
    log_out,
    remembered,
    safe_next,
    session_id,
    stay_no_longer,
    stay_on_phone,
)

accounts = Pages("accounts", __name__)
_BEFORE_A_NEW_PASSWORD: Final = (
    "accounts.me",
    "accounts.change_password",
    "accounts.logout",
    "accounts.language",
    "cases.report",
    "health.favicon",
    "health.healthz",
)
_YEAR_S = 365 * 24 * 3600


@accounts.get("/login", right=Open.PUBLIC)
def login_form() -> str | Response:
    """The form; who is logged in already goes on."""
    target = safe_next(request.args.get("next"))
    if current_actor().role is not None:
        return redirect(target)
    if remembered() and request.args.get("password") != "1":
        return render_template("access/pin.html", next=target, error=None)
    return render_template("access/login.html", next=target, error=None, username="", stay=False)


@accounts.post("/login", right=Open.PUBLIC)
def login() -> tuple[str, int] | Response:
    """Take name and password; every refusal reads the same."""
    name, password = request.form.get("username", ""), request.form.get("password", "")
    target = safe_next(request.form.get("next"))
    stay = request.form.get("stay") == "1"
    account_ids = known_accounts()
    logged_in = authenticate(services().database, name.strip(), password, now=now(), known=account_ids)
    if logged_in is None:
        error = _("账号或密码不对。连续输错多次,账号会暂时锁定,请稍后再试。")
        page = render_template("access/login.html", next=target, error=error, username=name[:80], stay=stay)
        return page, 401
    log_in(logged_in, stay=stay)
    response = redirect(target, 303)
    remember(response, logged_in.account_id)
    return response


@accounts.post("/login/pin", right=Open.PUBLIC)
def open_remembered() -> tuple[str, int] | Response:
    """Let a session go on that this phone remembers; after five wrong tries only a password does."""
    target, kept = safe_next(request.form.get("next")), remembered()
    if kept is not None:
        close_reading()
        if open_with_pin(services().database, kept, request.form.get("pin", ""), now=now()):
            go_on()
            return redirect(target, 303)
        if account_of_session(read_session(), kept, now=now()):
            return render_template("access/pin.html", next=target, error=_("PIN 不对,请再试。")), 401
    log_out()
    error = _("这台手机记住的登录已结束,请用密码登录。")
    page = render_template("access/login.html", next=target, error=error, username="", stay=False)
    return page, 401


@accounts.blueprint.before_app_request
def ask_for_a_new_password() -> Response | None:
    """After a one-time password nothing opens but the form for another one."""
    is_free = request.endpoint in {None, "static", "static_of_another_version", *_BEFORE_A_NEW_PASSWORD}
    if "must_change" not in session or "Authorization" in request.headers or is_free:
        return None
    if current_actor().role is None:
        return None
    if request.path.startswith("/api/"):
        raise NotAllowed("choose a password of your own first")
    return redirect("/me", 303 if request.method == "POST" else 302)


@accounts.post("/logout", right=Open.PUBLIC)
def logout() -> Response:
    """End this session."""
    log_out()
    response = redirect("/login", 303)
    response.headers["Clear-Site-Data"] = '"cache"'  # figures kept for the next look are of this account
    return response


@accounts.get("/me", right=Open.SIGNED_IN, entries=(Entry(Group.SETTINGS, 3, "me", N_("我的")),))
def me() -> str:
    """Name, role, place and language of who is logged in, and the form for another password."""
    return _show_me([])


def _show_me(faults: list[ProblemFault]) -> str:
    actor = current_actor()
    may_pin = may_have_pin(actor.role)
    tokens = list_tokens(read_session(), actor, actor.account_id) if actor.account_id else []
    return show(
        "access/me.html",
        open_page(),
        faults=faults,
        may_pin=may_pin,
        has_pin=may_pin and has_pin(read_session(), actor.account_id or ""),
        stays="open_until" in session,
        must_change="must_change" in session,
        tokens=[token_row(row, now()) for row in tokens],
        others=count_other_sessions(read_session(), actor, session_id(), now=now()),
    )


@accounts.post("/me/pin", right=Open.SIGNED_IN)
def change_pin() -> tuple[str, int] | Response:
    """Take a PIN twice and stay logged in on this phone, or do without."""
    form, actor, database = request.form, current_actor(), services().database
    close_reading()
    if form.get("drop") == "1":
        drop_pin(database, actor, now=now())
        stay_no_longer(session_id() or "")
        flash(_("PIN 已停用,手机不再保持登录。"), "good")
        return redirect("/me", 303)
    try:
        set_pin(database, actor, form.get("pin", ""), form.get("pin_again", ""), now=now())
    except InvalidInput as error:
        return _show_me([placed(fault) for fault in error.faults]), 422
    if form.get("stay") == "1":
        stay_on_phone(session_id() or "")
    flash(_("PIN 已设置。"), "good")
    return redirect("/me", 303)


@accounts.post("/me/sessions/end-others", right=Open.SIGNED_IN)
def end_others() -> Response:
    """End all sessions of one's own account but this one."""
    with write_session() as writing:
        end_other_sessions(writing, current_actor(), session_id(), now=now())
    flash(_("其他设备上的登录都已退出。"), "good")
    return redirect("/me", 303)


@accounts.post("/me/tokens/<token_id>/revoke", right=Open.SIGNED_IN)
def revoke_own(token_id: str) -> Response:
    """End one of one's own tokens."""
    with write_session() as session_:
        revoke_token(session_, current_actor(), token_id, now=now())
    flash(_("令牌已停用。"), "good")
    return redirect("/me", 303)


@accounts.post("/me/password", right=Open.SIGNED_IN)
def change_password() -> tuple[str, int] | Response:
    """Take the old password and the new one twice; this session goes on, all others end."""
    typed = [request.form.get(name, "") for name in ("old", "password", "again")]
    change = PasswordChange(old=typed[0], new=typed[1], again=typed[2])
    close_reading()
    try:
        logged_in = change_own_password(services().database, current_actor(), change, now=now())
    except InvalidInput as error:
        return _show_me([placed(fault) for fault in error.faults]), 422
    log_in(logged_in, stay=session.permanent)
    flash(_("密码已改。其他设备上的登录都已退出。"), "good")
    return redirect("/me", 303)


@accounts.post("/language", right=Open.PUBLIC)
def language() -> Response:
    """Choose a language, for this session and for this browser."""
    chosen = request.form.get("lang")
    if chosen not in LANGUAGES:
        raise BadRequest
    session["lang"] = chosen
    response = redirect(safe_next(request.form.get("next")), 303)
    secure = services().settings.https
    response.set_cookie(COOKIE, chosen, max_age=_YEAR_S, secure=secure, httponly=True, samesite="Lax")
    return response
