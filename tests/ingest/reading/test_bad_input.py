"""What is no readable table is refused in one line that says what was found, what was expected, and where."""

import re

import pytest

from events.errors import Rejected
from services.ingest.codes.grammars import read
from services.ingest.sources.text import TooLarge, UnreadableSource, decode
from tests.ingest.reading.facts import DIRECTED
from tests.ingest.reading.test_shipped_table import SHIPPED
from tests.ingest.typesetter import generated_rows, typeset

BYTES = SHIPPED.read_bytes()
TEXT = BYTES.decode()


def refused(data: bytes, most: int = 1_000_000) -> str:
    with pytest.raises(Rejected) as caught:
        read(decode(data, most), "sec")
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


@pytest.mark.parametrize("data", [b"", b"   \r\n\t ", b"\xef\xbb\xbf", b"\xef\xbb\xbf \n"])
def test_an_empty_source_is_called_empty(data: bytes) -> None:
    assert "empty" in refused(data)


def test_a_nul_byte_is_named_with_its_place() -> None:
    message = refused(BYTES[:200] + b"\0" + BYTES[200:])
    assert "NUL" in message
    assert "byte 200" in message


@pytest.mark.parametrize(
    "magic", [b"%PDF-1.7\n1 0 obj", b"PK\x03\x04\x14\x00", b"\x1f\x8b\x08\x00", b"\x89PNG\r\n\x1a\n\x00\x00"]
)
def test_another_format_is_no_text(magic: bytes) -> None:
    assert "expected UTF-8 text" in refused(magic + BYTES)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_characters_are_refused(encoding: str) -> None:
    assert "expected UTF-8" in refused(TEXT.encode(encoding))


def test_a_byte_of_another_encoding_is_named_with_its_place() -> None:
    data = TEXT.replace("•", "-").encode("cp1252")
    first = next(at for at, byte in enumerate(data) if byte > 127)
    message = refused(data)
    assert f"byte {first} " in message
    assert "0x96" in message
    line = data[:first].count(b"\n") + 1
    assert f"line {line}," in message


def test_a_byte_order_mark_is_left_out_and_counted_in_the_place_of_a_bad_byte() -> None:
    assert decode(b"\xef\xbb\xbf" + BYTES, 1_000_000) == TEXT
    assert "byte 13 " in refused(b"\xef\xbb\xbf" + b"0123456789" + b"\xff" + BYTES)


def test_a_character_cut_at_the_end_is_refused() -> None:
    assert "UTF-8" in refused("VERSION CONTROL –".encode()[:-1])


def test_decoding_changes_nothing() -> None:
    text = " A\r\n\r\fB\u00a0\u2028•\t"
    assert decode(text.encode(), 100) == text


def test_a_source_over_the_limit_names_both_sizes() -> None:
    with pytest.raises(TooLarge) as caught:
        decode(BYTES, len(BYTES) - 1)
    assert str(len(BYTES)) in str(caught.value)
    assert str(len(BYTES) - 1) in str(caught.value)
    assert decode(BYTES, len(BYTES)) == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "Dear all,\n\nplease find enclosed the minutes.\n",
        "a,b,c\n1,2,3\n",
        '{"versions": []}',
        "Version Number\n",
        "x",
        "4.1 26th January 2015 Modifications to SEC version 4.0\n",
        "•" * 50,
    ],
)
def test_a_text_that_is_no_such_table_says_what_was_expected(text: str) -> None:
    message = refused(text.encode())
    assert "version-control table" in message
    assert "expected" in message


def test_headings_with_no_row_under_them_are_no_table() -> None:
    assert "no row" in refused(TEXT[: TEXT.index("1.0 23rd")].encode())


def test_another_code_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Rejected, match=re.escape("'dcusa'")) as caught:
        read(TEXT, "dcusa")
    assert "sec" in str(caught.value)


ROW = (
    "5.16 31st May 2018 Modifications to SEC \n\nversion 5.15 as directed \n\nby the Secretary of \n\n"
    "State pursuant to \n\nSection 88(1) of the\n\nEnergy Act 2008"
)
CUTS = {
    "after the label": "5.16",
    "in the date": "31st May",
    "after the date": "2018",
    "in the reason": "Secretary of",
    "before a legal basis": "pursuant to",
    "in a legal basis": "88(1) of the",
    "after the reason": "Act 2008",
}


@pytest.mark.parametrize("name", CUTS)
def test_a_table_cut_in_its_last_row_is_refused_with_the_place(name: str) -> None:
    whole = TEXT[: TEXT.index("5.16 31st")]
    message = refused((whole + ROW[: ROW.index(CUTS[name]) + len(CUTS[name])]).encode())
    assert "cut" in message
    assert "5.16" in message
    assert "expected" in message


@pytest.mark.parametrize(
    "end", ["designates Schedule 11 and", "The Secretary of", "designation of a new Section", "Section F, Section"]
)
def test_a_table_cut_in_the_middle_of_its_overview_is_refused(end: str) -> None:
    flat = re.sub(r"\n\n", "\n", TEXT)
    at = re.search(end.replace(" ", r"\s+"), flat)
    assert at is not None
    assert "cut" in refused(flat[: at.end()].encode())


def test_the_real_table_cut_after_any_row_reads_up_to_there() -> None:
    for label in ("2.0 31st", "4.8 10th", "5.0 8th", "5.13 1st"):
        reading = read(TEXT[: TEXT.index(label)], "sec")
        assert reading.versions[-1].label != label.split()[0]
        assert reading.unread == ()


def test_ten_thousand_rows_are_read_and_one_more_is_too_many() -> None:
    rows = [f"{at} 3rd March 2019 {DIRECTED} \n\nWidgets \n\n" for at in range(1, 10_002)]
    head = TEXT[: TEXT.index("1.0 23rd")]
    assert len(read(head + "".join(rows[:-1]), "sec").versions) == 10_000
    with pytest.raises(TooLarge) as caught:
        read(head + "".join(rows), "sec")
    assert "10001" in str(caught.value)
    assert "10000" in str(caught.value)


def test_a_refusal_is_one_that_the_edge_knows() -> None:
    assert issubclass(UnreadableSource, Rejected)
    assert issubclass(TooLarge, Rejected)


def test_rows_to_measure_with_are_read() -> None:
    assert len(read(typeset(generated_rows(50, 3)), "sec").versions) == 50
