"""Pure. A printed run in, the files that a printing company needs out: batches of pages, insert plan, tray labels, artwork.

What a run of the house and a mailing list alone have in common. Reads the run's PDF, writes nothing.
"""

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from todoku.formats.postal_sort import PIECES_IN_BUNDLE, PIECES_IN_TRAY, TrayPlan, lay
from todoku.sheets.insert_plan import InsertLine, Setup, as_csv, head, insert_plan
from todoku.sheets.manifest import ManifestLine
from todoku.sheets.print_batches import PIECES_IN_BATCH, Batch, batches, pages_of, split
from todoku.sheets.printer_parcel import README, RULES, Entry, readme, whole
from todoku.sheets.tray_labels import tray_labels


class Sizes(NamedTuple):
    """How many pieces a tray, a bundle and one PDF hold."""

    tray: int = PIECES_IN_TRAY
    bundle: int = PIECES_IN_BUNDLE
    batch: int = PIECES_IN_BATCH


class Job(NamedTuple):
    """A run as it goes to the printer. `artwork`: name of a file → PDF; `deadline` and `stated`: more lines of the
    README's counts; `encoding` that of the insert plan; `void`: pieces of the PDF that are not to be printed."""

    label: str
    title: str
    pdf: Path | BinaryIO
    lines: Sequence[ManifestLine]
    setup: Setup
    sizes: Sizes = Sizes()
    encoding: str = "utf-8-sig"
    artwork: Mapping[str, bytes] = {}
    stated: tuple[tuple[str, str], ...] = ()
    void: frozenset[int] = frozenset()


class Laid(NamedTuple):
    """A job with every piece in its place: batches, trays, the plan and its bytes."""

    job: Job
    batches: list[Batch]
    trays: TrayPlan
    plan: list[InsertLine]
    csv: bytes
    head: dict[str, Any]

    @property
    def pages(self) -> int:
        return sum(batch.pages for batch in self.batches)


def laid(job: Job) -> Laid:
    """Every piece in batch, tray and plan. Raises BatchRefused, SortRefused, InsertRefused, PostageRefused."""
    kept = [line for line in job.lines if line.piece_no not in job.void]
    trays = lay(
        ((line.piece_no, line.postal_code) for line in kept),
        tray_size=job.sizes.tray,
        bundle_size=job.sizes.bundle,
    )
    plan = insert_plan(kept, trays, job.setup)
    data = as_csv(plan, job.label, job.encoding)
    told = head(plan, job.setup, job.label, data, job.encoding)
    return Laid(job, batches(job.lines, job.sizes.batch, job.void), trays, plan, data, told)


def entries(found: Laid, *, parcel_name: str, fonts_dir: Path | str) -> Iterator[Entry]:
    """The parcel's files one after another, the PDFs last and made as they are asked for."""
    job = found.job
    yield whole(
        README, readme(f"{job.title}　印刷・封入データ（{job.label}）", _counts(found), RULES, parcel_name)
    )
    yield whole(f"insert/{job.label}-insert.csv", found.csv)
    yield whole(
        f"insert/{job.label}-insert.json", json.dumps(found.head, ensure_ascii=False, indent=1).encode()
    )
    labels = tray_labels(found.trays.trays, title=job.title, run_label=job.label, fonts_dir=fonts_dir)
    yield whole(f"trays/{job.label}-tray-labels.pdf", labels)
    for name, data in job.artwork.items():
        yield whole(f"artwork/{name}", data)
    for batch, data in split(job.pdf, found.batches, pages_of(job.lines, job.void)):
        yield whole(f"print/{batch.name(job.label)}", data)


def counts(found: Laid, *, made_at: datetime, source_sha256: str) -> dict[str, Any]:
    """What the parcel's manifest says besides its files: `source_sha256` is the digest of the run's PDF, which was
    approved."""
    return {
        "run": found.job.label,
        "title": found.job.title,
        "made_at": made_at.isoformat(timespec="seconds"),
        "source_sha256": source_sha256,
        "pieces": len(found.plan),
        "pages": found.pages,
        "sheets": found.head["sheets"],
        "trays": len(found.trays.trays),
        "hand_work": found.head["hand_work"],
        "batches": [
            {"name": f"print/{batch.name(found.job.label)}", **batch._asdict()} for batch in found.batches
        ],
        "insert": found.head,
    }


def read_manifest(data: bytes) -> list[ManifestLine]:
    """The lines of a run's manifest as manifest.ManifestFile wrote them."""
    rows = csv.DictReader(data.decode("utf-8-sig").splitlines())
    return [
        ManifestLine(
            int(row["piece_no"]), row["number"], int(row["first_page"]), int(row["pages"]), row["postal_code"],
            row["hand_work"], row["code"],
        )
        for row in rows
    ]  # fmt: skip


def _counts(found: Laid) -> list[tuple[str, str]]:
    setup = found.job.setup
    reply = f"{setup.reply.name}（折らずに封入）" if setup.reply else "なし"
    return [
        ("通数", f"{len(found.plan):,}通"),
        ("ページ数", f"{found.pages:,}ページ"),
        ("用紙の枚数", f"{found.head['sheets']:,}枚（{'両面' if setup.duplex else '片面'}）"),
        ("PDF", f"{len(found.batches):,}個"),
        ("トレー", f"{len(found.trays.trays):,}個"),
        ("送付用封筒", setup.outer.name),
        ("返信用封筒", reply),
        ("ほかの同封物", "、".join(one.name for one in setup.enclosures) or "なし"),
        ("手作業のあるもの", f"{found.head['hand_work']:,}通"),
        *found.job.stated,
    ]
