"""What residents read, in their languages: nothing missing where it was promised, nothing quoted wrongly."""

import argparse
import io
import re

import pytest
from babel.messages.pofile import read_po

from tests.open_today import letters, open_today
from tests.web.resident import Resident, text_of
from todoku.commands import catalogues
from todoku.commands.catalogues import LANGUAGES, catalogue_path, everything_said, placeholders

# The pages that every language has; English has all.
FIRST_PAGES = re.compile(
    r"resident/(start|look_up|status)\.|resident/templates/resident/(start|look_up|key|status|too_often|already|decline|take_back)\."
    r"|failure_wording|public_wording|programme/versions|shared/(base|base_resident|contact|step|required|timeline|error_summary)\."
)
OTHERS = [language for language in LANGUAGES if language != "en"]
CODES = {"zh_Hans": "zh-hans"}


def catalogue(language):
    return read_po(io.BytesIO(catalogue_path(language).read_bytes()), locale=language)


@pytest.fixture(scope="module")
def said():
    return list(everything_said())


def test_the_files_hold_every_sentence_that_is_said_and_no_other():
    assert catalogues.run(argparse.Namespace(check=True)) == 0


def test_english_is_complete(said):
    known = catalogue("en")
    missing = [one for one in said if not known[_key(one.message)].string]
    assert missing == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_first_pages_are_there_in_every_language(said, language):
    known = catalogue(language)
    missing = [one for one in said if FIRST_PAGES.search(one.where) and not known[_key(one.message)].string]
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


def test_in_english_the_whole_door_is_english(resident):
    """Names stay as they are written: the municipality, the passbook line, words printed on the letter."""
    resident.client.post("/i18n/setlang/", {"language": "en", "next": "/sample/"})
    resident.open()
    pages = ["", "look-up/", "status/", "apply/who/"]
    shown = " ".join(text_of(resident.get(page)) for page in pages)
    for name in ("横浜市", "トクベツテイガクキュウフキン", "確認キー"):
        shown = shown.replace(name, "")
    initials = re.search(r"Initials (\S+)", shown)[1]
    shown = re.sub("令和|平成|昭和|大正|明治", "", shown.replace(initials, ""))
    assert re.findall(r"[ぁ-んァ-ヶ一-龯]+", shown) == []


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
