"""A programme of which so many payments are decided, filled set-based: what the money steps are measured on.

A town of any size would take its roll, forms and review first. Here those rows are written by a few INSERT … SELECT, with
every constraint and trigger standing; the decision itself is the office's list and the official's, by their own verbs.
"""

from typing import Any, NamedTuple

from django.db import connections

from benches.sample import KEYED_ON, Setting, at, empty_programme, person, programme_of
from todoku.custody.tables import Parcel
from todoku.formats import bank_master
from todoku.ground.copy_rows import refresh_statistics
from todoku.people.actor import SYSTEM
from todoku.registry.tables import RollImport
from todoku.review.decide import decide, make_list
from todoku.sampletown import names

GROWN = (
    "todoku_person", "todoku_recipient", "todoku_member", "todoku_fixedmembers", "todoku_case", "todoku_casestage",
    "todoku_entitlement", "todoku_submission", "todoku_accountversion", "todoku_screening", "todoku_proposal",
)  # fmt: skip
# %(p)s programme, %(m)s municipality, %(v)s version, %(n)s payments, %(r)s roll import, %(at)s, %(day)s, %(kana)s names,
# %(banks)s and %(branches)s codes that exist, side by side. `mark` keeps one size's numbers apart from another's.
FILL = (
    """
    insert into todoku_person (programme_id, municipality_code, roll_import_id, in_latest_roll, number, head_number,
      household_number, is_head, relation, name, kana, latin_name, alias, alias_kana, birth_date, birth_text, sex, phone,
      postal_code, address, building, tax_class, dependant_of, left_reason, protected, facility, has_gaiji, mail_to_head,
      search_key)
    select %(p)s, %(m)s, %(r)s, true, lpad(i::text, 15, '0'), lpad(i::text, 15, '0'), lpad(i::text, 15, '0'), true, '世帯主',
           '見本 ' || i, (%(kana)s::text[])[1 + i %% cardinality(%(kana)s::text[])], '', '', '',
           date '1940-01-01' + (i %% 20000)::int, '', '', '', '2200001', '見本町' || i, '', '', '', '', false, '', false, true,
           '見本' || i || ' '
      from generate_series(1, %(n)s) i
    """,
    """
    insert into todoku_recipient (programme_id, payout, municipality_code, household_number, head_id)
    select programme_id, 1, municipality_code, household_number, id from todoku_person where programme_id = %(p)s order by id
    """,
    """
    insert into todoku_member (programme_id, payout, recipient_id, person_id, relation, superseded_by_order)
    select programme_id, 1, id, head_id, '世帯主', '' from todoku_recipient where programme_id = %(p)s order by id
    """,
    "insert into todoku_fixedmembers (recipient_id, at) select id, %(at)s from todoku_recipient where programme_id = %(p)s",
    """
    insert into todoku_case (programme_id, payout, municipality_code, recipient_id, number, cohort, opened_at)
    select programme_id, 1, municipality_code, id, %(mark)s || lpad(id::text, 9, '0'), 'application', %(at)s
      from todoku_recipient where programme_id = %(p)s order by id
    """,
    """
    insert into todoku_entitlement (case_id, programme_id, payout, recipient_id, version_id, part, amount_yen, member_count,
      why, superseded_by_order)
    select id, programme_id, 1, recipient_id, %(v)s, 1, 100000, 1, '', '' from todoku_case where programme_id = %(p)s
     order by id
    """,
    """
    insert into todoku_move (programme_id, to_stage, why, actor_name, at, count)
    values (%(p)s, 'listed', '見本', '見本', %(at)s, %(n)s), (%(p)s, 'invited', '見本', '見本', %(at)s, %(n)s),
           (%(p)s, 'received', '見本', '見本', %(at)s, %(n)s), (%(p)s, 'passed', '見本', '見本', %(at)s, %(n)s)
    """,
    """
    insert into todoku_casestage (case_id, stage, previous, move_stamp, since)
    select c.id, 'listed', '', (select id from todoku_move where programme_id = %(p)s and to_stage = 'listed'), %(at)s
      from todoku_case c where c.programme_id = %(p)s order by c.id
    """,
    *(
        f"""
    update todoku_casestage s set previous = s.stage, stage = '{to}', move_stamp = m.id
      from todoku_move m, todoku_case c
     where m.programme_id = %(p)s and m.to_stage = '{to}' and c.id = s.case_id and c.programme_id = %(p)s
    """
        for to in ("invited", "received", "passed")
    ),
    """
    insert into todoku_submission (case_id, programme_id, channel, state, receipt_number, arrived_on, registered_at,
      applicant_is_recipient, applicant_name, phone, signed, declines, rail, members_corrected, identity_evidence,
      account_evidence, body_sha256, actor_name)
    select id, programme_id, 'paper', 'screened', right(number, 12), %(day)s, %(at)s, true, '', '', true, false, 'bank', false,
           'yes', 'yes', '', '見本'
      from todoku_case where programme_id = %(p)s order by id
    """,
    """
    insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol,
      yucho_number, entered_at, entered_by)
    select s.id, 1, (%(banks)s::text[])[1 + s.id %% cardinality(%(banks)s::text[])],
           (%(branches)s::text[])[1 + s.id %% cardinality(%(banks)s::text[])], 1,
           lpad((s.id %% 10000000)::text, 7, '0'), h.kana, '', '', %(at)s, '見本'
      from todoku_submission s join todoku_case c on c.id = s.case_id join todoku_recipient r on r.id = c.recipient_id
      join todoku_person h on h.id = r.head_id where s.programme_id = %(p)s order by s.id
    """,
    """
    insert into todoku_screening (submission_id, case_id, outcome, sampled, persons, version_id, rules, at)
    select id, case_id, 'clean', false, 0, %(v)s, 1, %(at)s from todoku_submission where programme_id = %(p)s order by id
    """,
    """
    insert into todoku_proposal (case_id, submission_id, account_id, outcome, reason, via, rail, at)
    select s.case_id, s.id, a.id, 'grant', '', 'straight', 'bank', %(at)s
      from todoku_submission s join todoku_accountversion a on a.submission_id = s.id
     where s.programme_id = %(p)s order by s.id
    """,
)
EVENTS = """
insert into todoku_caseevent (case_id, move_id, from_stage, to_stage, at)
select c.id, m.id, x.from_stage, x.to_stage, %(at)s
  from (values (1, '', 'listed'), (2, 'listed', 'invited'), (3, 'invited', 'received'), (4, 'received', 'passed'))
       as x(place, from_stage, to_stage)
  join todoku_move m on m.programme_id = %(p)s and m.to_stage = x.to_stage, todoku_case c
 where c.programme_id = %(p)s order by x.place, c.id
"""


class Decided(NamedTuple):
    """What was filled: payments, and the yen that the municipality decided."""

    payments: int
    yen: int


def decided_programme(setting: Setting) -> Decided:
    """Empties the sample database and leaves `setting.households` payments decided."""
    empty_programme(setting)
    setting.folder.mkdir(parents=True, exist_ok=True)
    _fill(setting)
    programme, manager, officer = programme_of(setting), person("manager"), person("officer")
    made = make_list(programme=programme, actor=manager, at=at(KEYED_ON, 16))
    decide(made, sha256=made.sha256, actor=officer, at=at(KEYED_ON, 17))
    refresh_statistics(*GROWN, "todoku_decision", "todoku_ledgerentry", "todoku_caseevent")
    return Decided(made.grants, made.total_yen)


def _fill(setting: Setting) -> None:
    programme, when = programme_of(setting), at(KEYED_ON, 9)
    parcel = Parcel.objects.create(
        kind="roll", name="roll.csv", scope=setting.slug, sha256="0" * 64, size_bytes=0, path="roll.csv",
        record_count=setting.households, received_at=when, received_by=SYSTEM.name,
    )  # fmt: skip
    roll = RollImport.objects.create(
        programme=programme, parcel=parcel, layout="benefit42", encoding="cp932", state="taken", staged_at=when,
        staged_by=SYSTEM.name, taken_at=when, taken_by=SYSTEM.name,
    )  # fmt: skip
    found = [bank_master.find_branches(bank.code, "") for bank in bank_master.find_banks("0")]
    places = [(branch.bank_code, branch.code) for branches in found for branch in branches]
    values: dict[str, Any] = {
        "p": programme.pk, "m": programme.municipality_id, "v": programme.versions.get().pk, "n": setting.households,
        "r": roll.pk, "at": when, "day": KEYED_ON, "mark": f"{programme.pk % 10_000:04}",
        "kana": [f"{one.kana}　タロウ" for one in names.SURNAMES],
        "banks": [bank for bank, _ in places], "branches": [branch for _, branch in places],
    }  # fmt: skip
    with connections["owner"].cursor() as cursor:
        for statement in (*FILL, EVENTS):
            cursor.execute(statement, values)
        cursor.execute("analyze")
