"""Gives the keyed forms of a scanned lot as flat lines: for an office that bought scanning and keying alone.

Reads only what two persons agreed on or a third chose; a form that is not finished yet is left out and counted.
"""

from datetime import datetime
from typing import NamedTuple

from todoku.intake.tables import AccountVersion, KeyTask, ProofVersion
from todoku.people.actor import Actor
from todoku.people.look import record_looks
from todoku.scan.tables import ScanLot

HEADINGS = (
    "番号", "受付番号", "到着日", "消印日", "開封日", "判定日", "申請日", "署名", "本人申請", "申請者氏名", "電話", "辞退",
    "受取方法", "世帯員の訂正", "金融機関コード", "支店コード", "預金種目", "口座番号", "ゆうちょ記号", "ゆうちょ番号",
    "口座名義カナ", "本人確認書類", "本人確認書類の種類", "本人確認書類の日付", "2点目の種類", "2点目の日付", "口座確認書類",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Keyed(NamedTuple):
    """The lines of a lot, and how many of its forms are not finished."""

    rows: list[tuple[str, ...]]
    unfinished: int


def keyed_lines(lot: ScanLot, *, actor: Actor, at: datetime) -> Keyed:
    """One line per received form in the order of the lot, in the columns of HEADINGS; the looks are recorded."""
    tasks = KeyTask.objects.filter(lot=lot).exclude(state="void")
    done = list(tasks.filter(state="done").select_related("submission", "case").order_by("page__no"))
    sent = [one.submission_id for one in done if one.submission_id]
    accounts = {
        one.submission_id: one
        for one in AccountVersion.objects.filter(submission__in=sent).order_by("version")
    }
    papers = {
        one.submission_id: one for one in ProofVersion.objects.filter(submission__in=sent).order_by("version")
    }
    record_looks(
        [(one.case_id, "打鍵データの書出し") for one in done], actor=actor, action="keyed.export", subject_kind="case", at=at,
        programme_slug=lot.programme.slug,
    )  # fmt: skip
    rows = [
        _line(one, accounts.get(one.submission_id or 0), papers.get(one.submission_id or 0)) for one in done
    ]
    return Keyed(rows, tasks.count() - len(done))


def _line(task: KeyTask, account: AccountVersion | None, papers: ProofVersion | None) -> tuple[str, ...]:
    sent = task.submission
    assert sent is not None
    bank = (
        (account.bank, account.branch, str(account.kind), account.number, account.yucho_symbol, account.yucho_number,
         account.holder_kana)
        if account
        else ("",) * 7
    )  # fmt: skip
    days = (sent.arrived_on, sent.postmark_on, sent.opened_on, sent.counts_on, sent.applied_on)
    plain = (
        task.case.number, sent.receipt_number, *(f"{one}" if one else "" for one in days), _yes(sent.signed),
        _yes(sent.applicant_is_recipient), sent.applicant_name, sent.phone, _yes(sent.declines), sent.rail,
        _yes(sent.members_corrected), *bank, sent.identity_evidence, *_papers(papers), sent.account_evidence,
    )  # fmt: skip
    return tuple(f"'{one}" if one.startswith(_FORMULA) else one for one in plain)


def _papers(papers: ProofVersion | None) -> tuple[str, ...]:
    """Kinds by the words of the criteria's list, which a list of applications (審査だけを使う) reads as well."""
    if papers is None:
        return ("",) * 4
    return papers.first, f"{papers.first_on or ''}", papers.second, f"{papers.second_on or ''}"


def _yes(value: bool) -> str:
    return "1" if value else "0"
