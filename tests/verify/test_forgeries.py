"""Forgeries by somebody who knows the formats and makes every digest, count and total anew: contents tell them.

Each test bears the incident or the hand that it imagines. Beside each stands the same bundle untouched, which agrees.
"""

import pytest

from tests.verify.bundles import (
    is_found,
    re_digested,
    told,
    verified,
    with_bank,
    with_list,
    with_manifest,
    with_trailer,
)
from todoku.formats.zengin import PROFILES
from todoku.sampletown.bundle import Bundle, bundle, drawn, written

FIRST, SECOND = "sougou-20261204-12-1.txt", "sougou-20261204-12-2.txt"
STANDARD = PROFILES["standard"]._replace(max_records=120)


def record(data: bytes, line: int) -> slice:
    """Where a record stands, from 1."""
    return slice(122 * (line - 1), 122 * line)


def rows_of(bundle: Bundle) -> list[bytes]:
    return bundle.lines.splitlines(keepends=True)


def test_an_untouched_bundle_with_digests_made_anew_agrees(small: Bundle) -> None:
    assert re_digested(small) == small
    assert verified(re_digested(small)).ok


def test_the_payees_of_two_payments_are_swapped(small: Bundle) -> None:
    def swap(data: bytes) -> bytes:
        a, b = data[record(data, 5)], data[record(data, 60)]
        return data.replace(a, b[:80] + a[80:]).replace(b, a[:80] + b[80:])

    found = told(re_digested(with_bank(small, swap)))
    assert {(FIRST, 5, "口座番号"), (FIRST, 60, "口座番号"), (FIRST, 5, "受取人名")} <= found
    assert not any(field == "SHA-256" for _, _, field in found)


def test_t08_rows_are_merged_and_one_household_is_paid_for_another(small: Bundle) -> None:
    """北海道 2023: consecutive rows were taken as one household and summed."""

    def merge(data: bytes) -> bytes:
        a, b = data[record(data, 20)], data[record(data, 21)]
        total = int(a[80:90]) + int(b[80:90])
        return with_trailer(data.replace(a + b, a[:80] + b"%010d" % total + a[90:]))

    found = told(re_digested(with_bank(small, merge)))
    assert {(FIRST, 20, "振込金額"), (FIRST, 21, "行")} <= found
    assert ("振込データ明細書", 0, "件数") in found


def test_t08_rows_are_merged_in_the_lines_too(small: Bundle) -> None:
    rows = rows_of(small)
    a, b = rows[19].split(b"\t"), rows[20].split(b"\t")
    a[6] = b"%d" % (int(a[6]) + int(b[6]))
    total = int(a[6])
    later = [
        b"\t".join([r[0], b"%d" % (int(r[1]) - 1), *r[2:]])
        for r in (row.split(b"\t") for row in rows[21:120])
    ]
    merged = small._replace(lines=b"".join([*rows[:19], b"\t".join(a), *later, *rows[121:]]))

    def merge(data: bytes) -> bytes:
        one, two = data[record(data, 20)], data[record(data, 21)]
        return with_trailer(data.replace(one + two, one[:80] + b"%010d" % total + one[90:]))

    found = told(re_digested(with_bank(merged, merge)))
    assert {("lines-12.tsv", 20, "金額"), (FIRST, 20, "振込金額")} <= found


def test_a_payment_stands_twice_in_the_file(small: Bundle) -> None:
    def double(data: bytes) -> bytes:
        a = data[record(data, 33)]
        return with_trailer(data.replace(a, a + a))

    assert (FIRST, 34, "行") in told(re_digested(with_bank(small, double)))


def test_one_decision_is_paid_twice_under_two_numbers(small: Bundle) -> None:
    rows = rows_of(small)
    last = rows[300].split(b"\t")
    twice = rows[10].split(b"\t")
    again = b"\t".join([*last[:1], b"%d" % (int(last[1]) + 1), b"0000000077", *twice[3:]])

    def one_more(data: bytes) -> bytes:
        first = small.banks[0][1][record(b"", 11)]
        one = first[:91] + b"0000000077" + first[101:]
        return with_trailer(data[: -122 * 2] + one + data[-122 * 2 :])

    forged = re_digested(with_bank(small._replace(lines=small.lines + again), one_more, 2))
    assert told(forged) == {("lines-12.tsv", 302, "案件番号")}
    assert "同じ支給決定が2度" in verified(forged).told()


def test_one_transfer_number_stands_twice(small: Bundle) -> None:
    rows = rows_of(small)
    number = rows[3].split(b"\t")[2]
    rows[4] = rows[4].replace(rows[4].split(b"\t")[2], number)

    def same(data: bytes) -> bytes:
        a = data[record(data, 5)]
        return data.replace(a, a[:91] + number + a[101:])

    forged = re_digested(with_bank(small._replace(lines=b"".join(rows)), same))
    assert told(forged) == {("lines-12.tsv", 5, "振込番号")}


def test_the_account_of_another_person_stands_in_the_file(small: Bundle) -> None:
    def other(data: bytes) -> bytes:
        a, b = data[record(data, 8)], data[record(data, 90)]
        return data.replace(a, a[:43] + b[43:50] + a[50:])

    found = told(re_digested(with_bank(small, other)))
    assert {field for _, line, field in found if line == 8} == {"口座番号"}


def test_a_payee_whom_nobody_decided_on_is_put_in(small: Bundle) -> None:
    rows = rows_of(small)
    case = b"9999999999999"
    rows[15] = b"\t".join([*rows[15].split(b"\t")[:4], case, *rows[15].split(b"\t")[5:]])
    forged = re_digested(small._replace(lines=b"".join(rows)))
    assert told(forged) == {("lines-12.tsv", 16, "案件番号")}
    assert "支給決定がありません" in verified(forged).told()


@pytest.mark.parametrize(("outcome", "said"), [("refuse", "不支給"), ("gift", "振込以外")])
def test_a_refused_case_or_one_of_another_rail_is_not_paid_by_the_bank(outcome: str, said: str) -> None:
    lists, pays = drawn(50, 1)
    made = written(lists, pays, profile=STANDARD)
    listed, paid = pays[10].listed, pays[10].decision
    other = (
        paid._replace(outcome="refuse", amount_yen=0) if outcome == "refuse" else paid._replace(rail=outcome)
    )
    lists[listed] = [other if one == paid else one for one in lists[listed]]
    rewritten = written(lists, pays, profile=STANDARD)
    assert verified(made).ok
    assert said in verified(re_digested(rewritten)).told()


def test_a_list_of_another_programme_is_handed_in(small: Bundle) -> None:
    forged = re_digested(with_list(small, 5, lambda data: data.replace(b"kyufu-2026", b"kyufu-2025", 1)))
    assert told(forged) == {("decisions-5.tsv", 1, "事業")}


def test_all_papers_are_those_of_another_programme(small: Bundle) -> None:
    forged = re_digested(with_manifest(small, lambda values: values.update(programme="jutaku-2026")))
    assert {(file, field) for file, _, field in told(forged)} == {
        *((f"decisions-{number}.tsv", "事業") for number in (3, 5, 6)), ("lines-12.tsv", "事業"),
    }  # fmt: skip


def test_a_supplement_is_paid_with_the_amount_of_the_whole() -> None:
    lists, pays = drawn(200, 1)
    place = next(n for n, pay in enumerate(pays) if pay.decision.part == 2)
    whole = pays[place].decision._replace(amount_yen=pays[place].decision.amount_yen + 10_000)
    paid = [*pays[:place], pays[place]._replace(decision=whole), *pays[place + 1 :]]
    honest, forged = (written(lists, one, profile=STANDARD) for one in (pays, paid))
    assert verified(honest).ok
    assert {(f"sougou-20261204-12-{place // 120 + 1}.txt", place % 120 + 2, "振込金額")} < told(forged)
    assert ("lines-12.tsv", place + 2, "金額") in told(forged)


def test_the_first_entitlement_is_paid_under_the_number_of_the_supplement() -> None:
    lists, pays = drawn(200, 1)
    place = next(n for n, pay in enumerate(pays) if pay.decision.part == 2)
    first = pays[place]._replace(decision=pays[place].decision._replace(part=1))
    forged = written(lists, [*pays[:place], first, *pays[place + 1 :]], profile=STANDARD)
    assert ("lines-12.tsv", place + 2, "案件番号") in told(forged)


def test_t11_a_stale_list_pays_the_account_before_it_was_corrected() -> None:
    """仙台 2022: paid to the preprinted account though another was asked for and reviewed."""
    lists, pays = drawn(100, 1)
    old = pays[7]
    corrected = old.decision._replace(account_number="7777777")
    fresh = {n: [corrected if one == old.decision else one for one in found] for n, found in lists.items()}
    forged = written(lists, pays, profile=STANDARD)._replace(
        lists=written(fresh, pays, profile=STANDARD).lists
    )
    assert told(re_digested(forged)) == {(FIRST, 9, "口座番号")}


def test_a_later_list_decided_anew_and_the_line_still_names_the_older_one() -> None:
    lists, pays = drawn(100, 1)
    place = next(n for n, pay in enumerate(pays) if pay.listed == 3)
    anew = pays[place].decision._replace(account_number="7777777")
    lists[6] = sorted([*lists[6], anew])
    assert told(written(lists, pays, profile=STANDARD)) == {("lines-12.tsv", place + 2, "決定一覧の番号")}
    right = [*pays[:place], pays[place]._replace(listed=6, decision=anew), *pays[place + 1 :]]
    assert verified(written(lists, right, profile=STANDARD)).ok


def test_a_later_list_refused_what_an_earlier_one_granted() -> None:
    lists, pays = drawn(100, 1)
    place = next(n for n, pay in enumerate(pays) if pay.listed == 3)
    refusal = pays[place].decision._replace(outcome="refuse", amount_yen=0, reason="R01")
    lists[6] = sorted([*lists[6], refusal])
    assert told(written(lists, pays, profile=STANDARD)) == {("lines-12.tsv", place + 2, "案件番号")}


def test_t04_an_old_file_of_the_same_count_and_sum_is_picked_from_a_folder(small: Bundle) -> None:
    """垂水 2024: the date in the file has no year; the number of each payment has."""
    lists, pays = drawn(300, 1)
    earlier = [pay._replace(number=f"{int(pay.number) - 500_000:010}") for pay in pays]
    old = written(lists, earlier, profile=STANDARD)
    assert verified(old).ok
    mixed = small._replace(banks=(old.banks[0], *small.banks[1:]))
    assert is_found(re_digested(mixed))
    assert (FIRST, 2, "顧客コード1") in told(re_digested(mixed))


def test_a_returned_transfer_is_retried_twice_in_one_batch(small: Bundle) -> None:
    rows = rows_of(small)
    retry = next(row.rstrip(b"\n").split(b"\t")[9] for row in rows[1:] if row.rstrip(b"\n").split(b"\t")[9])
    rows[2] = rows[2].rstrip(b"\n") + retry + b"\n"
    assert "再振込の元の番号" in {
        field for _, _, field in told(re_digested(small._replace(lines=b"".join(rows))))
    }
    rows = rows_of(small)
    rows[2] = rows[2].rstrip(b"\n") + rows[7].split(b"\t")[2] + b"\n"
    assert told(re_digested(small._replace(lines=b"".join(rows)))) == {
        ("lines-12.tsv", 3, "再振込の元の番号")
    }


def test_payments_are_moved_to_another_day_or_payer(small: Bundle) -> None:
    def other_day(data: bytes) -> bytes:
        return data[:54] + b"1211" + data[58:]

    def other_payer(data: bytes) -> bytes:
        return data[:96] + b"1111111" + data[103:]

    assert told(re_digested(with_bank(small, other_day))) == {(FIRST, 1, "振込指定日")}
    assert told(re_digested(with_bank(small, other_payer, 1))) == {(SECOND, 1, "口座番号")}


def test_a_bundle_forged_as_a_whole_is_told_by_the_digest_of_the_approvals() -> None:
    honest, forged = bundle(40, seed=1), bundle(40, seed=2)
    approved = verified(honest).manifest_sha256
    assert verified(forged).ok
    assert verified(honest, sha256=approved).ok
    assert told(forged) == set() and not verified(forged, sha256=approved).ok
