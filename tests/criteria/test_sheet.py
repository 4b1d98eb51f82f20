"""One digest covers everything by which a Version is judged; a changed word is named beside what was signed."""

from datetime import date
from pathlib import Path

import pypdfium2
import pytest

from todoku.criteria import sheet as sheets
from todoku.criteria.changes import changed_parts
from todoku.criteria.sections import sections
from todoku.criteria.sheet_pdf import sheet_pdf
from todoku.ground.places import var
from todoku.programme.reschedule import reschedule
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.vocabulary import CHECK_CODES

TEXT = version_text("bukkadaka-2024")
GUIDE = Path(__file__).resolve().parents[2] / "docs/how-to/agree-on-criteria.md"
OWN = '\n[criteria.codes.D20]\ncriterion = "本人確認書類が1点あること。"\n'
BROKEN = (
    '\n[[application]]\nname = "合わない例"\ntells = "署名がない。"\n'
    'facts = { signed = false, channel = "paper" }\nexpected = {}\ndecides = "passes"\n'
)


def made(text=TEXT, **changed):
    return sheets.build(text, **({"municipality": "見本市", "version": 1} | changed))


def digest(text=TEXT, **changed):
    return sheets.digest(sheets.canonical(made(text, **changed)))


def test_the_same_text_has_the_same_digest_and_any_other_another():
    assert digest() == digest()
    others = {
        digest(),
        digest(TEXT + "\n"),
        digest(TEXT + OWN),
        digest(version=2),
        digest(municipality="別市"),
    }
    assert len(others) == 5


def test_another_edition_of_checks_or_codes_has_another_digest():
    sheet = made()
    other_code = (sheet.criteria[0]._replace(told="別の文。"), *sheet.criteria[1:])
    others = {
        sheets.digest(sheets.canonical(one))
        for one in (sheet, sheet._replace(rules=sheet.rules + 1), sheet._replace(criteria=other_code))
    }
    assert len(others) == 3


def test_a_changed_criterion_is_named_with_both_wordings():
    parts = changed_parts(sheets.canonical(made()), sheets.canonical(made(TEXT + OWN)))
    named = {part.title: part for part in parts}
    assert set(named) == {"審査基準「D20 本人確認書類なし」", "制度の定義の文"}
    one = named["審査基準「D20 本人確認書類なし」"]
    assert (
        one.kind == "変更"
        and one.after == ("基準：本人確認書類が1点あること。",)
        and one.anchor == "criteria-D20"
    )
    assert 'criterion = "本人確認書類が1点あること。"' in named["制度の定義の文"].after


def test_what_came_and_what_went_is_told_apart():
    kinds = {
        part.title: part.kind
        for part in changed_parts(sheets.canonical(made()), sheets.canonical(made(TEXT + BROKEN)))
    }
    assert kinds["申請の例「合わない例」"] == "追加"
    back = {
        part.title: part.kind
        for part in changed_parts(sheets.canonical(made(TEXT + BROKEN)), sheets.canonical(made()))
    }
    assert back["申請の例「合わない例」"] == "削除"
    assert changed_parts(sheets.canonical(made()), sheets.canonical(made())) == ()


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_about_the_terms_has_a_label_of_its_own_and_says_something(slug):
    about = made(version_text(slug)).about
    assert len({label for label, _ in about}) == len(about)
    assert [label for label, value in about if not value] == []


def test_what_is_due_to_whom_is_signed_with_the_criteria():
    about = dict(made(version_text("kakaku-juten-2023")).about)
    assert "70,000円" in about["支給額"]
    assert "100,000円" in about["支給額（住民税均等割のみが課税される世帯）"]
    assert "50,000円" in about["第2回の支給「こども加算」"]
    assert about["二人目の審査"] == "一人目の判定を見ない"


def test_another_sampling_rate_is_named_in_plain_words():
    parts = changed_parts(
        sheets.canonical(made()),
        sheets.canonical(made(TEXT.replace("sample_percent = 5", "sample_percent = 8"))),
    )
    assert [(part.title, part.after) for part in parts][0] == (
        "抜取り",
        ("人の審査を要しない申請の8%を人が見る",),
    )


def test_what_the_guide_prints_is_read_and_comes_out_as_written():
    sheet = made(TEXT + "\n" + GUIDE.read_text().split("```toml\n")[1].split("```")[0])
    assert sheet.failing == ()
    assert [one.name for one in sheet.applications if one.own] == ["申請の後に亡くなった方（二人で判断）"]
    assert [one.code for one in sheet.criteria if one.own] == ["D43"]


def test_an_example_that_fails_is_named_on_the_sheet():
    assert made().failing == ()
    assert made(TEXT + BROKEN).failing == ("合わない例",)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_of_the_sheet_has_a_place_of_its_own(slug):
    shown = sections(made(version_text(slug)))
    anchors = [line.anchor for section in shown for line in section.lines]
    assert len(set(anchors)) == len(anchors) and all(anchor.isascii() for anchor in anchors)
    assert all(
        len(line.cells) == len(section.columns) == len(section.widths)
        for section in shown
        for line in section.lines
    )


def test_what_no_example_shows_is_listed_with_its_reason():
    found = {(one.kind, one.name.split()[0]): one.why for one in made().uncovered}
    assert found["審査基準", "D01"].startswith("人が見て")
    assert any(kind == "訂正" for kind, _ in found)
    off = made(TEXT.replace("[review.checks]\n", '[review.checks]\nD15 = "off"\n')).uncovered
    assert ("審査基準", "D15", "この制度では確認しない") in [
        (one.kind, one.name.split()[0], one.why) for one in off
    ]


def test_a_change_that_the_terms_leave_open_is_listed_as_asked_of_the_municipality():
    line = '[[eligibility.change]]\nevent = "household_changed"\nwho = "member"\n'
    assert TEXT.count(line) == 1
    start = TEXT.index(line)
    end = TEXT.index("\n[[", start + len(line))
    without = TEXT[:start] + TEXT[end + 1 :]
    cut = without.index('[[example]]\nname = "世帯員が結婚して世帯を移った"')
    without = without[:cut] + without[cut:].partition("\n\n")[2]
    left = [one.name for one in made(without).uncovered if one.why.startswith("定めがない（自治体")]
    assert left and all(name.startswith("世帯の変更・世帯主以外の世帯員") for name in left)
    assert [one for one in made().uncovered if one.why.startswith("定めがない（自治体")] == []


@pytest.mark.parametrize(("opens", "past"), [(date(2025, 2, 3), False), (date(2026, 11, 24), True)])
def test_a_health_insurance_card_is_told_by_the_days_of_intake(opens, past):
    sheet = made(reschedule(TEXT, opens))
    lines = next(one.lines for one in sections(sheet) if one.key == "evidence")
    card = next(line for line in lines if line.cells[1] == ("健康保険証",))
    assert ("使えない" in card.cells[3][-1]) is past


@pytest.fixture(scope="module")
def printed():
    """The PDF of a sheet with a criterion of its own, and the text of its pages."""
    sheet = made(TEXT + OWN)
    sha256 = sheets.digest(sheets.canonical(sheet))
    pdf = sheet_pdf(
        sheet,
        sha256=sha256,
        signed=["署名：市役所 きめる"],
        on=date(2026, 11, 22),
        fonts_dir=var("assets", "fonts"),
    )
    read = pypdfium2.PdfDocument(pdf)
    return pdf, sha256, [page.get_textpage().get_text_bounded() for page in read]


def test_the_pdf_says_version_digest_date_and_has_a_place_to_sign(printed):
    _, sha256, pages = printed
    for said in (
        "審査基準書",
        "第1版",
        "令和8年11月22日",
        "氏名（署名）",
        "署名した日",
        "署名：市役所 きめる",
    ):
        assert said in pages[0]
    assert all(sha256 in page for page in pages)


def test_the_pdf_reads_back_with_every_criterion_and_the_versions_own_words(printed):
    whole = "".join("".join(printed[2]).split())
    assert [code for code in sorted(CHECK_CODES) if code not in whole] == []
    assert "本人確認書類が1点あること。" in whole and "（この制度の定め）" in whole
    assert "例のない基準" in whole and "書かれたとおり" in whole


def test_the_pdf_carries_its_fonts(printed):
    assert b"/FontFile" in printed[0] and b"BIZUDGothic" in printed[0]
