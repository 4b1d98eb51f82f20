-- The public door's only ways into a case. They run as the owner; the caller must hold the keyed digest of number and
-- birth date, and for facts that of the letter's key as well. Neither gives an address, a birth date, a head-count or
-- an account. Unknown and wrong are the same: no row.
create function resident_status(token text) returns table (
  case_id bigint, programme_id bigint, number text, initials text, stage text, since timestamptz, cohort text,
  late_kind text, late_on date, amount_yen bigint, invited_on date, arrived_on date, registered_at timestamptz, channel text, receipt text,
  not_yet_taken boolean, return_codes text[], refusal_code text, decided_at timestamptz, pays_on date,
  failure text, supplement_yen bigint, supplement_paid_on date, rail text, supplement_back_on date,
  supplement_answered boolean, decline_told_on date, declined_unapplied boolean, objection text, objection_on date, objection_answered_on date
) language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, c.programme_id, c.number::text, d.initials::text, s.stage::text, s.since, c.cohort::text,
    -- What the last day of this case hangs on, besides its cohort (case/late_deadline.py).
    coalesce(late.kind, '')::text, late.happened_on,
    -- What was paid stays what it was, even where an order has made another amount right since.
    coalesce((select t.amount_yen from todoku_transfer t where t.case_id = c.id and t.part = 1 and t.state = 'settled'),
             e.amount_yen),
    (select max(l.posted_on) from todoku_postedletter l
      where l.case_id = c.id and l.kind in ('form', 'push_notice')),
    sub.arrived_on, sub.registered_at, sub.channel::text, sub.receipt_number::text,
    coalesce(sub.state = 'sent', false),
    (select array_agg(q.code order by q.code) from todoku_verdict v
       cross join lateral jsonb_array_elements_text(v.codes) as q(code)
      where v.submission_id = sub.id and v.outcome = 'return' and v.undone_at is null),
    (select x.reason::text from todoku_decision x where x.case_id = c.id and x.part = 1 and x.in_force and x.outcome = 'refuse'),
    (select y.decided_at from todoku_decision x join todoku_decisionlist y on y.id = x.decision_list_id
      where x.case_id = c.id and x.part = 1 and x.in_force),
    (select b.value_date from todoku_transfer t join todoku_batch b on b.id = t.batch_id
      where t.case_id = c.id and t.part = 1 and t.state in ('sealed', 'sending', 'sent', 'settled') order by t.id desc limit 1),
    (select r.reason::text from todoku_result r join todoku_transfer t on t.id = r.transfer_id
      where t.case_id = c.id and t.part = 1 order by r.id desc limit 1),
    -- A supplement (追給) is told once it is decided.
    (select sum(x.amount_yen)::bigint from todoku_decision x where x.case_id = c.id and x.part > 1 and x.in_force),
    (select max(b.value_date) from todoku_transfer t join todoku_batch b on b.id = t.batch_id
      where t.case_id = c.id and t.part > 1 and t.state = 'settled'),
    -- How the resident wants it (受取方法), so that nobody is told of a transfer who asked for none.
    sub.rail::text,
    -- A supplement that came back waits for another account, until one has been sent since.
    back.on_day, coalesce(exists (
      select 1 from todoku_submission x
       where x.case_id = c.id and x.rail = 'bank' and (x.state = 'sent' or x.registered_at > back.at)), false),
    -- A word about declining that waits to be confirmed, and what was said against a decision.
    (select (w.told_at at time zone 'Asia/Tokyo')::date from todoku_declineword w
      where w.case_id = c.id and w.kind = 'decline' and w.state = 'told'),
    -- Whether a decline that is taken back opens the case to apply anew (payment/take_back_decline.goes_to): what was
    -- applied for before it stands no more, or nothing was.
    s.stage = 'declined' and not exists (
      select 1 from todoku_submission x
       where x.case_id = c.id and not x.declines and x.state in ('screened', 'received')
         and (early.settled_at is null or x.registered_at >= early.settled_at)),
    said.kind::text, said.received_on, (said.answered_at at time zone 'Asia/Tokyo')::date
  from todoku_doorkey d
  join todoku_case c on c.id = d.case_id
  join todoku_casestage s on s.case_id = c.id
  join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
  left join todoku_lateopening late on late.case_id = c.id
  left join lateral (
    select * from todoku_submission x where x.case_id = c.id and x.channel <> 'push'
     order by (x.state = 'not_counted'), x.id desc limit 1) sub on true
  left join lateral (
    select r.at, (r.at at time zone 'Asia/Tokyo')::date as on_day
      from todoku_transfer t join todoku_result r on r.transfer_id = t.id
     where t.case_id = c.id and t.part > 1 and t.state = 'returned' and s.stage = 'paid'
       and not exists (select 1 from todoku_transfer n where n.retry_of_id = t.id and n.state <> 'void')
     order by t.id desc limit 1) back on true
  left join lateral (
    select w.settled_at
      from (select * from todoku_declineword w where w.case_id = c.id and w.state = 'done' order by w.id desc limit 1) w
     where w.kind = 'decline' and w.stage_before in ('listed', 'invited')) early on true
  left join lateral (
    select * from todoku_objection o where o.case_id = c.id and o.state <> 'withdrawn' order by o.id desc limit 1
  ) said on true
  where d.lookup_token = token
$$;

create function resident_facts(token text, letter_key text) returns table (
  case_id bigint, recipient_kana text, recipient_aliases text[], left_reason text
) language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, p.kana::text,
    array_remove(array[p.alias_kana::text, p.latin_name::text, p.alias::text], '')
    -- The names of accounts that a confirmed representative keeps (registry/representative_kinds.holder_names).
    || coalesce((select array_remove(array[
             p.kana || case v.kind when 'adult_guardian' then '　セイネンコウケンニン　' when 'curator' then '　ホサニン　'
                                   else '　ホジョニン　' end || g.kana,
             case when v.kind = 'adult_guardian' then p.kana || '　コウケンニン　' || g.kana end], null)
        from todoku_representative v join todoku_person g on g.id = v.guardian_id
       where v.ward_id = p.id and v.state = 'confirmed' and p.kana <> '' and g.kana <> ''), '{}'),
    p.left_reason::text
  from todoku_doorkey d
  join todoku_case c on c.id = d.case_id
  join todoku_recipient r on r.id = c.recipient_id
  join todoku_person p on p.id = r.head_id
  where d.lookup_token = token and d.key_token = letter_key
$$;
