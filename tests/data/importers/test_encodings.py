"""Texts in the encodings offices use, with marks, side files and names that are missing or wrong."""

from __future__ import annotations

import zipfile

import geopandas as gpd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from data.importers.readers.archives import name_of
from data.importers.readers.encodings import encoding_of, encoding_of_fields
from data.importers.readers.files import read_table
from gisgrid.errors import InvalidInput

LINES = "code,name\n" + "".join(f"{n:04d},幸福里社区第{n}网格\n" for n in range(40))
HANZI = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1, max_size=30)
NAMES = ["幸福里社区", "崂山二村", "Düsseldorf"]


def write(path, content):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_known_without_its_mark(tmp_path, encoding):
    table = read_table(write(tmp_path / "a.csv", LINES.encode(encoding)))
    assert table.frame["name"][39] == "幸福里社区第39网格"
    assert table.marked


@given(text=HANZI, encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]))
def test_chinese_is_read_in_whatever_encoding_it_was_saved(tmp_path_factory, text, encoding):
    path = write(tmp_path_factory.mktemp("e") / "a.csv", f"code,name\n0113,{text}{text}\n".encode(encoding))
    assert read_table(path).frame.to_numpy().tolist() == [["0113", f"{text}{text}"]]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("一一", "gb18030"), ("一一", "utf-8"), ("Düsseldorf", "utf-8"), ("25°", "utf-8"), ("é", "utf-8")],
)
def test_few_letters_are_read_as_what_they_rather_are(tmp_path, text, encoding):
    path = write(tmp_path / "a.csv", f"code,name\n1,{text}\n".encode(encoding))
    assert read_table(path).frame["name"].tolist() == [text]


def test_a_text_longer_than_a_piece_is_read_across_its_borders(tmp_path):
    long = "code,name\n" + "0113,幸福里\n" * 100_000
    for encoding in ("utf-8", "gb18030"):
        table = read_table(write(tmp_path / "a.csv", long.encode(encoding)))
        assert set(table.frame["name"]) == {"幸福里"}
        assert len(table.frame) == 100_000


def test_a_text_that_is_utf8_up_to_a_line_is_no_gbk(tmp_path):
    content = LINES.encode() + "9999,重庆\n".encode("gb18030")
    with pytest.raises(InvalidInput, match=r"a\.csv: the text is UTF-8 only up to line 42: the file is"):
        read_table(write(tmp_path / "a.csv", content))
    with pytest.raises(InvalidInput, match="UTF-8 only up to line 41"):
        read_table(write(tmp_path / "a.csv", LINES.encode()[:-3]))


@pytest.mark.parametrize("content", [b"a,b\n\x00\x01\x02\xff", b"a,b\n1,\x00\x00\x00\n"])
def test_bytes_that_are_no_text_are_told(tmp_path, content):
    with pytest.raises(InvalidInput, match=r"a\.csv: the (file is no text|text is neither)"):
        read_table(write(tmp_path / "a.csv", content))


@pytest.mark.parametrize("lost", ["\ufffd\ufffd", "锟斤拷锟斤拷"])
def test_characters_that_were_lost_before_are_counted(tmp_path, lost):
    found = encoding_of(write(tmp_path / "a.csv", f"code,name\n1,{lost}\n".encode()))
    assert [str(note)[:26] for note in found.notes] == ["2 characters were lost bef"]
    assert encoding_of(write(tmp_path / "b.csv", LINES.encode())).notes == ()


def shapefile(folder, encoding, *, said):
    """A Shapefile whose texts are in one encoding and whose .cpg says another, or none."""
    shapes = [shapely.box(121 + n, 31, 122 + n, 32) for n in range(2)]
    frame = gpd.GeoDataFrame({"名称": NAMES[:2], "code": ["0113", "7"]}, geometry=shapes, crs=4326)
    frame.to_file(folder / "a.shp", encoding=encoding)
    (folder / "a.cpg").unlink()
    if said is not None:
        (folder / "a.cpg").write_text(said)
    return folder / "a.shp"


@pytest.mark.parametrize(
    ("encoding", "said", "is_wrong"),
    [
        ("GB18030", None, False),
        ("GB18030", "GBK", False),
        ("GB18030", "936", False),
        ("GB18030", "CP936", False),
        ("GB18030", "UTF-8", True),
        ("GB18030", "ISO-8859-1", True),
        ("GB18030", "ISO 88591", True),
        ("GB18030", "1252", True),
        ("UTF-8", None, False),
        ("UTF-8", "UTF-8", False),
        ("UTF-8", "utf8\n", False),
        ("UTF-8", "65001", False),
        ("UTF-8", "GBK", True),
        ("UTF-8", "ISO-8859-1", True),
    ],
)
def test_a_cpg_that_is_missing_or_wrong_makes_no_difference(tmp_path, encoding, said, is_wrong):
    table = read_table(shapefile(tmp_path, encoding, said=said))
    assert table.frame["名称"].tolist() == NAMES[:2]
    assert table.frame["code"].tolist() == ["0113", "7"]
    told = f"the .cpg file says {(said or '').strip()}, but the texts are {encoding}: read as that"
    assert [str(note) for note in table.notes] == [told] * is_wrong


def test_what_the_cpg_says_is_believed_where_it_fits():
    western = ["Düsseldorf".encode("latin-1"), "Köln Straße".encode("latin-1")]
    assert encoding_of_fields(western, "ISO-8859-1") == (None, False)
    assert encoding_of_fields([b"plain", b"ascii"], "GBK") == (None, False)
    big5 = ["幸福里社區".encode("big5")]
    assert encoding_of_fields(big5, "Big5") == (None, False)


@given(texts=st.lists(HANZI, min_size=3, max_size=20), width=st.integers(4, 30))
def test_fields_that_cut_a_character_still_show_their_encoding(texts, width):
    for encoding, name in (("utf-8", "UTF-8"), ("gb18030", "GB18030")):
        fields = [text.encode(encoding)[:width] for text in texts]
        found, is_wrong = encoding_of_fields(fields, None)
        assert not is_wrong
        if encoding == "utf-8":
            assert found == name


class OldName(zipfile.ZipInfo):
    """A member whose name is in the bytes of its packer's system, with no word of which, as of old."""

    encoding = "utf-8"

    def _encodeFilenameFlags(self):  # noqa: N802 - its name in the library
        return self.filename.encode(self.encoding), 0


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_in_an_archive_are_read_as_they_were_packed(tmp_path, encoding):
    shapefile(tmp_path, "GB18030", said=None)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for layer in ("网格", "楼栋"):
            for part in tmp_path.glob("a.[sdp]??"):
                info = OldName(f"数据/{layer}{part.suffix}")
                info.encoding = encoding
                archive.writestr(info, part.read_bytes())
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert "数据/网格.shp" not in archive.namelist()
        assert "数据/网格.shp" in {name_of(info) for info in archive.infolist()}
    with pytest.raises(InvalidInput, match="one layer is needed, name it; there are: 楼栋, 网格"):
        read_table(tmp_path / "b.zip")
    table = read_table(tmp_path / "b.zip", layer="网格")
    assert table.frame["名称"].tolist() == NAMES[:2]
    assert table.source == "b.zip"


def test_names_with_the_flag_are_taken_as_they_are(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("网格.shp", b"x")
        archive.writestr("plain.shp", b"x")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert [name_of(info) for info in archive.infolist()] == ["网格.shp", "plain.shp"]
