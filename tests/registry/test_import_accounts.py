"""Known accounts: good rows are taken, faults are named by line, column and remedy, and the original is kept."""

import pytest

from tests.town_fixture import AT, MANAGER, households_of, known_accounts_bytes, make_sample_programme, take
from todoku.custody.tables import Parcel
from todoku.registry.import_accounts import AccountsNotTaken, import_accounts
from todoku.registry.tables import KnownAccount

HEADINGS = "宛名番号,口座名義,口座番号,支店コード,金融機関コード,預金種別,取込元種別"


@pytest.fixture
def programme(database, var_folder):
    programme = make_sample_programme()
    take(programme, households_of(programme, 20))
    return programme


@pytest.fixture
def number(programme):
    """A 宛名番号 that stands on the roll."""
    return households_of(programme, 20)[0].head.number


def bring(programme, *lines, only_good=False, headings=HEADINGS):
    data = "\r\n".join([headings, *lines, ""]).encode("cp932")
    return import_accounts(
        data, programme=programme, name="口座.csv", only_good=only_good, actor=MANAGER, at=AT
    )


def test_the_towns_known_accounts_are_taken_and_again_nothing_changes(programme):
    data = known_accounts_bytes(households_of(programme, 20))
    first = import_accounts(data, programme=programme, name="a.csv", actor=MANAGER, at=AT)
    again = import_accounts(data, programme=programme, name="a.csv", actor=MANAGER, at=AT)
    assert first.done == KnownAccount.objects.count() > 5
    assert again.done == 0 and "前と同じ" in again.note
    assert Parcel.objects.filter(kind="accounts").count() == 1


def test_a_later_file_replaces_the_account(programme, number):
    bring(programme, f"{number},ﾔﾏﾀﾞ ﾀﾛｳ,1234567,200,0138,1,公金受取口座")
    assert bring(programme, f"{number},ヤマダ　タロウ,7654321,200,0138,1,公金受取口座").done == 1
    account = KnownAccount.objects.get()
    assert (account.number, account.holder_kana) == ("7654321", "ﾔﾏﾀﾞ ﾀﾛｳ")


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "1234567", "999", "0138", "1"], "支店コード", "支店の一覧にない"),
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "1234567", "200", "9998", "1"], "金融機関コード", "金融機関の一覧にない"),
        (["山田太郎", "1234567", "200", "0138", "1"], "口座名義", "書けない文字"),
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "12345678", "200", "0138", "1"], "口座番号", "7桁"),
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "1234567", "200", "0138", "3"], "預金種別", "どれか"),
        (["ﾔﾏﾀﾞ ﾀﾛｳ", "1234567", "200", "0138"], "行全体", "列の数"),
    ],
)
def test_a_faulty_line_is_named_and_nothing_is_taken(programme, number, cells, column, says):
    good = f"{number},ﾔﾏﾀﾞ ﾀﾛｳ,1234567,200,0138,1,前回給付"
    other = households_of(programme, 20)[1].head.number
    faulty = ",".join([other, *cells, "前回給付"])
    with pytest.raises(AccountsNotTaken) as refused:
        bring(programme, good, faulty)
    (problem,) = refused.value.problems
    assert (problem.line, problem.column) == (3, column) and says in problem.remedy
    assert KnownAccount.objects.count() == 0
    report = bring(programme, good, faulty, only_good=True)
    assert report.done == KnownAccount.objects.count() == 1
    assert report.refused[0][0] == f"3行目「{column}」"


def test_somebody_not_on_the_roll_and_somebody_twice(programme, number):
    line = f"{number},ﾔﾏﾀﾞ ﾀﾛｳ,1234567,200,0138,1,前回給付"
    with pytest.raises(AccountsNotTaken) as refused:
        bring(programme, line, line, "0000000001,ﾔﾏﾀﾞ ﾀﾛｳ,1234567,200,0138,1,前回給付")
    assert [problem.line for problem in refused.value.problems] == [3, 4]
    assert "先にあります" in refused.value.problems[0].remedy
    assert "名簿にない" in refused.value.problems[1].remedy


def test_a_missing_column_and_a_broken_byte_refuse_the_file(programme, number):
    with pytest.raises(AccountsNotTaken, match="預金種別"):
        bring(programme, headings=HEADINGS.replace("預金種別", "種別"))
    data = f"{HEADINGS}\r\n{number},".encode("cp932") + b"\x81\x20,1234567,200,0138,1,x\r\n"
    with pytest.raises(AccountsNotTaken, match="2行目の12バイト目"):
        import_accounts(data, programme=programme, name="b.csv", actor=MANAGER, at=AT)
    assert KnownAccount.objects.count() == 0 and Parcel.objects.filter(kind="accounts").count() == 2
