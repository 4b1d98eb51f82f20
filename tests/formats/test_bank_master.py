"""The bank master: codes to names, typed letters to candidates."""

from todoku.formats import bank_master


def test_a_code_is_a_bank_or_nothing() -> None:
    assert bank_master.bank("9900") == bank_master.Bank("9900", "ゆうちょ", "ﾕｳﾁﾖ")
    assert bank_master.bank("9999") is None
    assert bank_master.bank("") is None


def test_a_branch_is_asked_for_with_its_bank() -> None:
    found = bank_master.branch("9900", "408")
    assert found is not None
    assert (found.name, found.kana) == ("四〇八", "ﾖﾝｾﾞﾛﾊﾁ")
    assert bank_master.branch("9900", "198") is None
    assert bank_master.branch("9999", "001") is None
    assert bank_master.branch("../9900", "408") is None


def test_banks_are_found_by_name_reading_or_code() -> None:
    for typed in ("横浜", "横浜銀行", "よこはま", "ﾖｺﾊﾏ", "ヨコハマギンコウ", "0138"):
        assert bank_master.find_banks(typed)[0].code == "0138", typed
    assert bank_master.find_banks("横浜信用金庫")[0].name == "横浜信金"
    assert "5114" in [found.code for found in bank_master.find_banks("JA横浜")]
    assert bank_master.find_banks("三菱UFJ")[0].code == "0005"
    assert bank_master.find_banks("そんな銀行はない") == []


def test_branches_are_found_by_the_beginning_of_their_reading() -> None:
    assert bank_master.find_branches("0138", "元町支店")[0].name == "元町"
    assert bank_master.find_branches("0138", "もとまち")[0].name == "元町"
    assert {"本牧", "本郷台"} <= {found.name for found in bank_master.find_branches("0138", "ほん")}
    assert len(bank_master.find_branches("9900", "")) == bank_master.CANDIDATES_MAX
    assert bank_master.find_branches("9999", "") == []


def test_every_name_fits_the_fifteen_bytes_of_a_bank_file() -> None:
    banks = [bank for first in "0123456789" for bank in bank_master.find_banks(first)]
    assert len(banks) > 50
    for bank in banks:
        assert 0 < len(bank.kana.encode("cp932")) <= 15
        for branch in bank_master.find_branches(bank.code, ""):
            assert 0 < len(branch.kana.encode("cp932")) <= 15


def test_the_list_says_how_old_it_is() -> None:
    assert len(bank_master.issued_on()) == 8
    assert bank_master.issued_on().isdigit()
