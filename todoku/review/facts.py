"""Gathers, for many submissions at once, everything that the checks need: one query, flat rows, in chunks.

Takes a programme and a condition on submissions; gives (submission id, case id, number, account id, Facts). Writes
nothing and judges nothing: the checks do.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from django.db import connection

from todoku.programme.tables import Programme
from todoku.programme.terms import Terms
from todoku.review.checks import Facts

CHUNK_ROWS = 5_000

_LEFT = {"": "", "death": "died", "moved": "moved_out"}

# One row per submission; the last account version counts, since a correction is a new version.
QUERY = """
select s.id, s.case_id, c.number, a.id, s.channel, s.arrived_on, s.postmark_on, s.applied_on,
       s.applicant_is_recipient, s.phone, s.signed, s.declines, s.members_corrected,
       s.identity_evidence, s.account_evidence,
       a.bank, a.branch, a.kind, a.number, a.holder_kana, a.yucho_symbol, a.yucho_number,
       p.kana, p.alias_kana, p.latin_name, p.alias, p.left_reason,
       array(select q.kana from todoku_member m join todoku_person q on q.id = m.person_id
              where m.recipient_id = c.recipient_id and m.person_id <> p.id and m.superseded_by_order = '') as others,
       earlier.id is not null, coalesce(earlier.same, true)
  from todoku_submission s
  join todoku_case c on c.id = s.case_id
  join todoku_casestage g on g.case_id = c.id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id
  left join lateral (
    select * from todoku_accountversion v where v.submission_id = s.id order by v.version desc limit 1) a on true
  left join lateral (
    select x.id, (y.bank, y.branch, y.kind, y.number) = (a.bank, a.branch, a.kind, a.number) as same
      from todoku_submission x
      left join lateral (select * from todoku_accountversion v where v.submission_id = x.id
                          order by v.version desc limit 1) y on true
     where x.case_id = s.case_id and x.id <> s.id and x.state = 'screened' and s.state = 'not_counted'
     order by x.arrived_on, x.id limit 1) earlier on true
 where s.programme_id = %s and {condition}
 order by s.id
"""


class Gathered(NamedTuple):
    """One submission ready for the checks."""

    submission: int
    case: int
    number: str
    account: int | None
    facts: Facts


def gather(
    programme: Programme, condition: str, parameters: Sequence[object] = ()
) -> Iterator[list[Gathered]]:
    """Chunks of submissions that meet an SQL condition over s (submission), c (case) and g (its stage)."""
    terms = programme.terms
    with connection.chunked_cursor() as cursor:
        cursor.execute(QUERY.format(condition=condition), [programme.pk, *parameters])
        while rows := cursor.fetchmany(CHUNK_ROWS):
            yield [_gathered(row, terms) for row in rows]


def _gathered(row: tuple[Any, ...], terms: Terms) -> Gathered:
    submission, case, number, account, *rest = row
    return Gathered(submission, case, number, account, facts_of(tuple(rest), terms))


def facts_of(values: tuple[Any, ...], terms: Terms) -> Facts:
    """The Facts of one row of QUERY (from the channel on), with what the terms say about channel and time."""
    (
        channel, arrived_on, postmark_on, applied_on, is_recipient, phone, signed, declines, members_corrected,
        identity, proof, bank, branch, kind, number, holder, symbol, yucho_number,
        kana, alias_kana, latin, alias, left_reason, others, earlier, same,
    ) = values  # fmt: skip
    needs = terms.intake.evidence.get(channel, ())
    return Facts(
        channel=channel,
        arrived_on=arrived_on,
        postmark_on=postmark_on,
        deadline=terms.intake.closes,
        deadline_by=terms.intake.deadline_by,
        applicant_is_recipient=is_recipient,
        needs_signature="signature" in needs,
        signed=signed,
        applied_on=applied_on,
        phone=phone,
        account=(bank, branch, kind, number) if bank and branch and number else None,
        yucho_symbol=symbol or "",
        yucho_number=yucho_number or "",
        holder_kana=holder or "",
        recipient_kana=kana,
        recipient_aliases=tuple(name for name in (alias_kana, latin, alias) if name),
        household_kanas=tuple(others),
        needs_identity="identity" in needs,
        has_identity=bool(identity),
        identity_expired=identity == "expired",
        identity_clear=identity in ("clear", "expired"),
        needs_account_proof="account_proof" in needs,
        has_account_proof=bool(proof),
        proof_quality=_PROOF.get(proof, "clear"),
        earlier_valid=earlier,
        earlier_same_account=same,
        recipient_left_reason=_LEFT[left_reason],
        declines=declines,
        members_corrected=members_corrected,
    )


# How a person at the counter or the keyboard judged the copy → the word of the checks.
_PROOF = {"clear": "clear", "unclear": "unclear", "cut": "missing_side", "expired": "clear"}
