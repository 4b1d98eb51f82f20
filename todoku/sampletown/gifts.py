"""The issuer of the sample town: lists of gift codes and reports on their use, with addresses that lead nowhere.

Takes a seed and how many of which value; gives the bytes that an issuer would send. The host is a reserved example name,
so no such code can ever be money.
"""

import csv
import io
from collections.abc import Collection, Mapping
from datetime import date
from random import Random

ISSUER = "見本ギフト株式会社"
SITE = "https://gift.example.jp/v1/"
HEADINGS = ("管理番号", "券面URL", "額面金額", "有効期限", "利用可能店舗")
REPORT_HEADINGS = ("管理番号", "利用状況", "利用登録日")
_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
PATH_LENGTH = 24


def gift_list(seed: int, counts: Mapping[int, int], *, expires_on: date, merchants: str = "") -> bytes:
    """An issuer's sealed list: so many codes of each value (yen), the largest first; the same seed, the same list."""
    random, out = Random(f"gift-{seed}"), io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(HEADINGS)
    number = 0
    for value, count in sorted(counts.items(), reverse=True):
        for _ in range(count):
            number += 1
            path = "".join(random.choices(_ALPHABET, k=PATH_LENGTH))
            rows.writerow((serial(seed, number), f"{SITE}{path}", value, f"{expires_on:%Y/%m/%d}", merchants))
    return out.getvalue().encode("cp932")


def serial(seed: int, number: int) -> str:
    """The issuer's number of the n-th code of a list."""
    return f"Q{seed:03d}-{number:06d}"


def use_report(serials: Collection[str], used: Collection[str], on: date) -> bytes:
    """The issuer's report on these codes: which of them were used, on which day."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(REPORT_HEADINGS)
    for one in serials:
        rows.writerow((one, "利用登録済", f"{on:%Y/%m/%d}") if one in used else (one, "未登録", ""))
    return out.getvalue().encode("cp932")
