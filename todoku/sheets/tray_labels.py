"""Pure. The trays of a run in, a label for each out (トレーラベル): which pieces lie in it and where they go.

A label carries counts and postal codes, never a name.
"""

from collections.abc import Sequence
from pathlib import Path

from todoku.formats.postal_sort import Tray
from todoku.sheets.typeset import typeset

NO_CODE = "郵便番号なし"
BUNDLES_SHOWN = 12  # rows that a label has room for; more of them are counted in its last row


def tray_labels(trays: Sequence[Tray], *, title: str, run_label: str, fonts_dir: Path | str) -> bytes:
    """A PDF with one label (A6, lying) per tray; `title` is what the run is, as the post office may read it."""
    return typeset(
        "tray_labels", {"labels": [_label(tray, trays, title, run_label) for tray in trays]}, fonts_dir
    )


def _label(tray: Tray, trays: Sequence[Tray], title: str, run_label: str) -> dict[str, object]:
    districts: dict[str, int] = {}
    for bundle in tray.bundles:
        districts[bundle.district] = districts.get(bundle.district, 0) + bundle.held
    rows = [[_district(code), f"{held:,}通"] for code, held in districts.items()]
    if len(rows) > BUNDLES_SHOWN:
        rest = rows[BUNDLES_SHOWN - 1 :]
        left = sum(list(districts.values())[BUNDLES_SHOWN - 1 :])
        rows = [*rows[: BUNDLES_SHOWN - 1], [f"ほか{len(rest)}区", f"{left:,}通"]]
    return {
        "title": title,
        "run": run_label,
        "tray": f"{tray.no} / {len(trays)}",
        "pieces": f"{tray.first_piece:,} – {tray.last_piece:,}",
        "held": f"{tray.held:,}通",
        "codes": f"{_code(tray.first_code)} – {_code(tray.last_code)}",
        "bundles": f"{len(tray.bundles)}把",
        "rows": rows,
    }


def _code(code: str) -> str:
    return f"{code[:3]}-{code[3:]}" if code else NO_CODE


def _district(code: str) -> str:
    return (f"{code[:3]}-{code[3:]}" if len(code) > 3 else code) or NO_CODE
