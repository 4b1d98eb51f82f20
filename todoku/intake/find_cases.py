"""Finds the cases that typed numbers mean, and says by name why a number means none.

Takes numbers as printed on a form; gives the case with its stage and, where the case was sent back, what the returned
application held. Changes nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection

from todoku.case import stages
from todoku.formats.codes import case_number_valid, plain_number, printed_number
from todoku.ground.step import Refusal
from todoku.intake.carry_over import Before
from todoku.intake.forms import NO_PROOFS, AccountRow, Proofs, is_blank
from todoku.programme.tables import Programme


class WrongNumber(Refusal):
    """What was typed is no case number: not 13 digits, or the check digit disagrees."""


class UnknownNumber(Refusal):
    """A well-formed number that this programme has not given out."""


class CaseClosed(Refusal):
    """The case has come to its end; an application cannot change that."""


class FoundCase(NamedTuple):
    """A case: id, number, stage, what the application before held (None where nothing was returned), and whether a
    supplement (追給) of it came back and waits for another account."""

    id: int
    number: str
    stage: str
    before: Before | None
    awaits_account: bool = False


# Nothing more is paid or undone by an application at these.
CLOSED = {
    stages.PAID: "支給済みです。二重に支給することはありません。申請書は「支給済」の箱に入れ、応対記録に残してください。",
    stages.REFUSED: "不支給と決定しています。申立てとして扱うため、応対記録に残し、責任者に渡してください。",
    stages.LAPSED: "期限切れで終わっています。受け付けるには自治体の指示が要ります。応対記録に残し、責任者に渡してください。",
}

_QUERY = """
select c.number, c.id, g.stage, s.id, s.phone, s.signed, s.identity_evidence, s.account_evidence, s.rail, s.rail_marked,
       pv.first, pv.first_on, pv.second, pv.second_on, coalesce(pv.counted_on, s.counts_on, s.arrived_on),
       a.bank, a.branch, a.kind, a.number, a.holder_kana, a.yucho_symbol, a.yucho_number,
       g.stage = 'paid' and exists (
         select 1 from todoku_transfer t where t.case_id = c.id and t.part > 1 and t.state = 'returned'
            and not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void'))
  from todoku_case c
  join todoku_casestage g on g.case_id = c.id
  left join lateral (
    select * from todoku_submission x
     where x.case_id = c.id and g.stage in ('returned', 'failed') and x.state = 'screened'
     order by x.id desc limit 1) s on true
  left join lateral (
    select * from todoku_accountversion v where v.submission_id = s.id order by v.version desc limit 1) a on true
  left join lateral (
    select * from todoku_proofversion v where v.submission_id = s.id order by v.version desc limit 1) pv on true
 where c.programme_id = %s and c.number = any(%s)
"""


def find_cases(numbers: Iterable[str], *, programme: Programme) -> dict[str, FoundCase]:
    """Typed number → case, for those that the programme has given out; one query for all."""
    typed = {number: plain_number(number) for number in numbers}
    with connection.cursor() as cursor:
        cursor.execute(_QUERY, [programme.pk, list(set(typed.values()))])
        known = {
            row[0]: FoundCase(row[1], row[0], row[2], _before(row[3:-1]), row[-1])
            for row in cursor.fetchall()
        }
    return {number: known[plain] for number, plain in typed.items() if plain in known}


def open_case(number: str, found: dict[str, FoundCase]) -> FoundCase:
    """The case of a typed number that can take an application. Raises WrongNumber, UnknownNumber or CaseClosed."""
    plain = plain_number(number)
    if len(plain) != 13 or not case_number_valid(plain):
        raise WrongNumber(
            "番号に誤りがあります（13桁の最後は検査数字です）。申請書に印刷された番号を見て、入力し直してください。"
        )
    if number not in found:
        raise UnknownNumber(
            f"番号 {printed_number(plain)} は、この給付金の名簿にありません。"
            "別の給付金の申請書でないか、画面上部の給付金の名前を確かめてください。"
        )
    case = found[number]
    if case.stage in CLOSED and not case.awaits_account:
        raise CaseClosed(f"番号 {printed_number(plain)} は、{CLOSED[case.stage]}")
    return case


def _before(row: tuple[object, ...]) -> Before | None:
    (
        submission,
        phone,
        signed,
        identity,
        proof,
        rail,
        marked,
        first,
        first_on,
        second,
        second_on,
        counted_on,
        *account,
    ) = row
    if submission is None:
        return None
    held = AccountRow(*account) if account[0] is not None else None  # type: ignore[arg-type]
    # What was not marked plainly is not taken over, but where the account alone said what was wanted.
    plain = marked == "one" or marked == "none" and held is not None and not is_blank(held)
    proofs = Proofs(first, first_on, second, second_on) if first else NO_PROOFS  # type: ignore[arg-type]
    return Before(
        str(phone), bool(signed), str(identity), str(proof), held, str(rail) if plain else "", proofs,
        counted_on if first else None,  # type: ignore[arg-type]
    )  # fmt: skip
