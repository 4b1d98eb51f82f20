"""What the verifier says of a right bundle, and of one that somebody touched without making its digests anew."""

import json
import random

import pytest

from tests.verify.bundles import canonical, is_found, told, verified, with_bank, with_list, with_manifest
from todoku.formats.zengin import PROFILES
from todoku.sampletown.bundle import Bundle, bundle, drawn, written
from todoku_verify import Unreadable, verify

FIRST = "sougou-20261204-12-1.txt"


def test_a_right_bundle_agrees(small: Bundle) -> None:
    verdict = verified(small)
    total = json.loads(small.manifest)["total_yen"]
    assert verdict.ok and verdict.differences == ()
    assert (verdict.count, verdict.total_yen, verdict.files, verdict.lists) == (300, total, 3, 3)
    lists, pays = drawn(300, 1)
    by_bank = sum(one.rail == "bank" and one.outcome == "grant" for found in lists.values() for one in found)
    assert verdict.not_paid == by_bank - len(pays) > 0
    assert f"{verdict.not_paid}件は、この振込データでは支払われません。" in verdict.told()
    assert verdict.headline == f"一致しました。300件、{total:,}円。"


@pytest.mark.parametrize("name", PROFILES)
def test_the_file_of_every_bank_profile_agrees(name: str) -> None:
    for profile in (PROFILES[name], PROFILES[name]._replace(eof=True, new_code="2")):
        made = bundle(60, profile=profile, most=25)
        assert verified(made).differences == ()
        # And it is proven under this profile alone.
        other = with_manifest(made, lambda values: values["layout"].update(eof=not values["layout"]["eof"]))
        assert not verified(other).ok


def test_wo_is_as_the_bank_takes_it() -> None:
    lists, pays = drawn(3, 1)
    named = pays[0].decision._replace(holder="カヲル　ヨーコ")
    lists = {n: [named if one == pays[0].decision else one for one in found] for n, found in lists.items()}
    pays[0] = pays[0]._replace(decision=named)
    strict, wo = (written(lists, pays, profile=PROFILES[name]) for name in ("standard", "with_wo"))
    assert (b"\xb6\xb5\xd9" in strict.banks[0][1], b"\xb6\xa6\xd9" in wo.banks[0][1]) == (True, True)
    assert verified(strict).ok and verified(wo).ok
    assert not verified(strict._replace(banks=wo.banks)).ok


def test_lists_may_come_in_any_order_and_bank_files_under_other_names(small: Bundle) -> None:
    lists = list(small.lists.values())[::-1]
    banks = [(f"USB-{place}.dat", data) for place, (_, data) in enumerate(small.banks[::-1])]
    assert verify(small.manifest, small.lines, lists, banks).ok


def test_one_bank_file_alone_is_proven_where_that_is_asked(small: Bundle) -> None:
    alone = small._replace(banks=small.banks[1:2])
    assert {one.field for one in verified(alone).differences} == {"ファイル"}
    verdict = verified(alone, some=True)
    assert verdict.ok
    assert (verdict.count, verdict.files) == (120, 1)
    assert is_found(with_bank(alone, lambda data: data.replace(b"\r\n2", b"\r\n3", 1)), some=True)


def test_a_changed_amount_is_told_with_its_place_and_both_values(small: Bundle) -> None:
    data = small.banks[0][1]
    at = 122 * 7 + 80
    changed = with_bank(small, lambda data: data[:at] + b"0009999999" + data[at + 10 :])
    verdict = verified(changed)
    amount, digest = verdict.differences
    assert (amount.file, amount.line, amount.field) == (FIRST, 8, "振込金額")
    assert (amount.expected, amount.found) == (f"{int(data[at : at + 10]):,}円", "9,999,999円")
    number = data[at + 11 : at + 21].decode()
    assert f"（振込番号 {number}）" in amount.sentence
    assert (digest.file, digest.field) == (FIRST, "SHA-256")
    assert verdict.headline == "一致しません。違いが2か所あります。"
    assert "渡さないでください" in verdict.told()


def test_account_numbers_and_names_are_masked_unless_asked_for(small: Bundle) -> None:
    record = small.banks[0][1][122 * 7 : 122 * 8]
    account, name = record[43:50].decode(), record[50:80].decode("cp932").rstrip()
    other = b"0000000" + "ﾍﾞﾂｼﾞﾝ".encode("cp932").ljust(30)
    verdict = verified(with_bank(small, lambda data: data[: 122 * 7 + 43] + other + data[122 * 7 + 80 :]))
    masked, shown = verdict.told(), verdict.told(show=True)
    assert account in shown and name in shown and "ﾍﾞﾂｼﾞﾝ" in shown
    assert account not in masked and name not in masked and "ﾍﾞﾂｼﾞﾝ" not in masked
    assert f"●●●●●{account[-2:]}" in masked
    values = json.dumps(verdict.values(), ensure_ascii=False)
    assert account not in values and name not in values
    assert account in json.dumps(verdict.values(show=True), ensure_ascii=False)


def test_a_file_that_differs_everywhere_is_told_in_part_and_counted_whole(small: Bundle) -> None:
    verdict = verified(with_bank(small, lambda data: data.replace(b"0", b"9")))
    assert len(verdict.differences) == 100
    assert verdict.more > 500
    assert f"ほかに{verdict.more:,}か所の違いがあります。" in verdict.told()


def test_a_dropped_line_is_told_as_missing_and_the_lines_below_are_not(small: Bundle) -> None:
    at = 122 * 50
    found = told(with_bank(small, lambda data: data[:at] + data[at + 122 :]))
    assert found == {(FIRST, 51, "行"), (FIRST, 0, "SHA-256")}


def test_two_lines_that_changed_places_are_told(small: Bundle) -> None:
    a, b = 122 * 10, 122 * 90
    found = told(
        with_bank(small, lambda d: d[:a] + d[b : b + 122] + d[a + 122 : b] + d[a : a + 122] + d[b + 122 :])
    )
    assert found == {(FIRST, 11, "並び順"), (FIRST, 91, "並び順"), (FIRST, 0, "SHA-256")}


def test_line_ends_are_part_of_what_the_bank_takes(small: Bundle) -> None:
    lf = told(with_bank(small, lambda data: data.replace(b"\r\n", b"\n")))
    assert (FIRST, 1, "改行") in lf and (FIRST, 0, "SHA-256") in lf and len(lf) == 2
    assert (FIRST, 123, "改行") in told(with_bank(small, lambda data: data[:-2]))
    assert (FIRST, 0, "ファイルの終わり(0x1A)") in told(with_bank(small, lambda data: data + b"\x1a"))
    one = told(with_bank(small, lambda data: data[: 122 * 3 - 2] + b"\n" + data[122 * 3 :]))
    assert (FIRST, 3, "改行") in one


def test_the_digest_of_the_approvals_finds_what_no_content_can_tell(small: Bundle) -> None:
    approved = verified(small).manifest_sha256
    assert verified(small, sha256=approved.upper()).ok
    other = with_manifest(small, lambda values: values.update(payment_order="第99号"))
    assert verified(other).ok
    (found,) = verified(other, sha256=approved).differences
    assert (found.file, found.field, found.expected) == ("振込データ明細書", "SHA-256", approved)


@pytest.mark.parametrize(
    ("key", "value", "field"),
    [
        ("count", 299, "合計件数"),
        ("total_yen", 1, "合計金額"),
        ("batch", 13, "振込データの番号"),
        ("value_date", "2026-12-05", "振込指定日"),
        ("value_date", "2027-12-04", "会計年度"),
        ("fiscal_year", 2025, "会計年度"),
        ("programme", "kyufu-2025", "事業"),
        ("municipality", "141011", "団体コード"),
    ],
)
def test_a_manifest_that_contradicts_the_rest_is_told(
    small: Bundle, key: str, value: object, field: str
) -> None:
    changed = with_manifest(small, lambda values: values.update({key: value}))
    assert field in {one.field for one in verified(changed).differences}


@pytest.mark.parametrize("part", ["payer", "layout", "lines"])
def test_every_value_of_the_manifest_that_shows_in_a_file_is_proven(small: Bundle, part: str) -> None:
    others = {"crlf": "none", "0000": "    ", "0": "1", "7": " ", "filled": "blank", 1: 2, False: True}
    for key, value in json.loads(small.manifest)[part].items():
        if key == "wo":
            continue  # shows only where a name has ヲ: its own test is above
        other = others.get(value) or "0" * len(value)
        assert other != value
        changed = with_manifest(small, lambda values, key=key, other=other: values[part].update({key: other}))
        assert is_found(changed), key


def test_a_manifest_written_another_way_is_told(small: Bundle) -> None:
    values = json.loads(small.manifest)
    assert canonical(values) == small.manifest
    spaced = small._replace(manifest=json.dumps(values, ensure_ascii=False).encode())
    assert [one.field for one in verified(spaced).differences] == ["書き方"]
    twice = small._replace(manifest=small.manifest.replace(b'{"batch"', b'{"batch":12,"batch"'))
    assert [one.field for one in verified(twice).differences] == ["書き方"]


def test_what_is_not_of_our_format_is_named(small: Bundle) -> None:
    for change, file in (
        ({"manifest": b"{}"}, "振込データ明細書"),
        ({"manifest": b"\xff"}, "振込データ明細書"),
        ({"lines": small.lists[3]}, "lines-12.tsv"),
        ({"lists": small.lists | {5: small.lines}}, "decisions-5.tsv"),
    ):
        with pytest.raises(Unreadable) as unreadable:
            verified(small._replace(**change))
        assert unreadable.value.file == file
        assert unreadable.value.sentence.endswith("選び直してください。")


def test_any_change_of_a_decision_list_or_line_file_is_found(small: Bundle) -> None:
    rng = random.Random(1)
    found = 0
    for turn in range(150):
        number = rng.choice(list(small.lists))

        def one_byte(data: bytes) -> bytes:
            at = rng.randrange(len(data))
            other = rng.choice(b"0123456789\t\n Aa.".replace(data[at : at + 1], b""))
            return data[:at] + bytes([other]) + data[at + 1 :]

        def two_rows(data: bytes) -> bytes:
            rows = data.splitlines(keepends=True)
            a, b = rng.sample(range(1, len(rows)), 2)
            rows[a], rows[b] = rows[b], rows[a]
            return b"".join(rows)

        def cut(data: bytes) -> bytes:
            return data[: rng.randrange(len(data))]

        change = rng.choice((one_byte, two_rows, cut))
        changed = with_list(small, number, change) if turn % 2 else small._replace(lines=change(small.lines))
        assert (changed.lists, changed.lines) != (small.lists, small.lines)
        found += is_found(changed)
    assert found == 150


def test_any_change_of_a_manifest_is_found_by_the_digest_of_the_approvals(small: Bundle) -> None:
    rng, approved = random.Random(2), verified(small).manifest_sha256
    for _ in range(300):
        at, other = rng.randrange(len(small.manifest)), bytes([rng.randrange(256)])
        changed = small._replace(manifest=small.manifest[:at] + other + small.manifest[at + 1 :])
        assert is_found(changed, sha256=approved) == (changed != small)
