"""Hands a run to the printing company (入稿): takes a released run whose proof is approved; leaves one encrypted parcel.

The parcel is streamed to disk already encrypted to the printer's key, recorded in custody, and the printer's receipt is held
against its digest. It never leaves a copy in clear, and never hands the same run to the same key twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import localtime

from todoku.custody import files
from todoku.custody.receive import record
from todoku.formats.postal_sort import PIECES_IN_BUNDLE
from todoku.ground.places import var
from todoku.ground.step import Refusal, Report
from todoku.letters.approve_proof import is_covered
from todoku.letters.left_out import left_out
from todoku.letters.print_files import run_label
from todoku.letters.pull_list import unlisted
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import Printer, PrinterParcel, PrintRun, PulledPiece
from todoku.people.actor import Actor
from todoku.sheets.insert_plan import Setup
from todoku.sheets.print_batches import PIECES_IN_BATCH
from todoku.sheets.printer_files import Job, Sizes, counts, entries, laid, read_manifest
from todoku.sheets.printer_parcel import SUFFIX, pack, public_key


class CannotHandOver(Refusal):
    """This run cannot go to the printer now, or not to this one."""


class ReceiptDiffers(Refusal):
    """The printer named another digest than that of the parcel: it holds another file."""


class Enclosing(NamedTuple):
    """How the run is enclosed and cut: paper, pieces in a bundle and in a PDF, envelope artwork (name → PDF), encoding of
    the insert plan. How many lie in a tray the run itself says, since its pull list counts by it."""

    setup: Setup
    bundle: int = PIECES_IN_BUNDLE
    batch: int = PIECES_IN_BATCH
    artwork: Mapping[str, bytes] = {}
    encoding: str = "utf-8-sig"


def register_printer(name: str, key: str, *, programme_id: int, actor: Actor, at: datetime) -> Printer:
    """Notes a printing company and its public key; nobody can use it until another person has confirmed the key."""
    return Printer.objects.create(
        programme_id=programme_id, name=name, public_key=str(public_key(key)), registered_at=at,
        registered_by=actor.name,
    )  # fmt: skip


def confirm_printer(printer: Printer, *, actor: Actor, at: datetime) -> Report:
    """A second person has compared the key with the printer by another way (電話・対面). Safe to call twice."""
    if printer.registered_by == actor.name:
        raise CannotHandOver("印刷会社の公開鍵の確認は、登録した人とは別の人が行ってください。")
    changed = Printer.objects.filter(pk=printer.pk, confirmed_at=None, retired_at=None).update(
        confirmed_at=at, confirmed_by=actor.name
    )
    printer.refresh_from_db()
    return Report(done=changed)


def is_late(run: PrintRun, at: datetime) -> bool:
    """Whether the printer's deadline (入稿締切) has passed; a run without one is never late."""
    return run.deadline_at is not None and at > run.deadline_at


def ready_for_printer(run: PrintRun) -> None:
    """Returns where the run may leave the house for a printer, else raises CannotHandOver with what is missing.

    Released by a second person, not stopped by an incident (RunStopped), its file read back and covered by the
    municipality's 校了 on the digest that lies on disk; no codes that are money, no protected people, and nobody of whom
    it became known meanwhile that no letter may go there: such pieces are void before the rest leaves.
    """
    if run.state != "released" or run.pdf is None or run.manifest is None:
        raise CannotHandOver(
            "別の人による確認が済んだ、発送前の印刷ロットだけを入稿できます。先に確認を受けてください。"
        )
    ask_not_stopped(run)
    if run.kind == "gift":
        raise CannotHandOver("ギフトコードのある手紙は、印刷会社に渡せません。事務局の中で印刷してください。")
    if run.protected:
        raise CannotHandOver(
            "支援措置の方の印刷ロットは、印刷会社に渡せません。事務局の中で印刷してください。"
        )
    if files.sha256_of(files.inside(run.pdf.path)) != run.pdf.sha256:
        raise CannotHandOver(
            "印刷データが、作成したときのものと違います。入稿せず、責任者に知らせてください。"
        )
    if not run.read_backs.filter(sha256=run.pdf.sha256).exists():
        raise CannotHandOver("全ページの照合が済んでいません。照合してから入稿してください。")
    if not is_covered(run):
        raise CannotHandOver("自治体の校了がありません。校正刷りを渡し、校了を受けてから入稿してください。")
    _ask_pulled(run)


def _ask_pulled(run: PrintRun) -> None:
    """What became known since the run was made is on the pull list, and all of the list is void."""
    if found := len(unlisted(run)):
        raise CannotHandOver(
            f"印刷データを作った後に、{found:,}通の事情が変わりました。抜き取りの画面で「最新の事情と照らす」を押し、"
            "一覧の番号を入力して抜き取ってから、入稿してください。その通は入稿するデータから除かれます。"
        )
    if listed := PulledPiece.objects.filter(letter__run=run, voided_at=None).count():
        raise CannotHandOver(
            f"抜き取る通が{listed:,}通残っています。抜き取りの画面で一覧の番号を入力して抜き取ってから、"
            "入稿してください。その通は入稿するデータから除かれます。"
        )


def hand_to_printer(
    run: PrintRun, *, printer: Printer, enclosing: Enclosing, actor: Actor, at: datetime
) -> PrinterParcel:
    """Makes the parcel and records that it was handed over; late or not by the run's deadline.

    Called again for the same run and printer it returns the parcel that was made. Raises CannotHandOver, KeyRefused,
    and what printer_files.laid raises.
    """
    with transaction.atomic():
        # Held until the parcel is recorded: two at once would write one file and note the digest of the other.
        with_files = PrintRun.objects.select_related("programme", "pdf", "manifest")
        run = with_files.select_for_update(of=("self",)).get(pk=run.pk)
        ready_for_printer(run)
        _refuse_printer(printer, run)
        known = PrinterParcel.objects.filter(run=run, printer=printer).select_related("parcel").first()
        if known:
            return known
        void = left_out(run)
        if len(void) == run.pieces:
            raise CannotHandOver("すべての通が抜き取り済みです。入稿するものはありません。")
        written = _write(run, printer, enclosing, void, at)
        parcel = record(
            written, kind="print", name=written.path.rpartition("/")[2], scope=run.programme.slug,
            from_party=actor.name, to_party=printer.name, actor=actor, at=at, count=run.pieces - len(void),
        )  # fmt: skip
        return PrinterParcel.objects.create(
            run=run, printer=printer, parcel=parcel, pieces=run.pieces - len(void), late=is_late(run, at), handed_at=at,
            handed_by=actor.name,
        )  # fmt: skip


def _write(
    run: PrintRun, printer: Printer, enclosing: Enclosing, void: frozenset[int], at: datetime
) -> files.Written:
    """The encrypted parcel on disk; a parcel that nobody recorded before is written over."""
    assert run.pdf is not None and run.manifest is not None, "a run that is ready has its files"
    label = run_label(run)
    name = f"{label}-{printer.pk:03d}"
    stated = []
    if run.deadline_at is not None:
        stated.append(("入稿締切", f"{localtime(run.deadline_at):%Y-%m-%d %H:%M}"))
    if void:
        stated.append(("除いた通（抜き取り）", f"{len(void):,}通"))
    sizes = Sizes(run.tray_size, enclosing.bundle, enclosing.batch)
    found = laid(
        Job(
            label, f"{run.programme.name} {run.get_kind_display()}", files.inside(run.pdf.path),
            read_manifest(files.read(run.manifest.path)), enclosing.setup, sizes, enclosing.encoding,
            enclosing.artwork, tuple(stated), void,
        )
    )  # fmt: skip
    pages = sum(line.pages for line in found.job.lines)
    assert len(found.plan) == run.pieces - len(void) and pages == run.pages, (
        "the manifest is not that of the run"
    )
    told = counts(found, made_at=at, source_sha256=run.pdf.sha256)
    with files.writing(f"print/{run.programme.slug}/{name}{SUFFIX}") as sink:
        listed = entries(found, parcel_name=name, fonts_dir=var("assets", "fonts"))
        pack(listed, told, printer.public_key, sink, at=localtime(at))
    return sink.written[0]


def record_receipt(handed: PrinterParcel, *, sha256: str, actor: Actor, at: datetime) -> Report:
    """The digest that the printer named for the parcel it received; typed in by a person. Safe to call twice.

    Raises ReceiptDiffers where it is another one: nothing is recorded then.
    """
    named = "".join(sha256.split()).lower()
    if named != handed.parcel.sha256:
        raise ReceiptDiffers(
            "印刷会社の知らせたSHA-256が、渡したデータと違います。印刷を止めてもらい、データを渡し直してください。"
        )
    changed = PrinterParcel.objects.filter(pk=handed.pk, received_at=None).update(
        received_at=at, received_sha256=named, received_by=actor.name
    )
    handed.refresh_from_db()
    return Report(done=changed)


def _refuse_printer(printer: Printer, run: PrintRun) -> None:
    if printer.programme_id != run.programme_id:
        raise CannotHandOver("この事業の印刷会社ではありません。登録を確かめてください。")
    if printer.confirmed_at is None:
        raise CannotHandOver(
            "印刷会社の公開鍵を、登録した人とは別の人がまだ確認していません。電話などで鍵を照らし合わせてください。"
        )
    if printer.retired_at is not None:
        raise CannotHandOver("使われなくなった公開鍵です。新しい鍵を登録し、別の人の確認を受けてください。")
