"""Before every request: who is asking and whether a form is genuine. After it: the headers."""

from __future__ import annotations

import secrets
from typing import Final

from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import BadRequest, Unauthorized

from data.uploads.store import MOST_MB
from gisgrid.errors import InvalidInput, NotAllowed, say
from web.open311_forms import is_open311
from web.security.gate import access_of_request
from web.security.sessions import forget_user, load_bearer
from web.security.token_scope import refuse_beyond

_UNSAFE: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_FILES: Final = frozenset({"multipart/form-data", "image/jpeg", "image/png", "image/webp"})
"""What a route that takes files may be sent beside JSON; a form of another site can send none of an image."""
_MAX_BODY_BYTES: Final = 16 * 1024 * 1024
_FORM_BYTES: Final = 64 * 1024
"""What a form has besides its file."""
_POLICY: Final = (
    "default-src 'self'",
    "script-src 'self' 'nonce-{nonce}'",
    "style-src 'self' 'nonce-{nonce}'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'self'",
    "form-action 'self'",
)
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    # Not "no-referrer": over HTTPS the check of forms asks for a Referer of the same host.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
}


def csp_nonce() -> str:
    """The nonce of this request, for every script and style element of its page."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    nonce: str = g.csp_nonce
    return nonce


def init_security(app: Flask, *, https: bool) -> None:
    """Install the guard, the headers and the nonce for templates."""
    app.config.update(
        MAX_CONTENT_LENGTH=_MAX_BODY_BYTES,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,  # a map stays open all day; the token ends with the session
    )
    csrf = CSRFProtect(app)

    def guard() -> None:
        _allow_file()
        if is_open311():
            _take_key()
        elif "Authorization" in request.headers:
            _take_bearer()
        elif request.method in _UNSAFE and not _is_nobodys_program(app):
            csrf.protect()
        if _brings_json():
            request.get_json()  # malformed: 400 here, before any model sees nothing at all
        if _brings_nul():
            raise BadRequest

    def finish(response: Response) -> Response:
        return _add_headers(response, https=https)

    app.before_request(guard)
    app.after_request(finish)
    app.context_processor(lambda: {"nonce": csp_nonce()})


def _allow_file() -> None:
    """A route that takes files takes larger ones, from whoever may send any."""
    access = access_of_request()
    if access is None or not access.takes_file or not access.is_open_to_asker():
        return
    most = MOST_MB * 1024 * 1024
    if (request.content_length or 0) > most + _FORM_BYTES:
        raise InvalidInput(say("the file is larger than {most} MB: split it", most=MOST_MB), field="file")
    request.max_content_length = most + _FORM_BYTES


def _take_bearer() -> None:
    """A request with an Authorization header stands on it alone: the cookie is never looked at."""
    header = request.authorization
    bearer = load_bearer(header.token) if header and header.type == "bearer" and header.token else None
    if bearer is None:
        raise Unauthorized(
            "this token is unknown, expired or revoked", www_authenticate=WWWAuthenticate("bearer")
        )
    user, scope = bearer
    g._login_user = user  # noqa: SLF001 - where Flask-Login keeps the user of a request
    refuse_beyond(scope)


def _take_key() -> None:
    """A request to the facade stands on its key alone: the cookie is never looked at."""
    forget_user()
    header = request.authorization
    sent = header.token if header and header.type == "bearer" else None
    key = request.args.get("api_key") or request.form.get("api_key") or sent
    if not key and "Authorization" not in request.headers:
        return
    bearer = load_bearer(key) if key else None
    if bearer is None:
        raise NotAllowed("this api_key is unknown, expired or revoked")
    user, scope = bearer
    g._login_user = user  # noqa: SLF001 - where Flask-Login keeps the user of a request
    refuse_beyond(scope)


def _is_nobodys_program(app: Flask) -> bool:
    """Whether a request to the API comes without any session: nobody's rights can be borrowed by it.

    A page of another site can't send JSON here (the browser asks first and gets no leave), nor the cookie.
    """
    cookie = app.config["SESSION_COOKIE_NAME"]
    return request.path.startswith("/api/") and cookie not in request.cookies


def _brings_json() -> bool:
    access = access_of_request()
    is_file = access is not None and access.takes_file and request.mimetype in _FILES
    is_api = request.path.startswith("/api/") and not is_file
    return is_api and request.method in _UNSAFE and bool(request.content_length)


def _brings_nul() -> bool:
    """Whether a text holds the character NUL, which no person types and PostgreSQL can't store."""
    is_sent = b"%00" in request.query_string or "\0" in request.path
    is_json = request.is_json and b"\\u0000" in request.get_data()
    return is_sent or is_json or any("\0" in text for text in request.form.values())


def _add_headers(response: Response, *, https: bool) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    policy = "; ".join(_POLICY).format(nonce=csp_nonce())
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("Cache-Control", "private, no-store")
    if https:
        response.headers.setdefault("Strict-Transport-Security", "max-age=2592000")
    return response
