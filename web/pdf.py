"""HTML as PDF. The one place that knows WeasyPrint, which is slow to import and may lack its libraries."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Final

from gisgrid.errors import MissingPart
from web.i18n import gettext as _

_STYLE: Final = Path(__file__).parent / "static" / "css" / "sheet_pdf.css"


class NoPrinter(MissingPart):
    """What makes PDFs is not installed here. Told to whoever asks: the print page does instead."""


def pdf_of(html: str) -> bytes:
    """A document of HTML as PDF, in the style of sheets on A4.

    Nothing is ever fetched for it: addresses of pictures, styles or fonts are passed over, of any kind.

    Raises
    ------
    NoPrinter
        WeasyPrint or one of its system libraries is missing.
    """
    printer = _printer()
    nothing = printer.urls.URLFetcher(allowed_protocols=())
    style = printer.CSS(string=_STYLE.read_text(encoding="utf-8"), url_fetcher=nothing)
    return bytes(printer.HTML(string=html, url_fetcher=nothing).write_pdf(stylesheets=[style]))


def _printer() -> ModuleType:
    try:
        import weasyprint  # noqa: PLC0415 - half a second, and Pango is loaded here or not at all
    except (ImportError, OSError):
        raise NoPrinter(_("这台服务器没有装齐生成 PDF 的组件(Pango),请用打印页,或请管理员安装")) from None
    printer: ModuleType = weasyprint
    return printer
