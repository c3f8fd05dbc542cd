"""Logging in and out, one's own page, and the language."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Response

from gisgrid.access.logins import authenticate
from web.context import current_actor, now, services
from web.i18n import COOKIE, LANGUAGES
from web.i18n import gettext as _
from web.pages.frame import show
from web.sessions import log_in, log_out, require_login, safe_next

accounts = Blueprint("accounts", __name__)
_YEAR_S = 365 * 24 * 3600


@accounts.get("/login")
def login_form() -> str | Response:
    """The form; who is logged in already goes on."""
    target = safe_next(request.args.get("next"))
    if current_actor().role is not None:
        return redirect(target)
    return render_template("login.html", next=target, error=None, username="")


@accounts.post("/login")
def login() -> tuple[str, int] | Response:
    """Take name and password; every refusal reads the same."""
    name, password = request.form.get("username", ""), request.form.get("password", "")
    target = safe_next(request.form.get("next"))
    found = authenticate(services().database, name.strip(), password, now=now())
    if found is None:
        error = _("账号或密码不对。连续输错多次,账号会暂时锁定,请稍后再试。")
        return render_template("login.html", next=target, error=error, username=name[:80]), 401
    log_in(found, stay=request.form.get("stay") == "1")
    return redirect(target, 303)


@accounts.post("/logout")
def logout() -> Response:
    """End this session."""
    log_out()
    return redirect("/login", 303)


@accounts.get("/me")
def me() -> str:
    """Name, role, place and language of who is logged in."""
    require_login()
    return show("me.html", None)


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
