"""Which encoding a file has, and where it is broken."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.formats.encoding import BROKEN, EncodingRefused, decode_lines, sniff

TEXT = "宛名番号,氏名\r\n0000000001,髙﨑　太郎\r\n0000000002,德濵　花子①～－\r\n"
GAIJI = b"0000000003,\xf0\x40\x8e\x52\r\n"  # a vendor's own character, then 山


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig"])
def test_the_encoding_is_found_and_the_text_comes_back(encoding: str) -> None:
    data = TEXT.encode(encoding)
    assert sniff(data) == encoding
    assert "".join(decode_lines(data, sniff(data))) == TEXT
    assert list(decode_lines(io.BytesIO(data), sniff(data))) == list(decode_lines(data, sniff(data)))


def test_plain_ascii_is_read_either_way() -> None:
    assert sniff(b"a,b\r\n1,2\r\n") == "utf-8"
    assert sniff(b"") == "utf-8"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
def test_one_broken_byte_does_not_change_the_encoding_and_is_named(encoding: str) -> None:
    lines = TEXT.encode(encoding).split(b"\r\n")
    lines[1] = lines[1].replace(b",", b",\x81\x20", 1)
    data = b"\r\n".join(lines)
    assert sniff(data) == encoding
    with pytest.raises(EncodingRefused) as refused:
        list(decode_lines(data, sniff(data)))
    assert (refused.value.line, refused.value.byte) == (2, 12)
    assert "2行目の12バイト目" in refused.value.sentence
    marked = list(decode_lines(data, sniff(data), mark_broken=True))
    assert [BROKEN.search(line) is not None for line in marked[:3]] == [False, True, False]


def test_vendor_characters_are_kept() -> None:
    data = TEXT.encode("cp932") + GAIJI
    assert sniff(data) == "cp932"
    last = list(decode_lines(data, "cp932"))[3]
    assert last == "0000000003,\ue000山\r\n"
    assert last.encode("cp932") == GAIJI


@pytest.mark.parametrize("byte", [b"\x80", b"\xa0", b"\xfd", b"\xff", b"\x00"])
def test_bytes_that_are_no_character_are_refused_although_the_codec_lets_them_through(byte: bytes) -> None:
    with pytest.raises(EncodingRefused):
        list(decode_lines("氏名".encode("cp932") + byte, "cp932"))


@pytest.mark.parametrize(
    ("data", "says"),
    [(TEXT.encode("utf-16"), "UTF-16"), (b"PK\x03\x04rest", "CSV"), (b"%PDF-1.7", "CSV")],
)
def test_what_is_no_text_file_is_refused_with_the_remedy(data: bytes, says: str) -> None:
    with pytest.raises(EncodingRefused) as refused:
        sniff(data)
    assert says in refused.value.sentence
    assert refused.value.sentence.endswith("ください。")


def test_a_long_file_is_read_block_by_block_without_losing_a_line() -> None:
    data = "".join(f"{number},髙﨑　太郎\r\n" for number in range(200_000)).encode("cp932")
    assert len(data) > 3_000_000
    for source in (data, io.BytesIO(data)):
        lines = list(decode_lines(source, "cp932"))
        assert len(lines) == 200_000
        assert lines[-1] == "199999,髙﨑　太郎\r\n"


@given(
    st.lists(st.text("あ亜ｱaA1 ", max_size=9), min_size=1, max_size=5), st.sampled_from(["cp932", "utf-8"])
)
def test_lines_come_back_as_they_were(lines: list[str], encoding: str) -> None:
    data = "".join(line + "\n" for line in lines).encode(encoding)
    assert list(decode_lines(data, encoding)) == [line + "\n" for line in lines]  # type: ignore[arg-type]
