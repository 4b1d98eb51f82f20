"""Pure. The row of the sample municipality: its names, and the account from which it pays.

Goes in: nothing. Comes out: the values of one row of programme.Municipality. The requester's code and the account
number are invented; bank and branch exist, since the bank file's writer looks them up.
"""

from __future__ import annotations

from typing import Any

from todoku.sampletown.places import YOKOHAMA

ROW: dict[str, Any] = {
    "code": YOKOHAMA.code,
    "name": YOKOHAMA.name,
    "mayor_title": "横浜市長",
    "band": "blue",
    "requester_code": "1234567890",
    "requester_kana": "ﾖｺﾊﾏｼｶｲｹｲｶﾝﾘｼﾔ",
    "bank_code": "0138",
    "branch_code": "200",
    "account_kind": 1,
    "account_number": "7654321",
    "bank_profile": "standard",
}
