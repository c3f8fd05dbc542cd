"""A rendered map in the parts of a page with a strict content policy: local files and a nonce everywhere.

Everything here works on what Folium and branca give by ``render()``; their trees are left as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import folium
from branca.element import Figure

from gisgrid.errors import InvalidInput
from layers.assets import local_url

_VIEWPORT: Final = re.compile(r"<meta name=\"viewport\".*?/>", re.DOTALL)
_PAGE_STYLES: Final = re.compile(r"<style>\s*(?:html, body|#map\b).*?</style>", re.DOTALL)
_OPENING: Final = re.compile(r"<(script|style)(?=[\s>])")
_LINK: Final = re.compile(r'<script src="([^"]*)"></script>|<link rel="stylesheet" href="([^"]*)" ?/>')


@dataclass(frozen=True, slots=True, kw_only=True)
class MapShell:
    """A rendered map in the parts a page template needs.

    ``header`` goes into the head, ``body`` into a sized box, ``script`` into a script element with the
    nonce; ``variable`` is the map's name in JavaScript.
    """

    header: str
    body: str
    script: str
    variable: str


def render_shell(drawn: folium.Map, nonce: str, *, static: str = "/static") -> MapShell:
    """Gives the map's parts with local files only, and the nonce on every script and style element.

    ``static`` is the address below which this server has its files.

    Folium's own viewport line (it forbids zooming by hand) and its styles for the whole page are left out:
    the page decides both.

    Raises
    ------
    MissingPart
        When some element asks for a file that isn't served from here.
    """
    figure = rendered_figure(drawn)
    header = replace_links(without_viewport(figure.header.render()), lambda url: _local_link(url, static))
    return MapShell(
        header=_with_nonce(_PAGE_STYLES.sub("", header), nonce),
        body=figure.html.render(),
        script=figure.script.render(),
        variable=drawn.get_name(),
    )


def rendered_figure(drawn: folium.Map) -> Figure:
    """Renders the figure a map stands in and gives it, its three parts filled."""
    figure = drawn.get_root()
    if not isinstance(figure, Figure):
        raise InvalidInput("The map stands in no figure and can't be rendered.")
    figure.render()
    return figure


def without_viewport(markup: str) -> str:
    """The markup without Folium's line that forbids zooming by hand."""
    return _VIEWPORT.sub("", markup)


def replace_links(markup: str, replace: Callable[[str], str]) -> str:
    """Puts what ``replace`` gives for an address in the place of every link to a script or a style sheet."""
    return _LINK.sub(lambda link: replace(link[1] or link[2]), markup)


def _local_link(url: str, static: str) -> str:
    local = local_url(url, static)
    if local is None:
        return ""
    if local.endswith(".css"):
        return f'<link rel="stylesheet" href="{local}"/>'
    return f'<script src="{local}"></script>'


def _with_nonce(markup: str, nonce: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_+/=-]+", nonce):
        raise InvalidInput("A nonce is made of base64 characters.")
    return _OPENING.sub(rf'<\1 nonce="{nonce}"', markup)
