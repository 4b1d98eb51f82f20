"""A run as a whole: constant memory, a file that is whole or absent, protected pieces apart, bars only where due."""

import io
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from benches.letters import WORDING, rate, town_pieces
from tests.letters.finished import Finished
from todoku.sheets.form_layout import compile_layout
from todoku.sheets.forms import Piece, write_forms
from todoku.sheets.letter_sheets import LetterPiece, write_letters
from todoku.sheets.pdf_stream import BLOCK
from todoku.sheets.sheet_codes import SheetKind, qr_payload, read_payload
from todoku.sheets.sheet_run import PieceOrderRefused, ProtectedRefused
from todoku.sheets.wording import complete


class Nowhere(io.RawIOBase):
    """A file that forgets what is written."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        return len(data)


def test_memory_does_not_grow_with_the_run(fonts_dir: Path) -> None:
    """What 1,200 further forms leave behind in memory, the pieces handed over one by one, against what they weigh."""
    grown: list[int] = []

    def watched() -> Iterator[Piece]:
        for piece in town_pieces(2401):
            if piece.piece_no == 1201:
                tracemalloc.start()
            elif piece.piece_no == 2401:
                grown.append(tracemalloc.get_traced_memory()[0])
                tracemalloc.stop()
            yield piece

    result = write_forms(Nowhere(), watched(), WORDING, fonts_dir=fonts_dir, run_label="R0001")  # type: ignore[arg-type]
    assert result.pages == 4802
    # 8 bytes an object, and the few texts not met before; the pages themselves weigh 1.7 MB.
    assert grown[0] < 400_000


def test_a_run_longer_than_a_block_of_the_page_tree_keeps_its_order(fonts_dir: Path) -> None:
    pieces, out = list(town_pieces(BLOCK // 2 + 3)), io.BytesIO()
    write_forms(out, pieces, WORDING, fonts_dir=fonts_dir, run_label="R0001")
    pdf = Finished(out.getvalue())
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    assert len(pdf) == 2 * len(pieces) > BLOCK
    for at in (0, BLOCK // 2 - 1, BLOCK // 2, len(pieces) - 1):
        assert pdf.text_in(at * 2, boxes["piece"]).strip() == f"R0001-{pieces[at].piece_no:06d}"


def test_a_run_of_exactly_one_block_and_an_empty_run_are_whole_files(fonts_dir: Path) -> None:
    for count in (0, BLOCK // 2):
        out = io.BytesIO()
        result = write_forms(out, town_pieces(count), WORDING, fonts_dir=fonts_dir, run_label="R0001")
        assert result.pages == 2 * count
        assert out.getvalue().endswith(b"%%EOF\n")
    assert len(Finished(out.getvalue())) == BLOCK


def test_a_run_that_breaks_leaves_no_file(fonts_dir: Path, tmp_path: Path) -> None:
    def breaking() -> Iterator[Piece]:
        yield from town_pieces(3)
        raise RuntimeError("the source broke")

    with pytest.raises(RuntimeError):
        write_forms(tmp_path / "forms.pdf", breaking(), WORDING, fonts_dir=fonts_dir, run_label="R0001")
    assert list(tmp_path.iterdir()) == []


def test_a_protected_piece_never_rides_in_an_ordinary_run(fonts_dir: Path) -> None:
    ordinary, other = town_pieces(2)
    protected = other._replace(protected=True)
    with pytest.raises(ProtectedRefused) as refused:
        write_forms(io.BytesIO(), [ordinary, protected], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    assert "連番2" in refused.value.sentence and protected.addressee not in refused.value.sentence
    with pytest.raises(ProtectedRefused):
        write_forms(
            io.BytesIO(), [ordinary], WORDING, fonts_dir=fonts_dir, run_label="R0001", protected_run=True
        )
    alone = write_forms(
        io.BytesIO(), [protected], WORDING, fonts_dir=fonts_dir, run_label="R0001", protected_run=True
    )
    assert alone.pieces == 1


def test_a_piece_number_twice_is_refused(fonts_dir: Path) -> None:
    first, second = town_pieces(2)
    with pytest.raises(PieceOrderRefused) as refused:
        write_forms(
            io.BytesIO(),
            [first, second._replace(piece_no=1)],
            WORDING,
            fonts_dir=fonts_dir,
            run_label="R0001",
        )
    assert "連番1" in refused.value.sentence


@pytest.mark.parametrize(
    "change",
    [
        {"barcode_rest": ""},
        {"postal_code": "1008700"},  # 代表郵便番号
        {"postal_code": ""},  # not known
    ],
)
def test_no_bars_where_the_postal_manual_has_none(fonts_dir: Path, change: dict[str, str]) -> None:
    piece: Piece = next(town_pieces(1))._replace(**change)
    out = io.BytesIO()
    write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
    box = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)["bars"]
    assert Finished(out.getvalue()).text_in(0, box).strip() == ""


def test_an_organisation_keeps_its_own_honorific(fonts_dir: Path) -> None:
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    for addressee, shown in (("見本ホーム 御中", "見本ホーム 御中"), ("見本　太郎", "見本　太郎　様")):
        out = io.BytesIO()
        piece = next(town_pieces(1))._replace(addressee=addressee)
        write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
        assert Finished(out.getvalue()).text_in(0, boxes["name"]).strip() == shown


def test_a_masked_account_is_shown_and_its_absence_said(fonts_dir: Path) -> None:
    boxes = compile_layout("form", complete("form", WORDING), fonts_dir).on_page(1)
    for known, shown in (
        ("見本銀行　****321", "見本銀行　****321"),
        ("", "（登録済みの口座はありません。下にご記入ください）"),
    ):
        out = io.BytesIO()
        piece = next(town_pieces(1))._replace(account_known=known)
        write_forms(out, [piece], WORDING, fonts_dir=fonts_dir, run_label="R0001")
        assert Finished(out.getvalue()).text_in(0, boxes["account_known"]).strip() == shown


def test_the_payload_is_number_page_sheet_and_issue_and_nothing_else_is_ours() -> None:
    assert qr_payload("7400000079199", 3, SheetKind.MEMBERS, 12) == "74000000791990332"
    assert read_payload("74000000791990332") == ("7400000079199", 3, SheetKind.MEMBERS, 2)
    for other in (
        "7400000079199",
        "740000007919903",  # no kind of sheet, no issue
        "74000000791990002",  # page 0
        "74000000791990302",  # kind of sheet 0
        "https://example.jp/",
        "７４００００００７９１９９０３３２",
    ):
        assert read_payload(other) is None


def test_the_bench_measures_what_it_says(fonts_dir: Path) -> None:
    measured = rate(30, fonts_dir)
    assert measured.pages == 60
    assert measured.pages_per_s > 0 and measured.bytes_per_page > 0


def test_letters_of_protected_persons_are_apart_too(fonts_dir: Path) -> None:
    form = next(town_pieces(1))
    piece = LetterPiece(*form[:8], values=("令和8年12月1日",), items=("対象外のため。",), protected=True)
    with pytest.raises(ProtectedRefused):
        write_letters(io.BytesIO(), "refused", [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
