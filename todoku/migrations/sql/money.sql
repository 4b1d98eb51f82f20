-- The money's guards. Statement-level where rows come in bulk (a row trigger costs a bulk insert an order of magnitude),
-- row-level where a person acts. They guard INSERT as well as UPDATE. Names are sentences: they reach a person.

-- Nothing of this is ever deleted, and what is only added is never rewritten, whoever asks.
do $$
declare name text;
begin
  foreach name in array array['entitlement', 'transfer', 'batch', 'batchfile', 'approval', 'sendrecord', 'confirmation',
    'bankinquiry', 'handedagain', 'bankreport', 'result', 'hold', 'sweeprun', 'halt', 'sharedpayee', 'accountinquiry',
    'inquiredaccount', 'bankquery', 'recall', 'unmatchedreturn', 'giftlist', 'giftcode', 'cashpayment', 'claim', 'instalment',
    'claimpayment', 'paymentreversal', 'claimnotice', 'ledgerentry', 'correction', 'giftmessage', 'giftremainder'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['batchfile', 'approval', 'sendrecord', 'confirmation', 'bankinquiry', 'handedagain',
    'bankreport', 'result', 'sweeprun', 'cashpayment', 'instalment', 'claimnotice', 'ledgerentry',
    'giftremainder'] loop
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;

-- A role held in one municipality says nothing in another: approvers and whoever takes the file hold it here. A role of
-- the municipality is held by its own people alone, whatever somebody may have granted to whom.
create function holds_role(staff bigint, wanted text, programme bigint) returns boolean language sql stable as $$
  select exists (
    select 1 from todoku_grant g
      join todoku_staff s on s.id = staff and s.is_active
      join todoku_organisation o on o.id = s.organisation_id
      join todoku_programme p on p.id = programme
     where g.role = wanted and g.municipality_code in ('', p.municipality_id)
       and (g.until_on is null or g.until_on >= (now() at time zone 'Asia/Tokyo')::date)
       -- The person's own grant, or that of somebody the person acts for today (代理).
       and (g.staff_id = staff or exists (
             select 1 from todoku_deputy d join todoku_staff a on a.id = d.absent_id and a.is_active
              where d.deputy_id = staff and d.absent_id = g.staff_id and d.municipality_code = p.municipality_id
                and d.ended_at is null and (now() at time zone 'Asia/Tokyo')::date between d.from_on and d.until_on))
       and case when wanted like 'city\_%' then (o.kind, o.municipality_code) = ('municipality', p.municipality_id)
                else o.kind = 'office' end)
$$;
create function holds_one_of(staff bigint, wanted text[], programme bigint) returns boolean language sql stable as $$
  select exists (select 1 from unnest(wanted) w(role) where holds_role(staff, w.role, programme))
$$;
create function is_halted(programme bigint) returns boolean language sql stable as $$
  select exists (select 1 from todoku_halt h where h.programme_id = programme and h.released_at is null)
$$;

-- Entitlements: an order supersedes one; a supplement never brings the whole above the corrected amount.
create function an_entitlement_is_only_superseded() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from before b full join after a on a.id = b.id
     where a.id is null or b.id is null
        or (a.case_id, a.programme_id, a.payout, a.recipient_id, a.version_id, a.part, a.amount_yen, a.member_count,
            a.corrected_yen, a.why) is distinct from
           (b.case_id, b.programme_id, b.payout, b.recipient_id, b.version_id, b.part, b.amount_yen, b.member_count,
            b.corrected_yen, b.why)
        or (b.superseded_by_order <> '' and a.superseded_by_order <> b.superseded_by_order)) then
    raise exception 'an_entitlement_is_only_superseded' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger an_entitlement_is_only_superseded after update on todoku_entitlement
  referencing old table as before new table as after for each statement
  execute function an_entitlement_is_only_superseded();

-- What a case's payee was paid and keeps: what settled, less what is claimed back. A claim that was given up takes back what
-- was paid on it; one that was cancelled nothing.
create function kept_of_case(wanted bigint) returns bigint language sql stable as $$
  select (coalesce((select sum(t.amount_yen) from todoku_transfer t where t.case_id = wanted and t.state = 'settled'), 0)
        - coalesce((select sum(case when c.state in ('waived', 'written_off') then p.yen else c.amount_yen end)
                      from todoku_claim c
                     cross join lateral (select coalesce(sum(x.amount_yen - x.excess_yen), 0) as yen
                                           from todoku_claimpayment x
                                          where x.claim_id = c.id and x.refund_of_id is null and x.reversed_at is null) p
                     where c.case_id = wanted and c.state <> 'cancelled'), 0))::bigint
$$;
-- What is still to be paid of a case's supplements, and the whole amount that was right when the last of them was ordered.
create function supplements_under_way(wanted bigint, out yen bigint, out corrected_yen bigint) language sql stable as $$
  select coalesce(sum(e.amount_yen), 0)::bigint, (array_agg(e.corrected_yen order by e.part desc))[1]
    from todoku_entitlement e
   where e.case_id = wanted and e.part > 1 and e.superseded_by_order = ''
     and not exists (select 1 from todoku_transfer t where t.case_id = e.case_id and t.part = e.part and t.state = 'settled')
$$;

create function supplements_stay_within_the_corrected_amount() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from (select distinct case_id from added where part > 1) s
      join lateral (select sum(e.amount_yen) yen, max(e.part) last from todoku_entitlement e
                     where e.case_id = s.case_id and e.superseded_by_order = '') t on true
      join todoku_entitlement l on l.case_id = s.case_id and l.part = t.last and l.superseded_by_order = ''
     where t.yen > l.corrected_yen
        or kept_of_case(s.case_id) + (supplements_under_way(s.case_id)).yen > l.corrected_yen) then
    raise exception 'supplements_stay_within_the_corrected_amount' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger supplements_stay_within_the_corrected_amount after insert on todoku_entitlement
  referencing new table as added for each statement execute function supplements_stay_within_the_corrected_amount();

-- A transfer pays exactly the entitlement: the foreign key carries the amount.
alter table todoku_transfer add constraint a_transfer_pays_its_entitlement
  foreign key (entitlement_id, case_id, part, amount_yen) references todoku_entitlement (id, case_id, part, amount_yen);

-- As one query, planned anew for each statement (see transfers_move_lawfully).
create function transfers_begin_ready() returns trigger language plpgsql as $$
declare broken text;
begin
  execute $rules$
    select min(case
      when a.state <> 'ready' or a.batch_id is not null or a.line is not null then 'transfers_begin_ready'
      -- Of a list that the municipality decided, in the programme that pays.
      when l.state <> 'decided' or l.programme_id <> a.programme_id then 'only_a_decided_list_is_paid'
      when d.case_id <> a.case_id or not d.in_force or d.outcome <> 'grant' or d.amount_yen <> a.amount_yen
        or d.part <> a.part or d.rail <> a.rail
        or (a.rail = 'bank' and (v.bank, v.branch, v.kind, v.number) is distinct from
                                (a.bank, a.branch, a.kind, a.account_number))
        then 'a_transfer_follows_its_decision'
      -- Two people of one name: the account is the one that this case's own application named.
      when a.rail = 'bank' and s.case_id is distinct from a.case_id then 'an_account_is_of_its_own_case'
      when (c.programme_id, c.payout, c.recipient_id) is distinct from (a.programme_id, a.payout, a.recipient_id)
        then 'a_transfer_is_of_one_case'
      when e.superseded_by_order <> '' then 'a_superseded_entitlement_is_not_paid'
      -- A claim may have ended since the order: what was paid and is kept counts, not what was due.
      when a.part > 1 and kept_of_case(a.case_id) + a.amount_yen > e.corrected_yen
        then 'a_supplement_pays_what_is_missing'
      when a.amount_yen > (select w.cap_per_transfer_yen from todoku_version w
                            where w.programme_id = a.programme_id and w.opened_at is not null
                            order by w.number desc limit 1)
        then 'a_transfer_is_within_the_cap'
      when r.id is not null and (r.state <> 'returned'
           or (r.programme_id, r.payout, r.recipient_id, r.part) is distinct from
              (a.programme_id, a.payout, a.recipient_id, a.part))
        then 'a_retry_names_a_returned_transfer'
      end)
      from added a
      join todoku_decision d on d.id = a.decision_id
      join todoku_decisionlist l on l.id = d.decision_list_id
      join todoku_case c on c.id = a.case_id
      join todoku_entitlement e on e.id = a.entitlement_id
      left join todoku_accountversion v on v.id = d.account_id
      left join todoku_submission s on s.id = v.submission_id
      left join todoku_transfer r on r.id = a.retry_of_id
  $rules$ into broken;
  if broken is not null then
    raise exception '%', broken using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from added a join todoku_transfer t
      -- A recipient has one case a payout, and a transfer is of its case: the index by case finds the earlier ones.
      on (t.case_id, t.part) = (a.case_id, a.part) and t.state = 'returned'
    where not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void')
  ) then
    raise exception 'a_returned_transfer_is_paid_again_only_as_its_retry' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger transfers_begin_ready after insert on todoku_transfer
  referencing new table as added for each statement execute function transfers_begin_ready();

-- One query, planned anew at each statement: a plan kept from a single row would pair every row with every row when a
-- city's batch moves, and so would EXISTS, which hopes to meet a fault soon (14,000 rows took half a minute).
create function transfers_move_lawfully() returns trigger language plpgsql as $$
declare broken text;
begin
  execute $rules$
    select min(case
      when a.id is null or b.id is null
        or (a.number, a.programme_id, a.payout, a.recipient_id, a.case_id, a.part, a.entitlement_id, a.decision_id,
            a.amount_yen, a.rail, a.retry_of_id, a.bank, a.branch, a.kind, a.account_number, a.holder_kana)
           is distinct from
           (b.number, b.programme_id, b.payout, b.recipient_id, b.case_id, b.part, b.entitlement_id, b.decision_id,
            b.amount_yen, b.rail, b.retry_of_id, b.bank, b.branch, b.kind, b.account_number, b.holder_kana)
        or (b.state <> 'ready' and (a.batch_id, a.file_number, a.line) is distinct from (b.batch_id, b.file_number, b.line))
        then 'a_transfer_keeps_payee_amount_and_account'
      when a.state <> b.state and b.state || '>' || a.state not in
           ('ready>sealed', 'ready>void', 'sealed>sending', 'sealed>void', 'sending>sent', 'sending>void',
            'sent>settled', 'sent>returned', 'settled>returned')
        then 'a_transfer_moves_only_forward'
      -- Rows enter and are sealed in an open batch of their own programme and rail: later the file is what it is.
      when (a.batch_id is distinct from b.batch_id and a.batch_id is not null or (b.state, a.state) = ('ready', 'sealed'))
           and (t.id is null or t.state <> 'open' or t.programme_id <> a.programme_id or t.rail <> a.rail)
        then 'a_transfer_joins_an_open_batch'
      -- A held row enters no batch; one that became held inside a batch is not sealed with it.
      when h.case_id is not null and (a.batch_id is distinct from b.batch_id and a.batch_id is not null
           or (b.state, a.state) = ('ready', 'sealed'))
        then 'a_held_transfer_is_not_sealed'
      -- Asked once more as the row leaves: a hold may have come after the send record was written.
      when h.case_id is not null and (b.state, a.state) = ('sealed', 'sending') then 'a_held_transfer_is_not_sent'
      when (b.state, a.state) = ('sealed', 'sending') and (t.state <> 'sending' or s.file_id is null)
        or (b.state, a.state) = ('sending', 'sent') and y.file_id is null
        or (b.state, a.state) = ('sealed', 'void') and s.file_id is not null
        or (b.state, a.state) = ('sending', 'void') and (y.file_id is not null or q.answer is distinct from 'not_received')
        then 'a_transfer_is_sent_with_its_batch'
      -- What became of it is known from the bank's report alone: settled by a report on the batch, returned by a line of
      -- one. A code is delivered, cash is handed over against a receipt.
      when b.state <> a.state and a.state = 'settled'
           and case a.rail when 'bank' then r.batch_id when 'gift' then g.handed_out else m.transfer_id end is null
        or b.state <> a.state and a.state = 'returned' and x.batch_id is distinct from a.batch_id
        then 'a_transfer_ends_by_a_bank_report'
      -- What is claimed back, or was settled with the issuer, is no longer with its payee: it does not come back as well.
      when (b.state, a.state) = ('settled', 'returned') and k.transfer_id is not null
        then 'what_is_claimed_back_does_not_come_back_as_well'
      -- A code that can still be used, or was, and a payment in its place would be the money twice.
      when b.state <> a.state and a.state = 'returned' and g.live
        then 'a_gift_comes_back_only_without_its_codes'
      -- What was used on the last day is known from what the issuer reports after it.
      when b.state <> a.state and a.state = 'returned' and g.unreported
        then 'a_gift_comes_back_after_the_issuers_report'
      end)
      from before b
      full join after a on a.id = b.id
      left join todoku_batch t on t.id = a.batch_id
      left join todoku_batchfile f on f.batch_id = a.batch_id and f.number = a.file_number
      left join todoku_sendrecord s on s.file_id = f.id
      left join todoku_confirmation y on y.file_id = f.id
      left join (select distinct on (i.file_id) i.file_id, case when g.inquiry_id is null then i.answer end as answer
                   from todoku_bankinquiry i left join todoku_handedagain g on g.inquiry_id = i.id
                  order by i.file_id, i.id desc) q on q.file_id = f.id
      left join (select distinct batch_id from todoku_bankreport where kind = 'result') r on r.batch_id = a.batch_id
      left join (select x.transfer_id, r.batch_id from todoku_result x join todoku_bankreport r on r.id = x.report_id) x
             on x.transfer_id = a.id
      left join (select distinct case_id from todoku_hold where closed_at is null) h on h.case_id = a.case_id
      left join (select c.transfer_id, max(c.transfer_id) filter (where c.state in ('delivered', 'redeemed')) as handed_out,
                        bool_or(c.state in ('assigned', 'delivered', 'redeemed')) as live,
                        bool_or(c.state = 'expired' and coalesce(i.reported_on <= c.expires_on, true)) as unreported
                   from todoku_giftcode c join todoku_giftlist i on i.id = c.gift_list_id
                  where c.transfer_id is not null group by 1) g on g.transfer_id = a.id
      left join todoku_cashpayment m on m.transfer_id = a.id
      left join (select transfer_id from todoku_claim where state <> 'cancelled'
                  union select transfer_id from todoku_giftremainder) k on k.transfer_id = a.id
  $rules$ into broken;
  if broken is not null then
    raise exception '%', broken using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger transfers_move_lawfully after update on todoku_transfer
  referencing old table as before new table as after for each statement execute function transfers_move_lawfully();

-- Batches: few rows, so a row trigger.
create function what_breaks_a_seal(b todoku_batch) returns text language plpgsql stable as $$
declare lines bigint; yen bigint;
begin
  select count(*), coalesce(sum(amount_yen), 0) into lines, yen from todoku_transfer
   where batch_id = b.id and state in ('sealed', 'sending', 'sent', 'settled', 'returned');
  if (lines, yen) is distinct from (b.count, b.total_yen) then
    return format('a_batch_totals_its_transfers: %s of %s, %s of %s yen', lines, b.count, yen, b.total_yen);
  end if;
  if exists (
    select 1 from (select file_number, count(*) n, sum(amount_yen) yen from todoku_transfer
                    where batch_id = b.id and state <> 'void' group by 1) t
      full join (select number, count, total_yen from todoku_batchfile where batch_id = b.id) f
        on f.number = t.file_number
     where (t.n, t.yen) is distinct from (f.count, f.total_yen)) then
    return 'the_files_of_a_batch_hold_its_transfers';
  end if;
  if b.state = 'sealed' and extract(isodow from b.value_date) > 5 and b.rail = 'bank' then
    return 'money_moves_on_a_bank_day';
  end if;
  -- So much to one account and no more, but for accounts that the municipality listed for many (施設・成年後見人).
  if exists (
    select 1 from (select bank, branch, kind, account_number, sum(amount_yen) yen from todoku_transfer
                    where batch_id = b.id and rail = 'bank' and state <> 'void' group by 1, 2, 3, 4) a
     where a.yen > (select w.cap_per_account_yen from todoku_version w
                     where w.programme_id = b.programme_id and w.opened_at is not null order by w.number desc limit 1)
       and not exists (
         select 1 from todoku_sharedpayee p
          where p.programme_id = b.programme_id and p.approved_at is not null and p.ended_at is null
            and (p.bank, p.branch, p.account_kind, p.account_number) = (a.bank, a.branch, a.kind, a.account_number)
            and a.yen <= p.limit_yen)) then
    return 'an_account_receives_no_more_than_its_cap';
  end if;
  if b.rail = 'gift' and exists (
    select 1 from todoku_transfer t
      left join (select transfer_id, sum(value_yen) yen from todoku_giftcode
                  where state in ('assigned', 'delivered', 'redeemed') group by 1) g on g.transfer_id = t.id
     where t.batch_id = b.id and t.state <> 'void' and g.yen is distinct from t.amount_yen) then
    return 'gift_codes_add_up_to_the_amount';
  end if;
  return null;
end $$;

create function a_batch_is_what_it_says() returns trigger language plpgsql as $$
declare broken text;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'open' then raise exception 'a_batch_begins_open' using errcode = 'check_violation'; end if;
    return new;
  end if;
  if old.state <> 'open' and (old.sha256, old.count, old.total_yen, old.value_date, old.maker_id, old.made_at,
      old.programme_id, old.rail, old.manifest_id, old.lines_id, old.sealed_by_id, old.sealed_at, old.fiscal_year,
      old.budget_item, old.payment_order)
      is distinct from (new.sha256, new.count, new.total_yen, new.value_date, new.maker_id, new.made_at,
      new.programme_id, new.rail, new.manifest_id, new.lines_id, new.sealed_by_id, new.sealed_at, new.fiscal_year,
      new.budget_item, new.payment_order)
     or old.state not in ('open', 'sealed') and old.releasable_at is distinct from new.releasable_at
     or (old.maker_id, old.programme_id, old.rail) is distinct from (new.maker_id, new.programme_id, new.rail) then
    raise exception 'a_sealed_batch_does_not_change' using errcode = 'check_violation';
  end if;
  if old.state = new.state then
    return new;
  end if;
  if old.state || '>' || new.state not in ('open>sealed', 'open>void', 'sealed>approved', 'sealed>void',
      'approved>sending', 'approved>void', 'sending>sent', 'sending>void', 'sent>reconciled') then
    raise exception 'a_batch_moves_only_forward: % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if new.state in ('sealed', 'approved', 'sending') then
    if is_halted(new.programme_id) then
      raise exception 'a_halted_programme_neither_seals_nor_sends' using errcode = 'check_violation';
    end if;
    -- Money that came back and fits no transfer: first it is known whose it is, then more goes out.
    if new.state = 'sealed' and exists (
        select 1 from todoku_unmatchedreturn u where u.programme_id = new.programme_id and u.resolved_at is null) then
      raise exception 'nothing_is_sealed_while_a_return_is_unmatched' using errcode = 'check_violation';
    end if;
    broken := what_breaks_a_seal(new);
    if broken is not null then raise exception '%', broken using errcode = 'check_violation'; end if;
  end if;
  if new.state in ('approved', 'sending') and 2 <> (
      select count(*) from todoku_approval where batch_id = new.id and sha256 = new.sha256) then
    raise exception 'a_batch_needs_both_approvals_of_its_digest' using errcode = 'check_violation';
  end if;
  if new.state = 'sending' and exists (
      select 1 from todoku_batchfile f left join todoku_sendrecord s on s.file_id = f.id and s.sha256 = f.sha256
       where f.batch_id = new.id and s.file_id is null) then
    raise exception 'a_sent_batch_has_a_send_record' using errcode = 'check_violation';
  end if;
  -- A file that was given up is waited for no more; something of the batch is with the bank.
  if new.state = 'sent' and (
      not exists (select 1 from todoku_batchfile f join todoku_confirmation y on y.file_id = f.id
                   where f.batch_id = new.id)
      or exists (
        select 1 from todoku_batchfile f left join todoku_confirmation y on y.file_id = f.id
         where f.batch_id = new.id and y.file_id is null
           and exists (select 1 from todoku_transfer t
                        where t.batch_id = new.id and t.file_number = f.number and t.state <> 'void'))) then
    raise exception 'a_sent_batch_is_confirmed_by_the_bank' using errcode = 'check_violation';
  end if;
  if new.state = 'void' and (
      exists (select 1 from todoku_transfer where batch_id = new.id and state <> 'void')
      or exists (
        select 1 from todoku_sendrecord s
         where s.batch_id = new.id
           and (exists (select 1 from todoku_confirmation y where y.file_id = s.file_id)
                or (select case when g.inquiry_id is null then q.answer end
                      from todoku_bankinquiry q left join todoku_handedagain g on g.inquiry_id = q.id
                     where q.file_id = s.file_id order by q.id desc limit 1) is distinct from 'not_received'))) then
    raise exception 'a_void_batch_holds_no_live_transfer' using errcode = 'check_violation';
  end if;
  if new.state = 'reconciled' and (
      not exists (select 1 from todoku_bankreport where batch_id = new.id) and new.rail = 'bank'
      or exists (select 1 from todoku_transfer where batch_id = new.id
                  and state in ('ready', 'sealed', 'sending', 'sent'))) then
    raise exception 'a_reconciled_batch_knows_every_result' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_batch_is_what_it_says before insert or update on todoku_batch
  for each row execute function a_batch_is_what_it_says();

create function a_file_joins_an_open_batch() returns trigger language plpgsql as $$
begin
  if (select state from todoku_batch where id = new.batch_id for share) <> 'open' then
    raise exception 'a_file_joins_an_open_batch' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_file_joins_an_open_batch before insert on todoku_batchfile
  for each row execute function a_file_joins_an_open_batch();

create function an_approval_is_of_this_digest_by_another() returns trigger language plpgsql as $$
declare b todoku_batch; side text;
begin
  select * into b from todoku_batch where id = new.batch_id for share;
  select o.kind into side from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
   where s.id = new.staff_id and s.is_active;
  if b.state <> 'sealed' or b.sha256 is distinct from new.sha256 then
    raise exception 'an_approval_is_of_this_digest' using errcode = 'check_violation';
  end if;
  if is_halted(b.programme_id) then
    raise exception 'a_halted_programme_neither_seals_nor_sends' using errcode = 'check_violation';
  end if;
  if new.staff_id in (b.maker_id, b.sealed_by_id) then
    raise exception 'the_maker_does_not_approve' using errcode = 'check_violation';
  end if;
  if side is distinct from new.side then
    raise exception 'an_approver_belongs_to_the_approving_side' using errcode = 'check_violation';
  end if;
  if not holds_role(new.staff_id, case new.side when 'office' then 'payment_approver' else 'city_treasurer' end,
      b.programme_id) then
    raise exception 'an_approver_holds_the_role_in_this_municipality' using errcode = 'check_violation';
  end if;
  -- Who keyed an application or entered any version of its account does not approve that it is paid to.
  if exists (
    select 1 from (select submission_id from todoku_accountversion where staff_id = new.staff_id
                   union select submission_id from todoku_entry where staff_id = new.staff_id
                   union select t.submission_id from todoku_keying y join todoku_keytask t on t.id = y.task_id
                    where y.staff_id = new.staff_id) k
      join todoku_accountversion a on a.submission_id = k.submission_id
      join todoku_decision d on d.account_id = a.id
      join todoku_transfer t on t.decision_id = d.id
     where t.batch_id = b.id) then
    raise exception 'who_enters_an_account_does_not_approve_its_payment' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_approval_is_of_this_digest_by_another before insert on todoku_approval
  for each row execute function an_approval_is_of_this_digest_by_another();

create function a_send_record_is_of_an_approved_batch() returns trigger language plpgsql as $$
declare b todoku_batch; f todoku_batchfile;
begin
  select * into f from todoku_batchfile where id = new.file_id;
  select * into b from todoku_batch where id = new.batch_id for share;
  if f.batch_id <> b.id or b.state <> 'approved' or f.sha256 is distinct from new.sha256 then
    raise exception 'a_send_record_is_of_an_approved_batch' using errcode = 'check_violation';
  end if;
  if new.at < b.releasable_at then
    raise exception 'an_approved_batch_waits_its_cancel_window' using errcode = 'check_violation';
  end if;
  if is_halted(b.programme_id) then
    raise exception 'a_halted_programme_neither_seals_nor_sends' using errcode = 'check_violation';
  end if;
  if exists (select 1 from todoku_transfer t join todoku_hold h on h.case_id = t.case_id and h.closed_at is null
              where t.batch_id = b.id and t.state = 'sealed') then
    raise exception 'a_held_transfer_is_not_sent' using errcode = 'check_violation';
  end if;
  if not holds_role(new.taken_by_id, 'city_treasurer', b.programme_id)
     or new.taken_by_id in (b.maker_id, b.sealed_by_id) then
    raise exception 'the_municipalitys_treasurer_takes_the_file' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_send_record_is_of_an_approved_batch before insert on todoku_sendrecord
  for each row execute function a_send_record_is_of_an_approved_batch();

-- Outcome unknown: the bank is asked by digest, and its word decides; nothing is handed over twice blindly.
create function the_bank_is_asked_about_a_file_it_was_given() returns trigger language plpgsql as $$
declare s todoku_sendrecord; b todoku_batch; a todoku_bankinquiry;
begin
  -- What was given up, even in part, neither goes to the bank again nor was it received.
  if tg_table_name <> 'todoku_bankinquiry' and exists (
      select 1 from todoku_batchfile f join todoku_transfer t on t.batch_id = f.batch_id and t.file_number = f.number
       where t.state = 'void' and f.id = case tg_table_name when 'todoku_confirmation' then (to_jsonb(new) ->> 'file_id')::bigint
         else (select q.file_id from todoku_bankinquiry q where q.id = (to_jsonb(new) ->> 'inquiry_id')::bigint) end) then
    raise exception 'a_file_that_was_given_up_stays_so' using errcode = 'check_violation';
  end if;
  if tg_table_name = 'todoku_handedagain' then
    select * into a from todoku_bankinquiry where id = new.inquiry_id;
    select * into s from todoku_sendrecord where file_id = a.file_id;
    select * into b from todoku_batch where id = s.batch_id;
    if a.answer is distinct from 'not_received' or b.state <> 'sending'
       or exists (select 1 from todoku_bankinquiry q where q.file_id = a.file_id and q.id > a.id)
       or exists (select 1 from todoku_confirmation y where y.file_id = a.file_id) then
      raise exception 'a_file_is_handed_over_again_only_after_the_bank_denied_it' using errcode = 'check_violation';
    end if;
    if not holds_role(new.taken_by_id, 'city_treasurer', b.programme_id)
       or not (holds_role(new.second_id, 'city_treasurer', b.programme_id)
               or holds_role(new.second_id, 'city_officer', b.programme_id)) then
      raise exception 'the_municipalitys_treasurer_takes_the_file' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  select * into s from todoku_sendrecord where file_id = new.file_id;
  select * into b from todoku_batch where id = s.batch_id;
  if s.file_id is null or b.state <> 'sending' then
    raise exception 'the_bank_is_asked_about_a_file_it_was_given' using errcode = 'check_violation';
  end if;
  if tg_table_name = 'todoku_bankinquiry' then
    if new.sha256 is distinct from s.sha256 then
      raise exception 'the_bank_is_asked_by_digest' using errcode = 'check_violation';
    end if;
    if not holds_role(new.asked_by_id, 'city_treasurer', b.programme_id) or new.asked_by_id in (b.maker_id, b.sealed_by_id) then
      raise exception 'the_municipalitys_treasurer_asks_the_bank' using errcode = 'check_violation';
    end if;
  else
    -- Not even with the treasurer's role: whoever made the file does not say that it arrived.
    if not holds_role(new.confirmed_by_id, 'city_treasurer', b.programme_id)
       or new.confirmed_by_id in (b.maker_id, b.sealed_by_id) then
      raise exception 'the_municipalitys_treasurer_asks_the_bank' using errcode = 'check_violation';
    end if;
    if new.inquiry_id is not null and not exists (
        select 1 from todoku_bankinquiry q where q.id = new.inquiry_id and q.file_id = new.file_id and q.answer = 'received') then
      raise exception 'a_confirmation_follows_the_banks_answer' using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger the_bank_is_asked_about_a_file_it_was_given before insert on todoku_bankinquiry
  for each row execute function the_bank_is_asked_about_a_file_it_was_given();
create trigger the_bank_is_asked_about_a_file_it_was_given before insert on todoku_confirmation
  for each row execute function the_bank_is_asked_about_a_file_it_was_given();
create trigger the_bank_is_asked_about_a_file_it_was_given before insert on todoku_handedagain
  for each row execute function the_bank_is_asked_about_a_file_it_was_given();

-- Holds and halts end once, by the persons named; nothing else about them changes.
create function a_hold_is_closed_but_never_rewritten() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.closed_at is not null or new.second_id is not null then
      raise exception 'a_hold_begins_open' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.closed_at is not null
     or (old.programme_id, old.case_id, old.kind, old.reason, old.opened_at, old.opened_by_id, old.owner_role, old.due_on)
        is distinct from
        (new.programme_id, new.case_id, new.kind, new.reason, new.opened_at, new.opened_by_id, new.owner_role, new.due_on)
     or old.second_id is distinct from new.second_id and (old.second_id is not null or new.kind <> 'quarantine') then
    raise exception 'a_hold_is_closed_but_never_rewritten' using errcode = 'check_violation';
  end if;
  if new.closed_at is not null and new.closed_by_id is not null then
    if not holds_one_of(new.closed_by_id, array['manager', 'city_officer'], new.programme_id) then
      raise exception 'a_hold_is_closed_by_who_may' using errcode = 'check_violation';
    end if;
    -- A death, a move, an objection, a claim for the payout before: the office may stop the payment; that it goes on is the municipality's word.
    if new.kind in ('death', 'moved', 'objection', 'earlier') and not holds_role(new.closed_by_id, 'city_officer', new.programme_id)
       and exists (
         select 1 from todoku_decision d
          where d.case_id = new.case_id and d.in_force and d.outcome = 'grant'
            and not exists (select 1 from todoku_transfer t where t.case_id = d.case_id and t.part = d.part
                             and t.state in ('sending', 'sent', 'settled'))) then
      raise exception 'the_municipality_lets_a_held_payment_go_on' using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger a_hold_is_closed_but_never_rewritten before insert or update on todoku_hold
  for each row execute function a_hold_is_closed_but_never_rewritten();

create function a_halt_is_released_but_never_rewritten() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.released_at is not null or new.first_release_by_id is not null then
      raise exception 'a_halt_begins_unreleased' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.released_at is not null
     or (old.first_release_by_id is not null and old.first_release_by_id is distinct from new.first_release_by_id)
     or (old.programme_id, old.invariant, old.evidence, old.sweep_id, old.at)
        is distinct from (new.programme_id, new.invariant, new.evidence, new.sweep_id, new.at) then
    raise exception 'a_halt_is_released_but_never_rewritten' using errcode = 'check_violation';
  end if;
  -- One of the two is of the municipality: whoever pays says that payments go on.
  if new.released_at is not null
     and not holds_one_of(new.first_release_by_id, array['city_officer', 'city_treasurer'], new.programme_id)
     and not holds_one_of(new.released_by_id, array['city_officer', 'city_treasurer'], new.programme_id) then
    raise exception 'the_municipality_takes_part_in_a_release' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from (values (old.first_release_by_id, new.first_release_by_id), (old.released_by_id, new.released_by_id))
                  r(before, after)
     where r.after is distinct from r.before
       and not holds_one_of(r.after, array['manager', 'city_officer', 'city_treasurer'], new.programme_id)) then
    raise exception 'a_halt_is_released_by_who_may' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_halt_is_released_but_never_rewritten before insert or update on todoku_halt
  for each row execute function a_halt_is_released_but_never_rewritten();

create function the_municipality_approves_a_shared_payee() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' and new.approved_at is not null
     or tg_op = 'UPDATE' and (
       old.ended_at is not null
       or (old.programme_id, old.kind, old.name, old.person_id, old.bank, old.branch, old.account_kind,
           old.account_number, old.limit_yen, old.why, old.proposed_by_id, old.proposed_at) is distinct from
          (new.programme_id, new.kind, new.name, new.person_id, new.bank, new.branch, new.account_kind,
           new.account_number, new.limit_yen, new.why, new.proposed_by_id, new.proposed_at)
       or old.approved_at is not null and (old.approved_at, old.approved_by_id) is distinct from
          (new.approved_at, new.approved_by_id)) then
    raise exception 'a_shared_payee_is_proposed_then_approved' using errcode = 'check_violation';
  end if;
  if new.approved_at is not null and not (holds_role(new.approved_by_id, 'city_officer', new.programme_id)
      or holds_role(new.approved_by_id, 'city_treasurer', new.programme_id)) then
    raise exception 'the_municipality_approves_a_shared_payee' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_municipality_approves_a_shared_payee before insert or update on todoku_sharedpayee
  for each row execute function the_municipality_approves_a_shared_payee();

-- The bank's query and a recall are answered by the treasurer; an answer stays as given.
create function the_treasurer_answers_the_bank() returns trigger language plpgsql as $$
declare programme bigint;
begin
  select t.programme_id into programme from todoku_transfer t where t.id = new.transfer_id;
  if tg_op = 'UPDATE' and old.answered_at is not null
     or tg_op = 'INSERT' and new.answered_at is not null
     or tg_op = 'UPDATE' and (old.transfer_id, old.question, old.asked_on, old.opened_by_id) is distinct from
                             (new.transfer_id, new.question, new.asked_on, new.opened_by_id)
     or tg_op = 'UPDATE' and new.answered_at is not null
        and (old.answer, old.bank, old.branch, old.kind, old.account_number, old.holder_kana, old.proposed_by_id)
            is distinct from (new.answer, new.bank, new.branch, new.kind, new.account_number, new.holder_kana,
            new.proposed_by_id) then
    raise exception 'an_answer_to_the_bank_stays_as_given' using errcode = 'check_violation';
  end if;
  if new.answered_at is not null and not holds_role(new.answered_by_id, 'city_treasurer', programme) then
    raise exception 'the_treasurer_answers_the_bank' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_treasurer_answers_the_bank before insert or update on todoku_bankquery
  for each row execute function the_treasurer_answers_the_bank();

create function the_treasurer_recalls_a_transfer() returns trigger language plpgsql as $$
declare t todoku_transfer;
begin
  select * into t from todoku_transfer where id = new.transfer_id;
  if tg_op = 'INSERT' and (new.state <> 'asked' or t.state not in ('sending', 'sent', 'settled')) then
    raise exception 'a_recall_is_of_a_transfer_at_the_bank' using errcode = 'check_violation';
  end if;
  if tg_op = 'UPDATE' and old.state <> new.state and old.state || '>' || new.state not in
      ('asked>sent', 'asked>withdrawn', 'sent>returned', 'sent>refused', 'sent>withdrawn') then
    raise exception 'a_recall_moves_only_forward' using errcode = 'check_violation';
  end if;
  if new.sent_at is not null and not holds_role(new.sent_by_id, 'city_treasurer', t.programme_id) then
    raise exception 'the_treasurer_recalls_a_transfer' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_treasurer_recalls_a_transfer before insert or update on todoku_recall
  for each row execute function the_treasurer_recalls_a_transfer();

-- A line that fits no transfer stays as it came; it is resolved once.
create function an_unmatched_return_is_resolved_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.resolved_at is not null or new.programme_id is distinct from
       (select b.programme_id from todoku_batch b where b.id = new.batch_id) then
      raise exception 'an_unmatched_return_begins_open' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.resolved_at is not null
     or (old.batch_id, old.programme_id, old.parcel_id, old.line, old.number, old.amount_yen, old.reason,
         old.returned_on, old.why, old.opened_at, old.opened_by_id)
        is distinct from
        (new.batch_id, new.programme_id, new.parcel_id, new.line, new.number, new.amount_yen, new.reason,
         new.returned_on, new.why, new.opened_at, new.opened_by_id) then
    raise exception 'an_unmatched_return_is_resolved_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_unmatched_return_is_resolved_once before insert or update on todoku_unmatchedreturn
  for each row execute function an_unmatched_return_is_resolved_once();

-- An account is confirmed by the bank's answer alone, and an answer stays as it was read.
create function an_inquiry_answer_stays_as_read() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if exists (select 1 from added where answer <> '') then
      raise exception 'an_inquiry_begins_unanswered' using errcode = 'check_violation';
    end if;
    return null;
  end if;
  if exists (
    select 1 from before b full join after a on a.id = b.id
      left join todoku_accountinquiry i on i.id = a.inquiry_id
     where a.id is null or b.id is null or b.answer <> ''
        or (a.inquiry_id, a.line, a.account_id, a.case_id) is distinct from
           (b.inquiry_id, b.line, b.account_id, b.case_id)
        or i.answer_id is null or i.cancelled_at is not null) then
    raise exception 'an_inquiry_answer_stays_as_read' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger an_inquiry_answer_stays_as_read after update on todoku_inquiredaccount
  referencing old table as before new table as after for each statement
  execute function an_inquiry_answer_stays_as_read();
create trigger an_inquiry_begins_unanswered after insert on todoku_inquiredaccount
  referencing new table as added for each statement execute function an_inquiry_answer_stays_as_read();

-- Gift codes: what a code is never changes, and it belongs to one transfer for good. The one way back is from a transfer
-- that was cancelled before anybody could see the code: no letter, no message, no word that it should be stopped.
create function a_gift_code_moves_only_forward() returns trigger language plpgsql as $$
declare broken text;
begin
  -- A code lives with its payment alone: it is given to one that waits for its seal, or in the place of a stopped code to
  -- one that was released. The payments are held meanwhile, so that none of them comes back in the same moment.
  execute $rules$
    select 1 from todoku_transfer t
     where t.id in (select a.transfer_id from before b join after a on a.id = b.id
                     where a.state <> b.state and a.state in ('assigned', 'redeemed'))
     order by t.id for share
  $rules$;
  execute $rules$
    select min('a_gift_code_lives_with_its_payment'::text)
      from before b join after a on a.id = b.id
      left join todoku_transfer t on t.id = a.transfer_id
      left join todoku_giftcode o on o.id = a.replaces_id
     where a.state <> b.state and not coalesce(case a.state
       when 'assigned' then t.state = 'ready' and a.replaces_id is null
         or t.state in ('sent', 'settled')
            and (o.state, o.transfer_id, o.value_yen) is not distinct from ('revoked', a.transfer_id, a.value_yen)
       when 'delivered' then t.state in ('sent', 'settled')
       when 'redeemed' then t.state = 'settled'
       else true end, false)
  $rules$ into broken;
  if broken is not null then
    raise exception '%', broken using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from before b full join after a on a.id = b.id left join todoku_transfer t on t.id = a.transfer_id
      left join todoku_transfer o on o.id = b.transfer_id
      cross join lateral (select
        (b.state, a.state) = ('assigned', 'stock') and a.transfer_id is null and a.assigned_at is null
        and o.state = 'void' and b.delivered_at is null and (a.delivered_by_way, b.delivered_by_way) = ('', '')
        and a.revoked_by_id is null and b.revoked_by_id is null and b.replaces_id is null
        and not exists (select 1 from todoku_giftmessage m where m.code_id = b.id)
        and not exists (
          select 1 from todoku_letter l
           where l.case_id = o.case_id and l.kind = 'gift' and l.occasion >= b.id
             and (l.occasion in (select id from before x where x.transfer_id = b.transfer_id)
                  or l.occasion in (select id from todoku_giftcode x where x.transfer_id = b.transfer_id))) as unseen) back
     where a.id is null or b.id is null
        or (a.gift_list_id, a.programme_id, a.serial, a.digest, a.sealed_url, a.value_yen, a.expires_on, a.merchant_limit)
           is distinct from
           (b.gift_list_id, b.programme_id, b.serial, b.digest, b.sealed_url, b.value_yen, b.expires_on, b.merchant_limit)
        or (b.transfer_id is not null and a.transfer_id is distinct from b.transfer_id and not back.unseen)
        or (a.transfer_id is not null and (t.rail <> 'gift' or t.programme_id <> a.programme_id))
        -- What was spent is known of a code in use, and only grows.
        or (a.used_yen is distinct from b.used_yen
            and (a.state <> 'redeemed' or a.used_yen is null or a.used_yen < coalesce(b.used_yen, 0)))
        or (a.state <> b.state and not back.unseen and b.state || '>' || a.state not in
             ('stock>assigned', 'stock>revoked', 'stock>expired', 'assigned>delivered', 'assigned>revoked',
              'assigned>expired', 'delivered>redeemed', 'delivered>revoked', 'delivered>expired')
            -- Reported after its last day: it was used before.
            and ((b.state, a.state) <> ('expired', 'redeemed') or b.delivered_at is null))) then
    raise exception 'a_gift_code_moves_only_forward' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_gift_code_moves_only_forward after update on todoku_giftcode
  referencing old table as before new table as after for each statement execute function a_gift_code_moves_only_forward();
create function a_gift_code_begins_in_stock() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added where state <> 'stock' or transfer_id is not null) then
    raise exception 'a_gift_code_begins_in_stock' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_gift_code_begins_in_stock after insert on todoku_giftcode
  referencing new table as added for each statement execute function a_gift_code_begins_in_stock();

-- A list stays as it was taken; the issuer's reports on it go forward in time.
create function a_gift_list_stays_as_it_was_taken() returns trigger language plpgsql as $$
begin
  if (old.programme_id, old.parcel_id, old.sha256, old.issuer, old.order_number, old.count, old.total_yen, old.taken_at,
      old.taken_by_id) is distinct from
     (new.programme_id, new.parcel_id, new.sha256, new.issuer, new.order_number, new.count, new.total_yen, new.taken_at,
      new.taken_by_id)
     or old.reported_on is not null and (new.reported_on is null or new.reported_on < old.reported_on) then
    raise exception 'a_gift_list_stays_as_it_was_taken' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_gift_list_stays_as_it_was_taken before update on todoku_giftlist
  for each row execute function a_gift_list_stays_as_it_was_taken();

-- A message is answered once.
create function an_answered_message_stays_as_it_is() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from before b full join after a on a.id = b.id
     where a.id is null or b.id is null or b.outcome <> ''
        or (a.parcel_id, a.code_id, a.number) is distinct from (b.parcel_id, b.code_id, b.number)) then
    raise exception 'an_answered_message_stays_as_it_is' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger an_answered_message_stays_as_it_is after update on todoku_giftmessage
  referencing old table as before new table as after for each statement
  execute function an_answered_message_stays_as_it_is();

-- What is left of a gift is settled by an officer of the municipality, of a payment that reached its payee.
create function a_remainder_is_settled_by_an_officer() returns trigger language plpgsql as $$
declare t todoku_transfer;
begin
  -- So that a claim and what the issuer pays back never meet on the same yen: two who add one wait for each other.
  select * into t from todoku_transfer where id = new.transfer_id for no key update;
  if new.refunded_yen + (select coalesce(sum(c.amount_yen), 0) from todoku_claim c
                          where c.transfer_id = new.transfer_id and c.state <> 'cancelled') > t.amount_yen then
    raise exception 'claims_do_not_exceed_what_was_paid' using errcode = 'check_violation';
  end if;
  if t.rail <> 'gift' or t.state <> 'settled' or new.left_yen > t.amount_yen
     or not exists (select 1 from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
                     where s.id = new.settled_by_id and o.kind = 'municipality'
                       and (holds_role(s.id, 'city_officer', t.programme_id)
                            or holds_role(s.id, 'city_treasurer', t.programme_id))) then
    raise exception 'a_remainder_is_settled_by_an_officer' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_remainder_is_settled_by_an_officer before insert on todoku_giftremainder
  for each row execute function a_remainder_is_settled_by_an_officer();

-- Cash: two officers of the municipality, and only what was released for it.
create function only_officers_hand_cash_over() returns trigger language plpgsql as $$
declare t todoku_transfer;
begin
  select * into t from todoku_transfer where id = new.transfer_id;
  if t.rail not in ('cash', 'registered_mail') or t.state <> 'sent'
     or (t.rail = 'registered_mail') <> (new.mail_number <> '') then
    raise exception 'cash_is_paid_on_a_released_list' using errcode = 'check_violation';
  end if;
  if 2 <> (select count(*) from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
            where s.id in (new.paid_by_id, new.witness_id) and o.kind = 'municipality' and s.is_active
              and (holds_role(s.id, 'city_officer', t.programme_id) or holds_role(s.id, 'city_treasurer', t.programme_id))) then
    raise exception 'only_officers_hand_cash_over' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger only_officers_hand_cash_over before insert on todoku_cashpayment
  for each row execute function only_officers_hand_cash_over();

-- Claims: of money that was paid, never more than that; given up by the municipality alone.
create function a_claim_is_of_money_that_was_paid() returns trigger language plpgsql as $$
declare t todoku_transfer; claimed bigint;
begin
  select * into t from todoku_transfer where id = new.transfer_id for no key update;
  if tg_op = 'UPDATE' then
    if (old.programme_id, old.case_id, old.transfer_id, old.reason, old.amount_yen, old.slip_number, old.opened_at)
       is distinct from
       (new.programme_id, new.case_id, new.transfer_id, new.reason, new.amount_yen, new.slip_number, new.opened_at)
       or old.state in ('cancelled', 'waived', 'written_off') or old.state = 'paid' and new.state <> 'noticed' then
      raise exception 'a_claim_stays_as_it_was_made' using errcode = 'check_violation';
    end if;
    if old.state <> new.state and old.state || '>' || new.state not in
        ('open>noticed', 'open>cancelled', 'noticed>disputed', 'disputed>noticed', 'noticed>paid', 'noticed>waived',
         'noticed>written_off', 'noticed>cancelled', 'disputed>cancelled', 'disputed>waived', 'disputed>paid',
         'paid>noticed') then
      raise exception 'a_claim_moves_only_forward' using errcode = 'check_violation';
    end if;
  elsif new.state <> 'open' then
    raise exception 'a_claim_begins_open' using errcode = 'check_violation';
  end if;
  if t.state <> 'settled' or t.case_id <> new.case_id or t.programme_id <> new.programme_id then
    if tg_op = 'INSERT' then
      raise exception 'a_claim_is_of_money_that_was_paid' using errcode = 'check_violation';
    end if;
  end if;
  select coalesce(sum(c.amount_yen), 0) into claimed from todoku_claim c
   where c.transfer_id = new.transfer_id and c.state <> 'cancelled' and c.id is distinct from new.id;
  -- What the issuer of a gift paid back is with the municipality already.
  select claimed + coalesce(sum(g.refunded_yen), 0) into claimed from todoku_giftremainder g
   where g.transfer_id = new.transfer_id;
  if new.state <> 'cancelled' and claimed + new.amount_yen > t.amount_yen then
    raise exception 'claims_do_not_exceed_what_was_paid' using errcode = 'check_violation';
  end if;
  -- A supplement under way was counted on this claim: what is given up here would be paid on top of it.
  if tg_op = 'UPDATE' and old.state <> new.state and new.state in ('waived', 'written_off', 'cancelled')
     and kept_of_case(new.case_id) + (supplements_under_way(new.case_id)).yen + new.amount_yen
         - (select coalesce(sum(p.amount_yen - p.excess_yen), 0) from todoku_claimpayment p
             where p.claim_id = new.id and p.refund_of_id is null and p.reversed_at is null)
         > (supplements_under_way(new.case_id)).corrected_yen then
    raise exception 'a_supplement_pays_what_is_missing' using errcode = 'check_violation';
  end if;
  if new.state in ('waived', 'written_off', 'cancelled')
     and not holds_role(new.ended_by_id, 'city_officer', new.programme_id) then
    raise exception 'only_the_municipality_gives_a_claim_up' using errcode = 'check_violation';
  end if;
  if new.state = 'paid' and new.amount_yen <> (
      select coalesce(sum(p.amount_yen - p.excess_yen), 0) from todoku_claimpayment p
       where p.claim_id = new.id and p.refund_of_id is null and p.reversed_at is null) then
    raise exception 'a_paid_claim_is_paid' using errcode = 'check_violation';
  end if;
  -- Under way again only because a payment was reversed.
  if tg_op = 'UPDATE' and old.state = 'paid' and new.amount_yen = (
      select coalesce(sum(p.amount_yen - p.excess_yen), 0) from todoku_claimpayment p
       where p.claim_id = new.id and p.refund_of_id is null and p.reversed_at is null) then
    raise exception 'a_paid_claim_stays_paid' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_claim_is_of_money_that_was_paid before insert or update on todoku_claim
  for each row execute function a_claim_is_of_money_that_was_paid();

create function payments_on_a_claim_are_within_it() returns trigger language plpgsql as $$
declare c todoku_claim; paid bigint;
begin
  select * into c from todoku_claim where id = new.claim_id for update;
  if new.refund_of_id is not null then
    if not exists (select 1 from todoku_claimpayment p where p.id = new.refund_of_id and p.claim_id = new.claim_id
                    and p.refund_of_id is null and p.reversed_at is null and p.excess_yen = new.amount_yen)
       or new.excess_yen <> 0 then
      raise exception 'a_refund_gives_back_what_was_too_much' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  select coalesce(sum(p.amount_yen - p.excess_yen), 0) into paid from todoku_claimpayment p
   where p.claim_id = new.claim_id and p.refund_of_id is null and p.reversed_at is null;
  if paid + new.amount_yen - new.excess_yen > c.amount_yen then
    raise exception 'payments_on_a_claim_are_within_it' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger payments_on_a_claim_are_within_it before insert on todoku_claimpayment
  for each row execute function payments_on_a_claim_are_within_it();

-- A payment stays as it was keyed. Two persons may take it back whole, once: it then counts as nothing.
create function a_payment_on_a_claim_is_only_reversed() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.reversed_at is not null then
      raise exception 'a_payment_on_a_claim_is_only_reversed' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.reversed_at is not null or new.reversed_at is null
     or (old.id, old.claim_id, old.amount_yen, old.excess_yen, old.received_on, old.receipt, old.refund_of_id, old.at,
         old.staff_id) is distinct from
        (new.id, new.claim_id, new.amount_yen, new.excess_yen, new.received_on, new.receipt, new.refund_of_id, new.at,
         new.staff_id)
     or not exists (select 1 from todoku_paymentreversal r where r.payment_id = new.id and r.confirmed_at is not null)
     or exists (select 1 from todoku_claimpayment p where p.refund_of_id = new.id and p.reversed_at is null) then
    raise exception 'a_payment_on_a_claim_is_only_reversed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_payment_on_a_claim_is_only_reversed before insert or update on todoku_claimpayment
  for each row execute function a_payment_on_a_claim_is_only_reversed();

create function a_reversal_of_a_payment_ends_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.confirmed_at is not null or new.given_up_at is not null then
      raise exception 'a_reversal_of_a_payment_begins_open' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.confirmed_at is not null or old.given_up_at is not null
     or (old.payment_id, old.reason, old.proposed_by_id, old.proposed_at)
        is distinct from (new.payment_id, new.reason, new.proposed_by_id, new.proposed_at) then
    raise exception 'a_reversal_of_a_payment_ends_once' using errcode = 'check_violation';
  end if;
  if new.confirmed_at is not null and not exists (
      select 1 from todoku_claimpayment p join todoku_claim c on c.id = p.claim_id
       where p.id = new.payment_id and (holds_role(new.confirmed_by_id, 'city_treasurer', c.programme_id)
                                     or holds_role(new.confirmed_by_id, 'city_officer', c.programme_id))) then
    raise exception 'the_municipality_confirms_a_reversed_payment' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_reversal_of_a_payment_ends_once before insert or update on todoku_paymentreversal
  for each row execute function a_reversal_of_a_payment_ends_once();
-- Confirmed and still counting would be two truths: asked at the end of the transaction.
create function a_confirmed_reversal_takes_its_payment_back() returns trigger language plpgsql as $$
begin
  if new.confirmed_at is not null and not exists (
      select 1 from todoku_claimpayment p where p.id = new.payment_id and p.reversed_at is not null) then
    raise exception 'a_confirmed_reversal_takes_its_payment_back' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger a_confirmed_reversal_takes_its_payment_back after update on todoku_paymentreversal
  deferrable initially deferred for each row execute function a_confirmed_reversal_takes_its_payment_back();

-- The books: a reversal is the entry that it takes back, the other way round.
create function a_reversal_mirrors_its_entry() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added where (reverses_id is not null) <> (kind = 'reversal')) then
    raise exception 'a_reversal_mirrors_its_entry' using errcode = 'check_violation';
  end if;
  -- A city's transfers are booked at once and none of them is a reversal: the books are not read for them.
  if exists (select 1 from added where kind = 'reversal') and exists (
    select 1 from added a join todoku_ledgerentry e on e.id = a.reverses_id
     where (a.debit, a.credit, a.amount_yen, a.programme_id, a.case_id, a.fiscal_year) is distinct from
           (e.credit, e.debit, e.amount_yen, e.programme_id, e.case_id, e.fiscal_year) or e.kind = 'reversal') then
    raise exception 'a_reversal_mirrors_its_entry' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_reversal_mirrors_its_entry after insert on todoku_ledgerentry
  referencing new table as added for each statement execute function a_reversal_mirrors_its_entry();

-- A correction that ended stays as it ended, and what it is about never changes.
create function a_correction_ends_once() returns trigger language plpgsql as $$
begin
  if old.confirmed_at is not null or old.given_up_at is not null
     or (old.entry_id, old.reason, old.proposed_by_id, old.proposed_at)
        is distinct from (new.entry_id, new.reason, new.proposed_by_id, new.proposed_at) then
    raise exception 'a_correction_ends_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_correction_ends_once before update on todoku_correction
  for each row execute function a_correction_ends_once();

-- Transfer numbers: 10 digits, ours alone; they stand in the bank file's customer code 1 and come back in its report.
create sequence todoku_transfer_number minvalue 1000000001 maxvalue 9999999999 start 1000000001;
