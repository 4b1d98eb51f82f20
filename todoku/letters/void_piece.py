"""Scans a piece void (抜き取り・破損の読取): takes the code on its sheet; the piece then never leaves.

A piece on the pull list needs no reason. One that is not on it is spoiled or was enclosed wrongly, and somebody says which:
it may be printed again (reprint.py). Whose it is nobody needs to see: the code is enough.
"""

from datetime import datetime

from django.db import transaction

from todoku.formats.codes import case_number_valid, plain_number, printed_number
from todoku.ground.step import Refusal, Report
from todoku.letters.left_out import place_of
from todoku.letters.stopped import ask_not_stopped
from todoku.letters.tables import Letter, PrintRun, PulledPiece
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.sheets.sheet_codes import read_payload

# Reasons that a person gives at the machine; the others come from the facts.
BY_HAND = {"spoiled": "破損・汚損", "mis_enclosed": "封入誤り"}


class CannotVoid(Refusal):
    """The code is not one of a piece that could still be pulled from this run."""


def void_piece(code: str, *, run: PrintRun, reason: str = "", actor: Actor, at: datetime) -> Report:
    """Records that this piece was taken out. `code`: the QR of any of its sheets (17 digits) or the case number (13).

    `reason`: a key of BY_HAND for a piece that is not on the list, else "". Report: `waiting` pieces still to be pulled.
    Raises CannotVoid; a piece scanned twice stays void and is reported as such.
    """
    assert reason in ("", *BY_HAND), f"unknown reason {reason!r}"
    plain = plain_number(code)
    said = read_payload(plain)
    number = said.number if said else plain
    if not case_number_valid(number):
        raise CannotVoid("番号の桁数か検査数字が合いません。用紙の右上のQRを、もう一度読み取ってください。")
    with transaction.atomic():
        held = PrintRun.objects.select_for_update().select_related("programme").get(pk=run.pk)
        if held.state not in ("made", "released"):
            raise CannotVoid("発送前の印刷ロットではありません。差し出した通は、不着として記録します。")
        found = Letter.objects.filter(run=held, case__number=number).select_related("case__doorkey").first()
        if found is None:
            raise CannotVoid("この印刷ロットの通ではありません。通し番号のロットを確かめてください。")
        if said and said.issue != found.case.doorkey.issue % 10 and said.issue != found.occasion % 10:
            raise CannotVoid("別の発行回の用紙です。通し番号のロットを確かめてください。")
        if found.posting is not None:
            raise CannotVoid("この通は差出し済みです。戻ってきたときに、不着として記録してください。")
        note = _void(found, held, reason, actor, at)
    left = PulledPiece.objects.filter(letter__run=held, voided_at=None).count()
    return Report(
        done=1,
        waiting=left,
        note=f"{printed_number(number)}（通し番号{found.piece_no}）{note}残り{left:,}通です。",
    )


def _void(letter: Letter, run: PrintRun, reason: str, actor: Actor, at: datetime) -> str:
    """Writes it down; gives what was done in words."""
    known = PulledPiece.objects.filter(letter=letter).first()
    if known is not None and known.voided_at is not None:
        return "は、すでに抜き取り済みです。"
    if known is None and not reason:
        raise CannotVoid(
            "抜き取りの一覧にない通です。破損・汚損か封入誤りなら、理由を選んでから読み取ってください。"
            "そうでなければ、トレーに戻してください。"
        )
    if known is None:
        ask_not_stopped(run)
        tray, position = place_of(run, letter.pk)
        PulledPiece.objects.create(
            letter=letter, reason=reason, tray=tray, position=position, listed_at=at, listed_by=actor.name, voided_at=at,
            voided_by=actor.name,
        )  # fmt: skip
    else:
        PulledPiece.objects.filter(pk=known.pk).update(voided_at=at, voided_by=actor.name)
    record_look(
        actor=actor, action="print.void", subject_kind="case", subject_id=letter.case_id, at=at,
        programme_slug=run.programme.slug, reason=f"通し番号{letter.piece_no} {BY_HAND.get(reason, '抜き取り')}",
    )  # fmt: skip
    return "を抜き取りとして記録しました。"
