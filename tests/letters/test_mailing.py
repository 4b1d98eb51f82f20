"""The terms of a mailing: every mistake at once with its remedy; and numbers that hide no My Number."""

from datetime import date

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from todoku.commands.letters_parcel_example import TERMS_TEXT
from todoku.formats.codes import case_number_valid, contains_my_number
from todoku.formats.mailing_list import MailRow
from todoku.sheets.mailing_run import ROWS_MAX, TooLong, numbered, print_mailing
from todoku.sheets.mailing_terms import TermsRefused, parse

SECRET = pyrage.x25519.Identity.generate()
TEXT = (
    TERMS_TEXT.replace("{key}", str(SECRET.to_public()))
    .replace("{on}", "2026-12-01")
    .replace("{until}", "2027-11-30")
)


def test_the_sample_says_all_that_can_be_said() -> None:
    terms = parse(TEXT)
    assert (terms.label, terms.posted_on, terms.setup.outer.code) == ("M00001", date(2026, 12, 1), "naga3")
    assert terms.setup.reply is not None and terms.setup.reply.code == "naga40"
    assert terms.permit is not None and terms.permit.box_number == "215"
    assert terms.posting.sorts_by == {"district"} and terms.posting.days == 3
    assert terms.own.reply_surcharge_yen is None
    own = (
        TEXT.replace("# [own_prices]", "[own_prices]")
        .replace("# local_", "local_")
        .replace("# reply_s", "reply_s")
    )
    assert parse(own).own.local_yen == {("standard", 50): 0}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('label = "M00001"', 'label = "第1回"', "label: ロットの名になりません。英大文字1字と数字5桁"),
        (
            'envelope = "naga3"',
            'envelope = "naga33"',
            "enclose.envelope: 「naga33」という値はありません。「naga3」の書き誤り",
        ),
        ("days = 3", "days = 5", "posting.days: 0、3、7のどれでもありません"),
        ("days = 3", "days = true", "posting.days: 整数ではありません"),
        ("tray = 250", "tray = 0", "enclose.tray: 1より小さい数です"),
        ("on = 2026-12-01", 'on = "12月"', "posting.on: 2026-12-01 の形の日付ではありません"),
        ('sorts_by = ["district"]', 'sorts_by = ["distrit"]', "「district」の書き誤り"),
        ('public_key = "age1', 'public_key = "ago1', "printer.public_key: 公開鍵として読めません"),
        ('names = ["見本市", "給付金事務局"]', "names = []", "sender.names: 1つもありません"),
        ("[sender]", "[sendr]", "sendr: この項目はありません"),
        ("thickness_mm = 0.2", "thick = 0.2", "enclose.leaflets: 同封物になりません"),
        ("[printer]", "[[printer]]", "printer: 表ではありません"),
    ],
)
def test_each_mistake_is_named_with_its_remedy(old: str, new: str, says: str) -> None:
    assert old in TEXT
    with pytest.raises(TermsRefused) as refused:
        parse(TEXT.replace(old, new, 1))
    assert says in refused.value.sentence


def test_all_mistakes_are_named_at_once_and_a_reply_envelope_needs_its_approval() -> None:
    text = TEXT.replace('label = "M00001"', 'label = ""').replace("days = 3", "days = 1")
    text = text[: text.index("\n[reply_permit]")]
    with pytest.raises(TermsRefused) as refused:
        parse(text)
    assert {one.key for one in refused.value.mistakes} == {"label", "posting.days", "reply_permit"}


@given(
    st.lists(st.sampled_from(("1000001", "1000005", "0600041")), min_size=1, max_size=60),
    st.text("あいう", max_size=3),
)
def test_every_row_gets_a_number_of_its_own_without_a_my_number_in_it(codes: list[str], name: str) -> None:
    rows = [MailRow(line, "", name, code, "住所", "") for line, code in enumerate(codes, 2)]
    found = numbered(rows)
    assert [one.piece_no for one in found] == list(range(1, len(rows) + 1))
    assert [one.row.postal_code for one in found] == sorted(codes)
    assert len({one.number for one in found}) == len(rows)
    assert all(case_number_valid(one.number) and not contains_my_number(one.number) for one in found)
    assert found == numbered(list(reversed(rows)))


def test_more_rows_than_fit_in_memory_are_refused_with_what_to_do() -> None:
    row = MailRow(2, "", "見本", "1000001", "住所", "")
    with pytest.raises(TooLong, match="郵便番号で分けた一覧"):
        print_mailing([row] * (ROWS_MAX + 1), parse(TEXT), fonts_dir="")
