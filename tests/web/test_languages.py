"""What residents read, in their languages: nothing missing where it was promised, nothing quoted wrongly."""

import argparse
import io
import re

import pytest
from babel.messages.pofile import read_po

from tests.open_today import letters, open_today
from tests.web.resident import ANSWERS, LICENCE, VALID, Resident, a_photo, text_of
from todoku.commands import catalogues
from todoku.commands.catalogues import LANGUAGES, catalogue_path, everything_said, placeholders

CODES = {"zh_Hans": "zh-hans"}
KANA, JAPANESE = re.compile("[ぁ-んァ-ヶー]+"), re.compile("[ぁ-んァ-ヶー一-龯]+")
AS_WRITTEN = {
    "横浜市",
    "三菱",
    "本店",
    "トクベツテイガクキュウフキン",
    "令和",
    "平成",
    "昭和",
    "大正",
    "明治",
}


def catalogue(language):
    return read_po(io.BytesIO(catalogue_path(language).read_bytes()), locale=language)


@pytest.fixture(scope="module")
def said():
    return list(everything_said())


def test_the_files_hold_every_sentence_that_is_said_and_no_other():
    assert catalogues.run(argparse.Namespace(check=True)) == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_complete(said, language):
    known = catalogue(language)
    missing = [one for one in said if not known[_key(one.message)].string]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_quotes_what_the_sentence_quotes(language):
    wrong = [
        entry.id
        for entry in catalogue(language)
        if isinstance(entry.id, str) and entry.string and placeholders(entry.id) != placeholders(entry.string)
    ]
    assert wrong == []


def _key(message):
    return message[0] if isinstance(message, tuple) else message


@pytest.fixture
def resident(town, at_door):
    programme = open_today(town.programme)
    letter = letters(programme)[0]
    with at_door("resident"):
        yield Resident(letter)


def applied(resident):
    """Every page of an application in its order, read before it is answered, and the receipt."""
    read = [resident.get(page) for page in ("", "look-up/", "status/")]
    for page in ANSWERS:
        read.append(resident.get(f"apply/{page}/"))
        resident.answer(page)
    for page, given in (
        ("holder", {"holder_kana": resident.letter.kana}),
        ("paper", LICENCE),
        ("paper_day", VALID),
    ):
        read.append(resident.get(f"apply/{page}/"))
        assert resident.post(f"apply/{page}/", given).status_code == 302
    for page in ("identity", "passbook"):
        read.append(resident.get(f"apply/{page}/"))
        assert resident.post(f"apply/{page}/", {"photo": a_photo()}).status_code == 302
    read.append(resident.get("apply/review/"))
    return read


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_whole_door_speaks_one_language(resident, language):
    """Names stay as they are written: municipality, bank, account holder, cards, the passbook's line, what a letter prints."""
    code = CODES.get(language, language)
    resident.client.post("/i18n/setlang/", {"language": code, "next": "/sample/"})
    resident.open()
    answers = applied(resident)
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    # A Chinese reader's words share their characters with Japanese; kana are Japanese alone.
    japanese = KANA if language == "zh_Hans" else JAPANESE
    translated = [entry.string for entry in catalogue(language) if isinstance(entry.string, str)]
    # A card is told by its Japanese name too, beside the translation, so that it is recognised.
    meant = {word for one in translated for word in japanese.findall(one)} | AS_WRITTEN
    meant |= set(japanese.findall(resident.letter.kana))
    meant |= {one[0] for one in resident.letter.kana.split()}
    told = {answer.request["PATH_INFO"]: set(japanese.findall(text_of(answer))) - meant for answer in answers}
    assert {page: words for page, words in told.items() if words} == {}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "We are preparing to send"),
        ("zh-hans", "正在准备寄送申请书"),
        ("ko", "신청서 발송을 준비"),
        ("vi", "đang chuẩn bị gửi đơn"),
        ("es", "preparando el envío"),
    ],
)
def test_the_switch_changes_the_language_of_the_status(resident, code, words):
    resident.client.post("/i18n/setlang/", {"language": code, "next": "/sample/"})
    resident.look_up()
    page = resident.get("status/")
    assert f'<html lang="{code}"' in page.content.decode()
    assert re.search(words, text_of(page))
