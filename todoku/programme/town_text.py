"""Pure. Reads a municipality's TOML text: its names, its band of colour, and the account from which it pays.

Comes in: a text agreed with the municipality and its bank. Goes out: the values of one row of Municipality, or a
refusal that names every mistake with its remedy, as `terms.parse` does for a programme.
"""

import re
import tomllib
from collections.abc import Collection
from typing import Any

from todoku.formats import bank_master
from todoku.formats.bank_profile import ProfileRefused, chosen
from todoku.formats.codes import municipality_code_valid
from todoku.formats.kana import KanaRefused, bank_kana
from todoku.ground.step import Refusal
from todoku.programme.toml_table import WHOLE, Problem, Table, meant

REQUESTER_KANA_BYTES_MAX = 40  # the requester's field in the header of a 総合振込 file
ACCOUNT_KINDS = (1, 2, 9)  # 普通, 当座, その他: what the header's field allows


class TownRefused(Refusal):
    """The text does not describe a municipality; `problems` holds every mistake found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        lines = "\n".join(problem.sentence for problem in problems)
        super().__init__(
            f"自治体の定義に{len(problems)}件の誤りがあります。\n{lines}",
            remedy="誤りを直してから、もう一度読み込んでください。",
        )
        self.problems = problems


def town_values(text: str, *, bands: Collection[str]) -> dict[str, Any]:
    """The values of a Municipality row; `bands` are the names of the colours that pages have. Raises TownRefused."""
    problems: list[Problem] = []
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = Problem(
            WHOLE, "", f"TOMLとして読めません（{error}）。", "かっこと引用符を確かめてください。"
        )
        raise TownRefused((problem,)) from error
    root = Table("", data, problems)
    values = {
        "code": _code(root),
        "name": root.text("name", longest=40, example='"見本市"'),
        "mayor_title": root.text("mayor_title", longest=60, example='"見本市長"'),
        "band": root.choice("band", bands),
        **_payer(root.table("payer")),
    }
    root.no_others()
    if problems:
        raise TownRefused(tuple(problems))
    return values


def _code(root: Table) -> str:
    code = root.text("code", example='"141003"')
    if code and not municipality_code_valid(code):
        root.note(
            "code", "全国地方公共団体コードではありません。", "検査数字を含む6桁の数字で書いてください。"
        )
    return code


def _payer(table: Table) -> dict[str, Any]:
    """[payer]: the requester of the bank file (振込依頼人) and the account it pays from."""
    bank, branch = _digits(table, "bank", 4), _digits(table, "branch", 3)
    _known(table, bank, branch)
    kind = table.whole("account_kind", least=1, most=9)
    if kind and kind not in ACCOUNT_KINDS:
        table.note(
            "account_kind", f"{kind} という種目はありません。", "普通は 1、当座は 2、その他は 9 です。"
        )
    values = {
        "requester_code": _digits(table, "requester_code", 10),
        "requester_kana": _kana(table),
        "bank_code": bank,
        "branch_code": branch,
        "account_kind": kind,
        "account_number": _digits(table, "account_number", 7),
        "bank_profile": _profile(table),
    }
    table.no_others()
    return values


def _digits(table: Table, key: str, length: int) -> str:
    value = table.text(key, example=f'"{"0" * length}"')
    if value and not re.fullmatch(rf"[0-9]{{{length}}}", value):
        table.note(key, f"{length}桁の数字ではありません。", "前の0も含めて引用符の中に書いてください。")
    return value


def _profile(table: Table) -> str:
    """A shipped profile's name, or the text of one that this bank alone has, as it is kept."""
    text = table.text("bank_profile", example='"standard"')
    if text:
        try:
            chosen(text)
        except ProfileRefused as refused:
            table.note("bank_profile", refused.sentence, "金融機関の設定を直してください。")
    return text


def _known(table: Table, bank: str, branch: str) -> None:
    """Bank and branch must stand in the master, since the file carries their names."""
    if not re.fullmatch(r"[0-9]{4}", bank):
        return
    if bank_master.bank(bank) is None:
        table.note("bank", f"金融機関コード {bank} は一覧にありません。", "指定金融機関に確かめてください。")
    elif re.fullmatch(r"[0-9]{3}", branch) and bank_master.branch(bank, branch) is None:
        near = [one.code for one in bank_master.find_branches(bank, branch[:2])]
        remedy = meant(branch, near) if near else "指定金融機関に確かめてください。"
        table.note("branch", f"支店コード {branch} は一覧にありません。", remedy)


def _kana(table: Table) -> str:
    """The requester's name as the file carries it, half-width."""
    written = table.text("requester_kana", example='"ミホンシカイケイカンリシャ"')
    if not written:
        return ""
    try:
        half = bank_kana(written)
    except KanaRefused as refused:
        table.note("requester_kana", refused.sentence, "カナで書いてください。")
        return ""
    if len(half) > REQUESTER_KANA_BYTES_MAX:
        table.note(
            "requester_kana",
            f"半角で{len(half)}文字あります。",
            f"{REQUESTER_KANA_BYTES_MAX}文字以内にしてください。",
        )
    return half
