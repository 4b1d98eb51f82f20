"""An installation is set up by two commands: a programme from two TOML texts, and accounts for its staff."""

import io
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.utils import timezone

from tests.next_version import sign
from todoku.commands import enrol, programme
from todoku.commands.programme import CannotSetUp
from todoku.commands.terminal import NotAllowed
from todoku.criteria.open_version import NotSigned
from todoku.criteria.standing import standing
from todoku.formats.bank_profile import chosen
from todoku.ground.databases import WrongDatabase
from todoku.ground.step import Refusal
from todoku.ground.tables import DatabaseMark
from todoku.people.enrol import CannotEnrol
from todoku.people.tables import AuditEvent, Grant, Staff
from todoku.programme.shipped import version_text
from todoku.programme.tables import Municipality, Programme
from todoku.programme.terms import TermsRefused
from todoku.programme.town_text import TownRefused, town_values
from todoku.web.shared.pieces import BANDS

ROOT = Path(__file__).resolve().parents[2]
HOW_TO = ROOT / "docs/how-to/production.md"
PASSWORD = "correct horse battery"


def _example_town() -> str:
    """The municipality's text as the guide prints it: what readers copy must work."""
    return HOW_TO.read_text().split("```toml\n")[1].split("```")[0]


@pytest.fixture
def town_file(tmp_path: Path) -> Path:
    path = tmp_path / "town.toml"
    path.write_text(_example_town())
    return path


@pytest.fixture
def terms_file(tmp_path: Path) -> Path:
    path = tmp_path / "terms.toml"
    path.write_text(version_text("bukkadaka-2024"))
    return path


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs a command in this process on this test's database; the password is what stands on standard input."""

    def call(module, *words: object, password: str = PASSWORD) -> int:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
        parser = ArgumentParser()
        module.arguments(parser)
        return module.run(parser.parse_args([str(word) for word in words]))

    return call


@pytest.fixture
def made(run, database, var_folder, town_file, terms_file) -> Programme:
    run(programme, "make", "--municipality", town_file, "--terms", terms_file, "--slug", "kyufu")
    return Programme.objects.get()


def _enrol(run: Callable[..., int], username: str = "hanako", **changed: str) -> int:
    words = {
        "--name": "見本 花子", "--side": "office", "--organisation": "見本事務局", "--role": "manager", **changed,
    }  # fmt: skip
    return run(enrol, username, *(word for pair in words.items() for word in pair))


def test_a_programme_is_made_from_two_texts_and_opened_by_a_named_person(made, run, capsys):
    assert (made.slug, made.is_sample, made.municipality.code) == ("kyufu", False, "141003")
    assert made.versions.get().opened_at is None
    assert DatabaseMark.objects.get().purpose == "production"
    _enrol(run)
    with pytest.raises(NotSigned, match="署名がありません"):
        run(programme, "open", "kyufu", "--as", "hanako")
    assert made.versions.get().opened_at is None
    officer = {
        "--side": "municipality",
        "--organisation": "見本市",
        "--role": "city_officer",
        "--municipality": "141003",
    }
    _enrol(run, "officer", **officer)
    sign(made.versions.get(), at=timezone.now())
    assert run(programme, "open", "kyufu", "--as", "hanako") == 0
    assert made.versions.get().opened_by == "見本 花子"
    run(programme, "list")
    assert "第1版を開始" in capsys.readouterr().out


def test_a_text_is_drafted_anew_until_it_is_signed(made, run, terms_file, capsys):
    _enrol(run)
    terms_file.write_text(version_text("bukkadaka-2024").replace("sample_percent = 5", "sample_percent = 7"))
    assert run(programme, "draft", "kyufu", "--terms", terms_file, "--as", "hanako") == 0
    assert made.versions.get().terms.review.sample_percent == 7
    assert standing(made.versions.get()).sha256 in capsys.readouterr().out


def test_an_example_that_fails_is_named_by_the_check(run, terms_file, capsys):
    example = '[[application]]\nname = "署名がない"\ntells = "署名がない。"\nfacts = { channel = "paper", signed = false }\n'
    terms_file.write_text(
        version_text("bukkadaka-2024") + f'\n{example}expected = {{}}\ndecides = "two_persons"\n'
    )
    assert run(programme, "check", terms_file) == 1
    assert "書かれたとおりの結果にならない例: 署名がない" in capsys.readouterr().out


def test_the_criteria_sheet_is_written_as_a_pdf(run, terms_file, tmp_path, capsys):
    out = tmp_path / "sheet.pdf"
    assert run(programme, "sheet", terms_file, "--town", "見本市", "--out", out) == 0
    assert out.read_bytes()[:5] == b"%PDF-" and "SHA-256" in capsys.readouterr().out


def test_making_the_same_programme_twice_changes_nothing(made, run, town_file, terms_file):
    run(programme, "make", "--municipality", town_file, "--terms", terms_file, "--slug", "kyufu")
    assert (Programme.objects.count(), Municipality.objects.count(), made.versions.count()) == (1, 1, 1)


def test_a_municipality_is_not_changed_in_passing(made, run, town_file, terms_file):
    town_file.write_text(_example_town().replace("7654321", "1234567"))
    with pytest.raises(CannotSetUp, match="account_number"):
        run(programme, "make", "--municipality", town_file, "--terms", terms_file, "--slug", "other")
    assert Municipality.objects.get().account_number == "7654321"
    assert Programme.objects.count() == 1


def test_nothing_is_made_from_a_text_with_a_mistake(run, database, town_file, terms_file):
    terms_file.write_text(version_text("bukkadaka-2024").replace('mode = "push"', 'mode = "pusch"'))
    with pytest.raises(TermsRefused, match="pusch"):
        run(programme, "make", "--municipality", town_file, "--terms", terms_file)
    with pytest.raises(TermsRefused, match="pusch"):
        run(programme, "check", terms_file)
    assert not Programme.objects.exists()
    assert not DatabaseMark.objects.exists()


def test_a_sample_database_takes_no_real_programme(run, database, town_file, terms_file):
    DatabaseMark.objects.create(purpose="sample", created_at="2026-11-21T00:00:00+09:00")
    with pytest.raises(WrongDatabase, match="sample"):
        run(programme, "make", "--municipality", town_file, "--terms", terms_file)
    assert not Programme.objects.exists()


def test_a_programme_is_opened_only_by_somebody_who_may(made, run):
    _enrol(run, "taro", **{"--role": "clerk"})
    for username in ("nobody", "taro"):
        with pytest.raises(NotAllowed, match="権限"):
            run(programme, "open", "kyufu", "--as", username)
    with pytest.raises(NotAllowed, match="kyufu"):
        run(programme, "open", "missing", "--as", "taro")
    assert made.versions.get().opened_at is None


@pytest.mark.parametrize("content", [b"\x83\x65\x83\x58\x83\x67", None], ids=["CP932", "absent"])
def test_a_file_that_cannot_be_read_is_named(run, tmp_path, content):
    path = tmp_path / "terms.toml"
    if content:
        path.write_bytes(content)
    with pytest.raises(CannotSetUp, match=r"terms\.toml"):
        run(programme, "check", path)


@pytest.mark.parametrize(
    ("before", "after", "named"),
    [
        ('code = "141003"', 'code = "141004"', "code"),
        ('band = "green"', 'band = "greem"', "band"),
        ('bank = "0138"', 'bank = "0139"', "bank"),
        ('branch = "200"', 'branch = "999"', "branch"),
        ("account_kind = 1", "account_kind = 4", "account_kind"),
        ('account_number = "7654321"', 'account_number = "765432"', "account_number"),
        ('bank_profile = "standard"', 'bank_profile = "standart"', "bank_profile"),
        ("requester_kana = \"", "requester_kana = \"漢", "requester_kana"),
        ("requester_kana = \"", "requester_kana = \"" + "ア" * 40, "requester_kana"),
        ("mayor_title", "major_title", "major_title"),
        ("[payer]", "[payer", "TOML"),
    ],
)  # fmt: skip
def test_every_mistake_in_a_municipalitys_text_is_named(before, after, named):
    text = _example_town()
    assert town_values(text, bands=BANDS)["account_number"] == "7654321"
    assert before in text
    with pytest.raises(TownRefused) as refused:
        town_values(text.replace(before, after), bands=BANDS)
    assert named in refused.value.sentence


def test_a_municipalitys_text_may_hold_its_banks_own_profile():
    own = 'name = "minato"\nmax_records = 50_000\n'
    text = _example_town().replace('bank_profile = "standard"', f"bank_profile = '''\n{own}'''")
    kept = town_values(text, bands=BANDS)["bank_profile"]
    assert (chosen(kept).name, chosen(kept).max_records) == ("minato", 50_000)


def test_an_enrolled_person_can_sign_in_and_the_enrolment_is_on_record(made, run):
    assert _enrol(run) == 0
    staff = authenticate(None, username="hanako", password=PASSWORD)
    assert staff is not None and staff.roles == {"manager"}
    assert AuditEvent.objects.get(action="staff.enrol").subject_id == staff.pk


def test_a_closed_account_opens_no_door_and_stays_on_record(made, run, capsys):
    _enrol(run)
    assert run(enrol, "hanako", "--close") == 0
    assert run(enrol, "hanako", "--close") == 0
    assert authenticate(None, username="hanako", password=PASSWORD) is None
    assert Staff.objects.filter(username="hanako", is_active=False).exists()
    assert AuditEvent.objects.filter(action="staff.retire").count() == 1
    run(enrol)
    assert "利用停止" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"--role": "city_treasurer"}, "city_treasurer"),
        ({"--side": "municipality"}, "--municipality"),
        ({"--name": ""}, "--name"),
        ({"--municipality": "131008"}, "131008"),
    ],
)
def test_an_account_is_refused_with_what_is_wrong(made, run, changed, named):
    with pytest.raises(Refusal) as refused:
        _enrol(run, **changed)
    assert named in refused.value.sentence
    assert not Staff.objects.exists()


def test_one_employer_stands_on_one_side_only(made, run):
    _enrol(run)
    city = {"--side": "municipality", "--role": "city_officer", "--municipality": "141003"}
    with pytest.raises(CannotEnrol, match="見本事務局"):
        _enrol(run, "taro", **city)
    assert _enrol(run, "taro", **city, **{"--organisation": "見本市"}) == 0
    assert Grant.objects.get(staff__username="taro").municipality_code == "141003"


def test_a_weak_password_makes_no_account(made, run):
    with pytest.raises(CannotEnrol, match="12文字"):
        run(
            enrol, "hanako", "--name", "見本 花子", "--side", "office", "--organisation", "見本事務局",
            "--role", "manager", password="short",
        )  # fmt: skip
    assert not Staff.objects.exists()


def test_an_unknown_account_cannot_be_closed(made, run):
    with pytest.raises(Refusal, match="nobody"):
        run(enrol, "nobody", "--close")
    assert not AuditEvent.objects.filter(action="staff.retire").exists()
