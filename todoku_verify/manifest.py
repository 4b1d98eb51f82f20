"""The manifest (振込データ明細書): what the approvals cover. Read strictly: every key, every shape, canonical bytes."""

import json
import re
from datetime import date
from types import SimpleNamespace as Manifest
from typing import Any

from todoku_verify.findings import Findings, Unreadable

__all__ = ["FILE", "Manifest", "read"]

FILE = "振込データ明細書"
_SHA256, _LINE_TEXT = "[0-9a-f]{64}", r"[^\x00-\x1f]*"
_BANK_NAME = r"[ 0-9A-Z\-ｱ-ﾟ]{0,15}"

# A pattern for a text, `int` for a whole number from 0, `bool`, a list of one kind, a dict with exactly these keys.
_SHAPE = {
    "format": "todoku-manifest/1", "municipality": "[0-9]{6}", "programme": r"[a-z0-9][a-z0-9_\-]*", "batch": int,
    "rail": "bank", "value_date": "[0-9]{4}-[0-9]{2}-[0-9]{2}", "fiscal_year": int, "budget_item": _LINE_TEXT,
    "payment_order": _LINE_TEXT, "count": int, "total_yen": int,
    "payer": {
        "client_code": "[0-9]{10}", "client_name": r"[ 0-9A-Z().\-ｦｱ-ﾟ]{1,40}", "bank": "[0-9]{4}",
        "bank_name": _BANK_NAME, "branch": "[0-9]{3}", "branch_name": _BANK_NAME, "account_kind": int,
        "account_number": "[0-9]{7}",
    },
    "layout": {
        "eol": "crlf|none", "eof": bool, "clearing_house": "0000| {4}", "new_code": "[012]",
        "transfer_category": "[70 ]", "names": "filled|blank", "wo": bool,
    },
    "decision_lists": [{"number": int, "sha256": _SHA256, "grants": int, "total_yen": int}],
    "files": [{"number": int, "name": r"[^\x00-\x1f/\\]+", "sha256": _SHA256, "count": int, "total_yen": int}],
    "lines": {"name": r"[^\x00-\x1f/\\]+", "sha256": _SHA256},
}  # fmt: skip


def read(data: bytes, found: Findings) -> Manifest:
    """The manifest's values under the names of `_SHAPE`; notes where it contradicts itself; raises Unreadable where
    it is none."""
    try:
        text = data.decode("utf-8")
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(FILE, "JSONとして読めません。ファイルを選び直してください。") from error
    _fit(told, _SHAPE, "")
    if text != json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n":
        found.add(FILE, 0, "書き方", "書き出したままの形ではありません。手が加えられています。")
    manifest: Manifest = json.loads(text, object_hook=lambda values: Manifest(**values))
    try:
        manifest.value_date = date.fromisoformat(manifest.value_date)
    except ValueError as error:
        raise Unreadable(FILE, "振込指定日(value_date)が暦にない日です。") from error
    _agree(manifest, found)
    return manifest


def _fit(value: Any, shape: Any, key: str) -> None:
    if isinstance(shape, dict):
        fits = isinstance(value, dict) and value.keys() == shape.keys()
    elif isinstance(shape, list):
        fits = isinstance(value, list) and len(value) > 0
    elif isinstance(shape, str):
        fits = isinstance(value, str) and re.fullmatch(shape, value) is not None
    else:
        fits = type(value) is shape and value >= 0
    if not fits:
        what = f"項目「{key}」が決まった形ではありません。" if key else "項目が足りないか、余っています。"
        raise Unreadable(FILE, what + "ファイルを選び直してください。")
    if isinstance(shape, dict):
        for name in shape:
            _fit(value[name], shape[name], f"{key}.{name}".lstrip("."))
    if isinstance(shape, list):
        for place, one in enumerate(value, 1):
            _fit(one, shape[0], f"{key}[{place}]")


def _agree(manifest: Manifest, found: Findings) -> None:
    """The manifest with itself: sums, numbers and names follow from its other values."""
    files, day = manifest.files, manifest.value_date
    numbers = [one.number for one in manifest.decision_lists]
    pairs: list[tuple[str, object, object]] = [
        ("合計件数", sum(file.count for file in files), manifest.count),
        ("合計金額", sum(file.total_yen for file in files), manifest.total_yen),
        ("決定一覧の番号", sorted(set(numbers)), numbers),
        ("明細の名前", f"lines-{manifest.batch}.tsv", manifest.lines.name),
    ]
    for place, file in enumerate(files, 1):
        pairs.append(("ファイル番号", place, file.number))
        pairs.append(("ファイル名", f"sougou-{day:%Y%m%d}-{manifest.batch}-{place}.txt", file.name))
    found.same(FILE, 0, pairs, "明細書の中で食い違っています。")
    # 地方自治法208条: from April to March; 235条の5: until the end of May the books of the year before are open.
    years = [day.year - (day.month < 4)] + ([day.year - 1] if day.month in (4, 5) else [])
    if manifest.fiscal_year not in years:
        found.add(
            FILE, 0, "会計年度", "振込指定日の年度と違います。", str(years[0]), str(manifest.fiscal_year)
        )
    if manifest.payer.account_kind not in (1, 2, 9):
        found.add(
            FILE, 0, "振込元の預金種目", "1・2・9のどれでもありません。", "", manifest.payer.account_kind
        )
