"""Pure. What became known between the review and the hand-over to the bank (決定後の事実), as queries.

Death and move come by a later roll; a refusal or another account by a later submission or a corrected account. An
objection is said by a person, and so is opened as a hold by hand. That the whole of the payout before is claimed back is
a hold of its own kind, the municipality's to end. Known is what the review had before it: the day on which the proposal was
written, or for a supplement the day of its decision.
"""

# One row a case and kind: case, kind, when it became known, the reason in the words of the list.
# `base_date` is the programme's: whoever had left before it was never counted rightly. Only heads are payees, but the
# death of anybody counted before the base date changes the amount.
FACTS = """
with unsent as (
  select d.case_id, c.number, r.head_id, r.id as recipient_id,
         min(case when d.part = 1 then coalesce(p.at, l.decided_at) else l.decided_at end) as known_at,
         (array_agg(d.account_id order by d.part))[1] as account_id
    from todoku_decision d
    join todoku_decisionlist l on l.id = d.decision_list_id and l.programme_id = %(programme)s and l.state = 'decided'
    join todoku_case c on c.id = d.case_id
    join todoku_recipient r on r.id = c.recipient_id
    left join todoku_proposal p on p.case_id = d.case_id
   where d.in_force and d.outcome = 'grant'
     and not exists (select 1 from todoku_transfer t where t.case_id = d.case_id and t.part = d.part
                      and t.state in ('sending', 'sent', 'settled'))
   group by 1, 2, 3, 4
), left_since as (
  select u.case_id, u.number, u.known_at, i.taken_at, q.id = u.head_id as is_head, q.left_reason, q.left_on
    from unsent u
    join todoku_member m on m.recipient_id = u.recipient_id and m.superseded_by_order = ''
    join todoku_person q on q.id = m.person_id and q.left_reason <> ''
    join todoku_rollimport i on i.id = q.roll_import_id and coalesce(i.taken_at, i.staged_at) > u.known_at
), gone as (
  select u.case_id, u.number, min(i.taken_at) as at
    from unsent u
    join todoku_person q on q.id = u.head_id and not q.in_latest_roll and q.left_reason = ''
    join todoku_rollimport i on i.programme_id = %(programme)s and i.taken_at > u.known_at
   group by 1, 2
), facts as (
  select case_id, number, case when left_reason = 'death' then 'death' else 'moved' end as kind,
         coalesce(taken_at, known_at) as at,
         case when is_head and left_reason = 'death' then '受給者の死亡'
              when is_head then '受給者の転出'
              else '世帯員が基準日より前に世帯を離れていた' end
         || coalesce('（' || to_char(left_on, 'YYYY-MM-DD') || '）', '') as reason
    from left_since
   where is_head
      or left_reason = 'death' and left_on < %(base_date)s
      or left_reason <> 'death' and left_on <= %(base_date)s
  union all
  select case_id, number, 'moved', at, '受給者が最新の名簿に載っていない' from gone
  union all
  select u.case_id, u.number, 'refusal', s.registered_at, '決定の後に辞退の届出（受付 ' || s.receipt_number || '）'
    from unsent u join todoku_submission s on s.case_id = u.case_id and s.declines and s.registered_at > u.known_at
  union all
  select u.case_id, u.number, 'refusal', w.told_at, '辞退の申出（' || case w.channel when 'web' then 'ウェブ'
         when 'phone' then '電話' when 'paper' then '郵送' else '窓口' end || '）、本人の再確認待ち'
    from unsent u join todoku_declineword w on w.case_id = u.case_id and w.kind = 'decline' and w.state = 'told'
  union all
  select u.case_id, u.number, 'account', a.entered_at, '決定の後に別の口座の届出（受付 ' || s.receipt_number || '）'
    from unsent u
    join todoku_submission s on s.case_id = u.case_id
    join todoku_accountversion a on a.submission_id = s.id and a.entered_at > u.known_at and a.number <> ''
    join todoku_accountversion w on w.id = u.account_id
     and (w.bank, w.branch, w.kind, w.number) is distinct from (a.bank, a.branch, a.kind, a.number)
  union all
  -- The whole of the payout before is claimed back: known is what the opening of this one knew.
  select u.case_id, u.number, 'earlier', x.opened_at,
         '前の支給回の全額を返還請求（' || case x.reason when 'duplicate' then '重複支給' when 'fraud' then '不正'
         else '要件に該当しない' end || '）。この支給回を支払うかを決めてください。'
    from unsent u
    join todoku_followingcase f on f.case_id = u.case_id
    join todoku_claim x on x.case_id = f.earlier_id and x.opened_at > f.at and x.state <> 'cancelled'
     and x.reason in ('not_due', 'duplicate', 'fraud')
), latest as (
  select distinct on (case_id, kind) case_id, number, kind, at, reason from facts order by case_id, kind, at desc
)
"""

# A hold of the kind that stands open, or was opened after the fact was known, has dealt with it.
NOT_HELD = """
  from latest f
 where not exists (select 1 from todoku_hold h where h.case_id = f.case_id and h.kind = f.kind
                    and (h.closed_at is null or h.opened_at >= f.at))
"""

FACTS_NOT_HELD = FACTS + "select f.number as what " + NOT_HELD
