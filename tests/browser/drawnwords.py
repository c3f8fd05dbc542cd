"""What is written on the canvases of a map: each word with the box it takes on the screen."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

_LISTEN = """() => {
  const write = CanvasRenderingContext2D.prototype.fillText;
  window.writtenWords = [];
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const by = this.getTransform().translate(x, y);
    const [width, ratio] = [this.measureText(text).width, Math.min(window.devicePixelRatio || 1, 2)];
    const height = Number.parseFloat(this.font.match(/([0-9.]+)px/)[1]);
    const turn = Math.hypot(by.b) > 1e-9;
    window.writtenWords.push([text, by.e / ratio, by.f / ratio, width, height, turn]);
    return write.call(this, text, x, y, ...rest);
  };
}"""

_ONCE_MORE = """([zoom, at]) => {
  const { map } = window.gisgrid;
  map.setView(at || map.getCenter(), zoom ?? map.getZoom(), { animate: false });
}"""

_DRAW = """() => {
  window.writtenWords.length = 0;
  window.gisgrid.map.fire("viewreset");
  return window.writtenWords;
}"""


@dataclass(frozen=True, slots=True)
class Word:
    """A word on the map, its middle and size in pixels of the screen; turned ones follow a street."""

    text: str
    x: float
    y: float
    width: float
    height: float
    is_turned: bool

    def overlaps(self, other: Word) -> bool:
        """Whether both take the same place."""
        return (
            abs(self.x - other.x) < (self.width + other.width) / 2
            and abs(self.y - other.y) < (self.height + other.height) / 2
        )


def listen(page: Page) -> None:
    """Hear everything written on canvases from now on."""
    page.evaluate(_LISTEN)


def view_of(page: Page, *, zoom: float | None = None, at: tuple[float, float] | None = None) -> None:
    """The map at a zoom, over a place of latitude and longitude as Leaflet has them."""
    page.evaluate(_ONCE_MORE, [zoom, list(at) if at else None])


def written_words(page: Page) -> list[Word]:
    """The words of the map as it is drawn now."""
    return [Word(*one) for one in page.evaluate(_DRAW)]
