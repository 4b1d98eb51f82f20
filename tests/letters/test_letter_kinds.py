"""Notices, requests and decisions: each kind prints its table, its list and its words, with the codes of any sheet."""

import csv
import io
from pathlib import Path

import pytest

from benches.letters import WORDING, town_pieces
from tests.letters.finished import Finished, squeezed
from todoku.case.door_keys import shown_key
from todoku.formats.codes import printed_number
from todoku.formats.post_barcode import bars
from todoku.sheets.form_layout import MM, compile_layout
from todoku.sheets.letter_sheets import LetterPiece, enclosed, write_letters
from todoku.sheets.manifest import ManifestFile
from todoku.sheets.read_back import Expected, read_back
from todoku.sheets.sheet_codes import SheetKind, read_payload
from todoku.sheets.wording import complete

MISSING = (
    "本人確認書類の写しが入っていませんでした。運転免許証、マイナンバーカード（おもて面だけ）などのうち、どれか1つの写しをお送りください。",
    "口座名義（フリガナ）が空白となっております。ご記入ください。",
    "署名がありませんでした。",
)
RETURNED = ("令和8年12月11日 必着", "署名の用紙、口座の届出書、貼付台紙、代理手続申立書、返信用封筒")
KINDS = {
    "push_notice": (
        ("50,000円", "見本銀行　本店　普通　****321", "令和8年12月18日", "令和8年12月4日 必着"),
        (),
        2,
    ),
    "return": (RETURNED, MISSING, 5),
    "return_reminder": (
        ("令和9年1月15日 必着", "署名の用紙、口座の届出書、貼付台紙、代理手続申立書、返信用封筒"),
        MISSING,
        5,
    ),
    "acknowledgement": (("令和8年12月1日", "1234-5678-9012"), (), 1),
    "decline_form": (("令和8年12月25日", "辞退届、返信用封筒"), (), 2),
    "proxy_form": (("令和8年12月25日", "代理手続申立書、返信用封筒"), (), 2),
    "account_form": (("令和8年12月25日", "口座の届出書、返信用封筒"), (), 2),
    "transfer_failed": (
        ("50,000円", "見本銀行　本店　普通　****321", "口座の名義がちがう", "令和8年12月25日 必着"),
        (),
        2,
    ),
    "granted": (("令和8年12月1日", "50,000円", "見本銀行　本店　普通　****321", "令和8年12月18日"), (), 1),
    "refused": (("令和8年12月1日",), ("世帯のどなたかに市民税均等割が課税されていたため。",), 1),
    "return_dropped": (("令和8年12月1日", "令和8年12月15日"), (), 1),
    "terms_changed": (
        ("お支払いする額が変わりました", "100,000円", "90,000円", "令和8年12月15日"),
        ("制度の定めの変更によるものです。", "お済みの方の手続はいりません。"),
        1,
    ),
    "objection_answer": (
        ("再審査の申出", "令和8年12月1日", "決定のとおりとします", "令和8年12月8日"),
        ("課税の状況を改めて確かめ、均等割が課税されていました。", "先にお知らせした決定は変わりません。"),
        1,
    ),
    "claim_notice": (("30,000円", "令和8年12月25日", "00000000018", "支給額の誤り"), (), 2),
    "claim_reminder": (("30,000円", "令和9年1月29日", "00000000018", "令和8年12月25日"), (), 2),
    "claim_call": (("10,000円", "令和9年3月1日", "00000000018", "令和8年12月25日"), (), 2),
    "claim_plan": (
        ("30,000円（3回に分けて）", "令和9年2月26日から令和9年4月30日まで", "00000000018"),
        (
            "第1回　令和9年2月26日まで　10,000円",
            "第2回　令和9年3月31日まで　10,000円",
            "第3回　令和9年4月30日まで　10,000円",
        ),
        2,
    ),
}
# The kinds whose second page is no letter.
CLAIMS = ("claim_notice", "claim_reminder", "claim_call", "claim_plan")
ANSWER = (SheetKind.FORM, SheetKind.ACCOUNT, SheetKind.ATTACHMENTS, SheetKind.REPRESENTATIVE)
SHEETS_BACK = {
    "push_notice": (SheetKind.ACCOUNT,),
    "transfer_failed": (SheetKind.ACCOUNT,),
    "account_form": (SheetKind.ACCOUNT,),
    "return": ANSWER,
    "return_reminder": ANSWER,
    "decline_form": (SheetKind.DECLINE,),
    "proxy_form": (SheetKind.REPRESENTATIVE,),
    **dict.fromkeys(CLAIMS, (SheetKind.SLIP,)),
}


KINDS_OF_CARDS = {"reminder": (("令和8年12月25日（消印有効）",), ())}


def letter(values: tuple[str, ...], items: tuple[str, ...]) -> LetterPiece:
    form = next(town_pieces(1))
    return LetterPiece(*form[:8], values=values, items=items)


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_says_all_it_has_to_say(fonts_dir: Path, kind: str) -> None:
    values, items, pages = KINDS[kind]
    piece, out, words = letter(values, items), io.BytesIO(), complete(kind, WORDING)
    result = write_letters(out, kind, [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
    pdf, boxes = Finished(out.getvalue()), compile_layout("letter", words, fonts_dir).on_page(1)
    assert (len(pdf), result.pages) == (pages, pages)
    for i, value in enumerate(values):
        assert pdf.text_in(0, boxes[f"value_{i}"]).strip() == value
    whole = squeezed(pdf.text(0))
    for sentence in (
        *items,
        words["title"],
        *words["paragraphs"],
        *words["after"],
        *words["rows"],
        words["phone"],
    ):
        assert squeezed(sentence) in whole
    assert pdf.text_in(0, boxes["number"]).strip() == printed_number(piece.number)
    assert pdf.text_in(0, boxes["bars"]).strip() == bars(piece.postal_code, piece.barcode_rest)
    for page in range(pages):
        sheet = (SheetKind.LETTER, *SHEETS_BACK.get(kind, ()))[page]
        assert read_payload(pdf.qr(page, boxes["qr"])) == (piece.number, page + 1, sheet, piece.issue)
    assert (squeezed(shown_key(piece.key)) in whole) == bool(words["online_title"])


@pytest.mark.parametrize(
    ("back", "sheets"),
    [
        ((), ()),
        (("attach",), (SheetKind.ATTACHMENTS,)),
        (("account",), (SheetKind.ACCOUNT,)),
        (("sign", "attach"), (SheetKind.FORM, SheetKind.ATTACHMENTS)),
    ],
)
def test_a_returned_application_is_sent_only_the_sheets_that_it_lacks(
    fonts_dir: Path, back: tuple[str, ...], sheets: tuple[SheetKind, ...]
) -> None:
    values = ("令和8年12月11日 必着", enclosed(back))
    piece, out = (
        letter(values, MISSING)._replace(back=back, fields=(("ask_identity", "運転免許証の写し"),)),
        io.BytesIO(),
    )
    write_letters(out, "return", [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
    pdf = Finished(out.getvalue())
    box = compile_layout("letter", complete("return", WORDING), fonts_dir).on_page(1)["qr"]
    read = [read_payload(pdf.qr(page, box)) for page in range(len(pdf))]
    assert [code.sheet for code in read if code] == [SheetKind.LETTER, *sheets]
    assert squeezed(enclosed(back)) in squeezed(pdf.text(0)) and "返信用封筒" in enclosed(back)
    assert ("運転免許証の写し" in "".join(pdf.text(page) for page in range(1, len(pdf)))) == (
        "attach" in back
    )


def test_a_reminder_is_a_postcard_without_key_and_without_amount(fonts_dir: Path) -> None:
    (values, items), words, out = KINDS_OF_CARDS["reminder"], complete("reminder", WORDING), io.BytesIO()
    piece = letter(values, items)
    result = write_letters(out, "reminder", [piece], WORDING, fonts_dir=fonts_dir, run_label="H0001")
    pdf, layout = Finished(out.getvalue()), compile_layout("postcard", words, fonts_dir)
    assert [round(side / MM) for side in pdf.size(0)] == [100, 148] and result.pages == len(pdf) == 2
    assert pdf.text_in(0, layout.on_page(1)["name"]).strip() == f"{piece.addressee}　様"
    assert pdf.text_in(0, layout.on_page(1)["bars"]).strip() == bars(piece.postal_code, piece.barcode_rest)
    assert pdf.text_in(1, layout.on_page(2)["value_0"]).strip() == values[0]
    for page in range(2):
        code = read_payload(pdf.qr(page, layout.on_page(page + 1)["qr"], 300))
        assert code == (piece.number, page + 1, SheetKind.LETTER, piece.issue)
    said = squeezed(pdf.text(0) + pdf.text(1))
    assert (
        squeezed(shown_key(piece.key)) not in said and "円" not in said and squeezed(words["title"]) in said
    )


def test_the_notice_of_declining_names_who_declines_and_how_much(fonts_dir: Path) -> None:
    values, items, _ = KINDS["decline_form"]
    piece, out = letter(values, items)._replace(fields=(("decline_amount", "50,000円"),)), io.BytesIO()
    write_letters(out, "decline_form", [piece], WORDING, fonts_dir=fonts_dir, run_label="J0001")
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("letter", complete("decline_form", WORDING), fonts_dir).on_page(7),
    )
    assert pdf.text_in(1, boxes["decline_name"]).strip() == f"{piece.addressee}　様"
    assert pdf.text_in(1, boxes["decline_amount"]).strip() == "50,000円"
    assert "受け取らないことを届け出ます" in squeezed(pdf.text(1)) and "返送する" in pdf.text(1)


def test_the_statement_of_a_representative_names_whom_it_stands_in_for(fonts_dir: Path) -> None:
    values, items, _ = KINDS["proxy_form"]
    piece, out = letter(values, items), io.BytesIO()
    write_letters(out, "proxy_form", [piece], WORDING, fonts_dir=fonts_dir, run_label="J0002")
    box = compile_layout("letter", complete("proxy_form", WORDING), fonts_dir).on_page(8)["proxy_principal"]
    assert Finished(out.getvalue()).text_in(1, box).strip() == f"{piece.addressee}　様"


@pytest.mark.parametrize("kind", ["claim_notice", "claim_reminder", "claim_call"])
def test_a_claim_carries_its_payment_slip_in_two_parts_and_no_key(fonts_dir: Path, kind: str) -> None:
    values, items, _ = KINDS[kind]
    piece, out = letter(values, items), io.BytesIO()
    write_letters(out, kind, [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
    pdf, boxes = (
        Finished(out.getvalue()),
        compile_layout("letter", complete(kind, WORDING), fonts_dir).on_page(5),
    )
    for part in ("slip", "copy"):
        shown = [
            pdf.text_in(1, boxes[f"{part}_{name}"]).strip()
            for name in ("name", "value_0", "value_1", "value_2")
        ]
        assert shown == [f"{piece.addressee}　様", *values[:3]]
    assert "領収証書" in pdf.text(1) and "納付書" in pdf.text(1)
    assert squeezed(shown_key(piece.key)) not in squeezed(pdf.text(0) + pdf.text(1))


def test_a_plan_of_sixty_parts_carries_a_slip_for_each(fonts_dir: Path) -> None:
    words, out = complete("claim_plan", WORDING), io.BytesIO()
    values, _, _ = KINDS["claim_plan"]
    slips = tuple(
        (f"{1_000 + n:,}円", f"令和{9 + n // 12}年{n % 12 + 1}月26日", f"00000000018（第{n + 1}回／全60回）")
        for n in range(60)
    )
    items = tuple(f"第{n + 1}回　{day}まで　{yen}" for n, (yen, day, _) in enumerate(slips))
    piece = letter(values, items)._replace(slips=slips)
    result = write_letters(out, "claim_plan", [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
    pdf, boxes = Finished(out.getvalue()), compile_layout("letter", words, fonts_dir).on_page(5)
    assert result.tight == [] and result.undrawable == []
    first = len(pdf) - 60
    for part in ("slip", "copy"):
        shown = [
            tuple(pdf.text_in(first + n, boxes[f"{part}_value_{i}"]).strip() for i in range(3))
            for n in range(60)
        ]
        assert shown == list(slips)
    listed = squeezed("".join(pdf.text(page) for page in range(first)))
    assert [item for item in items if squeezed(item) not in listed] == []
    assert read_payload(pdf.qr(len(pdf) - 1, boxes["qr"])) == (
        piece.number,
        len(pdf),
        SheetKind.SLIP,
        piece.issue,
    )


def test_a_long_list_goes_on_overleaf_and_no_sentence_is_lost_or_torn(fonts_dir: Path) -> None:
    items = tuple(f"{i}番目の書類について。{MISSING[i % 3]}" for i in range(30))
    out = io.BytesIO()
    result = write_letters(
        out, "return", [letter(RETURNED, items)], WORDING, fonts_dir=fonts_dir, run_label="L0001"
    )
    pdf = Finished(out.getvalue())
    assert result.pages == len(pdf) == 7  # the letter, two pages of list, the four sheets that come back
    assert result.tight == []
    texts = [squeezed(pdf.text(page)) for page in range(3)]
    for item in items:
        assert sum(squeezed(item) in text for text in texts) == 1
    assert ["次のページに続きます" in text for text in texts] == [True, True, False]


def test_one_endless_sentence_is_broken_over_pages_rather_than_narrowed(fonts_dir: Path) -> None:
    item = "まだ続く文、" * 119 + "ここで終わる文です。"
    out = io.BytesIO()
    result = write_letters(
        out,
        "return",
        [letter(RETURNED, (item,))],
        WORDING,
        fonts_dir=fonts_dir,
        run_label="L0001",
    )
    pdf = Finished(out.getvalue())
    layout = compile_layout("letter", complete("return", WORDING), fonts_dir)
    listed = [pdf.text_in(page, layout.on_page(min(page + 1, 2))["items"]) for page in range(len(pdf) - 4)]
    assert squeezed("".join(listed)).replace("（次のページに続きます）", "") == "□" + item
    assert result.tight == []


@pytest.mark.parametrize("kind", ["return", "push_notice", "transfer_failed"])
def test_the_page_that_comes_back_does_not_bear_the_key(fonts_dir: Path, kind: str) -> None:
    values, items, pages = KINDS[kind]
    piece, out = letter(values, items), io.BytesIO()
    write_letters(out, kind, [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001")
    pdf = Finished(out.getvalue())
    said = [
        ("返送する" in pdf.text(page), squeezed(shown_key(piece.key)) in squeezed(pdf.text(page)))
        for page in range(pages)
    ]
    assert said == [(False, True), *[(True, False)] * (pages - 1)]


def test_a_letter_whose_table_is_not_filled_is_a_bug(fonts_dir: Path) -> None:
    with pytest.raises(AssertionError, match="rows"):
        write_letters(
            io.BytesIO(),
            "granted",
            [letter(("令和8年",), ())],
            WORDING,
            fonts_dir=fonts_dir,
            run_label="L0001",
        )


def test_the_appeal_is_printed_where_the_programme_has_one(fonts_dir: Path) -> None:
    values, items, _ = KINDS["refused"]
    appeal = (
        "この決定に不服があるときは、受け取った日の翌日から3か月以内に、{mayor}に対して審査請求ができます。"
    )
    out = io.BytesIO()
    wording = {**WORDING, "appeal": appeal}
    write_letters(out, "refused", [letter(values, items)], wording, fonts_dir=fonts_dir, run_label="L0001")
    assert squeezed("見本市長に対して審査請求ができます。") in squeezed(Finished(out.getvalue()).text(0))


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_of_a_letter_is_read_back_as_its_recipients(fonts_dir: Path, kind: str) -> None:
    values, items = KINDS[kind][:2]
    piece, out, lines = letter(values, items), io.BytesIO(), io.StringIO()
    manifest = ManifestFile(lines, "L0001")
    result = write_letters(
        out, kind, [piece], WORDING, fonts_dir=fonts_dir, run_label="L0001", manifest=manifest
    )
    told = next(csv.DictReader(io.StringIO(lines.getvalue())))
    expected = Expected(
        piece.piece_no, piece.number, piece.issue, piece.postal_code, "".join(piece.address_lines), piece.addressee,
        piece.barcode_rest, int(told["pages"]), shown_key(piece.key), (), told["hand_work"],
    )  # fmt: skip
    stranger = expected._replace(key="0000 - 0000", name="見本　花子")
    for person, wrong in ((expected, False), (stranger, True)):
        found = read_back(out, [person], result.boxes, run_label="L0001", honorific=result.honorific)
        assert bool(found.wrong) == wrong
        assert found.pages == result.pages
