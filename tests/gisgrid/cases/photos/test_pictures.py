"""A sent file becomes a clean picture, or is refused with one sentence, whatever it is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from gisgrid.cases.photos.pictures import LONGEST_PX, MOST_MB, SMALL_PX, read_picture
from gisgrid.errors import InvalidInput

ORIENTATION, GPS, MAKE = 0x0112, 0x8825, 0x010F
SECRET = b"SECRET-OWNER"


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 400), mode: str = "RGB", **more: Any) -> bytes:
    """A picture whose upper left quarter is red, the rest blue."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    out = BytesIO()
    image.convert(mode).save(out, kind, **more)
    return out.getvalue()


def with_place(orientation: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKE] = orientation, SECRET.decode()
    exif.get_ifd(GPS).update({1: "N", 2: (33.0, 57.0, 30.5), 3: "E", 4: (118.0, 17.0, 1.5)})
    return exif


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(BytesIO(jpeg))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_device_and_owner_are_gone(kind: str) -> None:
    sent = photo(kind, exif=with_place())
    assert Image.open(BytesIO(sent)).getexif().get_ifd(GPS), "the file that is sent has no place"
    assert SECRET in sent
    found = read_picture(sent)
    for jpeg in (found.jpeg, found.small):
        image = opened(jpeg)
        assert image.format == "JPEG"
        assert dict(image.getexif()) == {}
        assert not set(image.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        assert SECRET not in jpeg
        assert b"Exif" not in jpeg


def test_a_comment_and_a_colour_profile_go_too() -> None:
    sent = photo(comment=SECRET, icc_profile=b"profile of " + SECRET)
    assert SECRET in sent
    assert SECRET not in read_picture(sent).jpeg


@pytest.mark.parametrize(
    ("orientation", "corner"), [(1, (0.2, 0.2)), (3, (0.8, 0.8)), (6, (0.8, 0.2)), (8, (0.2, 0.8))]
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_stands_upright(kind: str, orientation: int, corner: tuple[float, float]) -> None:
    image = opened(read_picture(photo(kind, exif=with_place(orientation))).jpeg)
    assert (image.width > image.height) == (orientation in (1, 3))
    red = image.getpixel((int(corner[0] * image.width), int(corner[1] * image.height)))
    assert isinstance(red, tuple)
    assert red[0] > 200
    assert red[2] < 60


def test_it_is_made_small_enough() -> None:
    found = read_picture(photo(size=(4000, 3000)))
    assert opened(found.jpeg).size == (found.width, found.height) == (LONGEST_PX, 1200)
    assert max(opened(found.small).size) == SMALL_PX
    tiny = read_picture(photo(size=(3, 2)))
    assert (tiny.width, tiny.height) == (3, 2)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("PNG", "RGBA"),
        ("PNG", "P"),
        ("PNG", "L"),
        ("PNG", "1"),
        ("PNG", "LA"),
        ("JPEG", "CMYK"),
        ("WEBP", "RGBA"),
    ],
)
def test_every_way_of_colouring_is_taken(kind: str, mode: str) -> None:
    assert opened(read_picture(photo(kind, mode=mode)).jpeg).mode == "RGB"


def test_what_is_clear_becomes_white() -> None:
    out = BytesIO()
    Image.new("RGBA", (8, 8), (255, 0, 0, 0)).save(out, "PNG")
    assert opened(read_picture(out.getvalue()).jpeg).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "sent",
    [b"", b"hello", b"\xff\xd8\xff\xe0", b"<svg xmlns='http://www.w3.org/2000/svg'/>",
     photo("GIF"), photo("BMP"), photo("TIFF"), photo()[:300], photo("PNG")[:60], photo("WEBP")[:40]],
)  # fmt: skip
def test_no_photo_is_refused_with_one_sentence(sent: bytes) -> None:
    with pytest.raises(InvalidInput, match="JPEG, PNG or WebP") as caught:
        read_picture(sent)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize(
    ("kind", "size"), [("PNG", (6000, 5000)), ("PNG", (20000, 10000)), ("JPEG", (9000, 7000))]
)
def test_a_bomb_is_refused_before_it_is_opened(kind: str, size: tuple[int, int]) -> None:
    out = BytesIO()
    Image.new("L", size).save(out, kind, quality=20)
    assert len(out.getvalue()) < MOST_MB * 1024 * 1024
    with pytest.raises(InvalidInput, match="million pixels"):
        read_picture(out.getvalue())


def test_a_large_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most 3 MB"):
        read_picture(photo() + b"\0" * MOST_MB * 1024 * 1024)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # of broken metadata, which nobody reads
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.data())
def test_a_broken_file_is_a_picture_or_one_sentence(kind: str, data: st.DataObject) -> None:
    sent = bytearray(photo(kind, size=(60, 40), exif=with_place()))
    for _ in range(data.draw(st.integers(1, 4))):
        sent[data.draw(st.integers(0, len(sent) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = read_picture(bytes(sent))
    except InvalidInput:  # anything else fails the test
        return
    assert dict(opened(found.jpeg).getexif()) == {}
