"""Logging in and out, one's own page, and the language."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.accounts import PasswordChange, change_own_password
from gisgrid.access.actions import Action
from gisgrid.access.logins import authenticate
from gisgrid.errors import InvalidInput
from web.context import close_reading, current_actor, now, services
from web.devices import known_accounts, remember
from web.i18n import COOKIE, LANGUAGES
from web.i18n import gettext as _
from web.pages.frame import open_page, show
from web.problems import ProblemFault, placed
from web.sessions import log_in, log_out, require_login, safe_next

accounts = Blueprint("accounts", __name__)
_YEAR_S = 365 * 24 * 3600


@accounts.get("/login")
def login_form() -> str | Response:
    """The form; who is logged in already goes on."""
    target = safe_next(request.args.get("next"))
    if current_actor().role is not None:
        return redirect(target)
    return render_template("login.html", next=target, error=None, username="", stay=False)


@accounts.post("/login")
def login() -> tuple[str, int] | Response:
    """Take name and password; every refusal reads the same."""
    name, password = request.form.get("username", ""), request.form.get("password", "")
    target = safe_next(request.form.get("next"))
    stay = request.form.get("stay") == "1"
    known = known_accounts()
    found = authenticate(services().database, name.strip(), password, now=now(), known=known)
    if found is None:
        error = _("账号或密码不对。连续输错多次,账号会暂时锁定,请稍后再试。")
        page = render_template("login.html", next=target, error=error, username=name[:80], stay=stay)
        return page, 401
    log_in(found, stay=stay)
    response = redirect(target, 303)
    remember(response, found.account_id)
    return response


@accounts.post("/logout")
def logout() -> Response:
    """End this session."""
    log_out()
    response = redirect("/login", 303)
    response.headers["Clear-Site-Data"] = '"cache"'  # figures kept for the next look are of this account
    return response


@accounts.get("/me")
def me() -> str:
    """Name, role, place and language of who is logged in, and the form for another password."""
    require_login()
    return _show_me([])


def _show_me(faults: list[ProblemFault]) -> str:
    return show("me.html", open_page(Action.OWN_GRID_VIEW), faults=faults)


@accounts.post("/me/password")
def change_password() -> tuple[str, int] | Response:
    """Take the old password and the new one twice; this session goes on, all others end."""
    require_login()
    typed = [request.form.get(name, "") for name in ("old", "password", "again")]
    change = PasswordChange(old=typed[0], new=typed[1], again=typed[2])
    close_reading()
    try:
        found = change_own_password(services().database, current_actor(), change, now=now())
    except InvalidInput as error:
        return _show_me([placed(fault) for fault in error.faults]), 422
    log_in(found, stay=session.permanent)
    flash(_("密码已改。其他设备上的登录都已退出。"), "good")
    return redirect("/me", 303)


@accounts.post("/language")
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
