"""The register's answers (住基照会の回答): takes what the municipality says of a person's address; lets letters go again or not.

The address confirmed: letters go again. A new one: letters go there from now on, by that answer as an order. Died: the
register's word stands until the next roll. Answered one by one, or by the list that comes back filled in.
"""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction

from todoku.formats.encoding import EncodingRefused, decode_lines, sniff
from todoku.ground.step import Refusal, Report
from todoku.letters.register_inquiry import ANSWERS
from todoku.letters.tables import RegisterInquiry
from todoku.people.access import may
from todoku.people.actor import Actor
from todoku.people.look import record_look
from todoku.programme.tables import Programme
from todoku.registry.reached import Reached, reach, reached_of
from todoku.registry.report_death import report_death

# Answers with which a new address may be told.
WITH_ADDRESS = frozenset({"moved", "moved_out"})
LINES_MAX = 20_000


class CannotAnswer(Refusal):
    """This answer cannot be recorded, or not by this person."""


class NewAddress(NamedTuple):
    """Where somebody lives now, as the register says."""

    postal_code: str
    address: str
    building: str = ""


def answer_register(
    inquiry: RegisterInquiry, *, answer: str, moved_to: NewAddress | None = None, died_on: date | None = None,
    actor: Actor, at: datetime,
) -> Report:  # fmt: skip
    """Records one answer (a key of RegisterInquiry.ANSWERS) and what follows from it. Report: `done` 1, the note says what.

    Raises CannotAnswer for who is no officer of the municipality, for a question answered otherwise before, and for an
    address without its code.
    """
    if actor.organisation != "municipality" or not may(actor.roles, "register.answer"):
        raise CannotAnswer("住基照会に回答できるのは、自治体の担当課職員です。")
    if answer not in ANSWERS:
        raise CannotAnswer("回答を選んでください。")
    if moved_to is not None and not _is_address(moved_to):
        raise CannotAnswer("新しい住所は、7桁の郵便番号と住所をそろえて入力してください。")
    with transaction.atomic():
        found = (
            RegisterInquiry.objects.select_for_update(of=("self",))
            .select_related(
                "undelivered__letter__case__recipient__head", "undelivered__letter__case__recipient__reached_at",
                "undelivered__letter__case__programme",
            )
            .get(pk=inquiry.pk)
        )  # fmt: skip
        if found.answer:
            if found.answer == answer:
                return Report(note="すでに回答済みです。")
            raise CannotAnswer(f"この照会は「{ANSWERS[found.answer]}」と回答済みです。")
        case = found.undelivered.letter.case
        again = answer == "same" or (answer in WITH_ADDRESS and moved_to is not None)
        if answer in WITH_ADDRESS and moved_to is not None:
            kept = reached_of(case.recipient)
            order = f"住基照会 一覧{found.list_no} {at:%Y-%m-%d}"
            place = Reached(
                *moved_to, phone=kept.phone, protected=kept.protected or case.recipient.head.protected
            )
            reach(case.recipient, place, order=order, at=at)
        if answer == "died":
            report_death(case.recipient.head, died_on=died_on)
        found.answer, found.answered_at, found.answered_by, found.mail_again = answer, at, actor.name, again
        found.save(update_fields=["answer", "answered_at", "answered_by", "mail_again"])
        record_look(
            actor=actor, action="register.answer", subject_kind="case", subject_id=case.pk, at=at,
            programme_slug=case.programme.slug, reason=f"住基照会 一覧{found.list_no}: {ANSWERS[answer]}",
        )  # fmt: skip
    return Report(done=1, note="郵便を再び送れます。" if again else "郵便は止めたままです。")


def read_answers(data: bytes, *, programme: Programme, actor: Actor, at: datetime) -> Report:
    """Takes the list back with its answers filled in: one line, one answer; lines without one still wait.

    Report: `done` answers recorded, `waiting` lines left open, `refused` lines with why. Raises CannotAnswer for a file that
    is no such list.
    """
    rows = _rows(data)
    known = {
        (one.list_no, one.pk, one.undelivered.letter.case.number): one
        for one in RegisterInquiry.objects.filter(
            undelivered__letter__case__programme=programme
        ).select_related("undelivered__letter__case")
    }
    done, waiting, refused = 0, 0, []
    for line, row in rows:
        said = row["回答"].strip()
        if not said:
            waiting += 1
            continue
        try:
            inquiry = known.get((_number(row["照会番号"]), _number(row["行番号"]), row["整理番号"].strip()))
            if inquiry is None:
                raise CannotAnswer(
                    "照会した一覧にない行です。照会番号・行番号・整理番号は書き換えないでください。"
                )
            code, moved_to, died_on = _answer(row, said)
            done += answer_register(
                inquiry, answer=code, moved_to=moved_to, died_on=died_on, actor=actor, at=at
            ).done
        except Refusal as refusal:
            refused.append((f"{line}行目", refusal.sentence))
    return Report(done=done, waiting=waiting, refused=tuple(refused))


def _rows(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """The lines of the file by their headings, with the line's number."""
    try:
        text = "".join(decode_lines(data, sniff(data)))
    except EncodingRefused as refused:
        raise CannotAnswer(refused.sentence) from refused
    rows = csv.DictReader(io.StringIO(text))
    needed = {"照会番号", "行番号", "整理番号", "回答"}
    if not needed <= set(rows.fieldnames or ()):
        raise CannotAnswer(
            "住基照会の一覧ではありません。書き出した一覧に回答を書いて、そのまま取り込んでください。"
        )
    found = [(line, row) for line, row in enumerate(rows, 2)]
    if len(found) > LINES_MAX:
        raise CannotAnswer(f"一度に取り込めるのは{LINES_MAX:,}行までです。一覧ごとに分けてください。")
    return found


def _number(text: str) -> int:
    """A number of the list, or 0 for what is none."""
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() else 0


def _answer(row: Mapping[str, str], said: str) -> tuple[str, NewAddress | None, date | None]:
    """What one line says, as answer_register takes it."""
    codes = {word: code for code, word in ANSWERS.items()} | {code: code for code in ANSWERS}
    if said not in codes:
        raise CannotAnswer(f"回答は{'、'.join(ANSWERS.values())}のどれかで書いてください。")
    address = (row.get("住所") or "").strip()
    died = (row.get("死亡日") or "").strip()
    try:
        died_on = date.fromisoformat(died.replace("/", "-")) if died else None
    except ValueError as error:
        raise CannotAnswer("死亡日は 2026-11-30 の形で書いてください。") from error
    code = (row.get("郵便番号") or "").replace("-", "").strip()
    moved_to = NewAddress(code, address, (row.get("方書") or "").strip()) if address else None
    return codes[said], moved_to, died_on


def _is_address(place: NewAddress) -> bool:
    code = place.postal_code
    return len(code) == 7 and code.isascii() and code.isdigit() and bool(place.address.strip())
