"""The one escape for text that must pass through Folium.

Folium writes popup, tooltip and layer-name strings into a JavaScript template literal. There a ``${…}``
runs even after HTML escaping, and a back-tick or back-slash breaks the script and blanks the map. So
nothing a person typed goes that way at all: pop-ups are filled in the browser with ``textContent`` from a
request by id. The little text that must pass (a translated layer name, say) goes through here.
"""

from __future__ import annotations

from html import escape
from typing import Final

_TEMPLATE_LITERAL: Final = str.maketrans(
    {"`": "&#96;", "$": "&#36;", "\\": "&#92;", "{": "&#123;", "}": "&#125;"}
)


def escape_for_folium(text: str) -> str:
    r"""Gives the text harmless in HTML and inside a JavaScript template literal.

    Examples
    --------
    >>> escape_for_folium("<b>${alert(1)}")
    '&lt;b&gt;&#36;&#123;alert(1)&#125;'
    """
    return escape(text, quote=True).translate(_TEMPLATE_LITERAL)
