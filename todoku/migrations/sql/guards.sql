-- What must always hold and cannot be said as a column's constraint. Names are sentences: they reach a person in an error.

-- Versions: frozen when opened (要綱 is what was agreed; a change is a new Version).
create function version_is_frozen_when_opened() returns trigger language plpgsql as $$
begin
  if old.opened_at is not null and
     (old.text, old.sha256, old.opened_at, old.opened_by, old.programme_id, old.number)
     is distinct from (new.text, new.sha256, new.opened_at, new.opened_by, new.programme_id, new.number) then
    raise exception 'version_is_frozen_when_opened: version % of programme %', old.number, old.programme_id
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger version_is_frozen_when_opened before update on todoku_version
  for each row execute function version_is_frozen_when_opened();

-- History and money are never deleted, whoever asks; the role that disposes at a contract's end comes by migration.
create function rows_are_never_deleted() returns trigger language plpgsql as $$
begin
  raise exception 'rows_are_never_deleted: % on %', tg_op, tg_table_name using errcode = 'check_violation';
end $$;
create function rows_are_never_rewritten() returns trigger language plpgsql as $$
begin
  raise exception 'rows_are_never_rewritten: % on %', tg_op, tg_table_name using errcode = 'check_violation';
end $$;
do $$
declare name text;
begin
  foreach name in array array['auditevent', 'caseevent', 'entitlement', 'approval', 'sendrecord', 'bankreport',
    'result', 'dailyreport', 'transfer', 'batch', 'decision', 'decisionlist', 'verdict', 'submission',
    'accountversion'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['auditevent', 'caseevent', 'entitlement', 'approval', 'sendrecord', 'bankreport',
    'result', 'dailyreport', 'accountversion'] loop
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;

-- Verdicts: few, by hand, so row triggers. Who keyed or changed an account does not judge it; a judgement stays as given.
create function who_enters_an_account_does_not_judge_it() returns trigger language plpgsql as $$
begin
  if exists (select 1 from todoku_accountversion a
              where a.submission_id = new.submission_id and a.staff_id = new.staff_id)
     or exists (select 1 from todoku_entry e
                 where e.submission_id = new.submission_id and e.staff_id = new.staff_id) then
    raise exception 'who_enters_an_account_does_not_judge_it' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger who_enters_an_account_does_not_judge_it before insert on todoku_verdict
  for each row execute function who_enters_an_account_does_not_judge_it();

create function a_verdict_is_taken_back_but_never_changed() returns trigger language plpgsql as $$
begin
  if old.undone_at is not null or
     (old.task_id, old.case_id, old.submission_id, old.step, old.round, old.staff_id, old.outcome, old.codes,
      old.comment, old.at) is distinct from
     (new.task_id, new.case_id, new.submission_id, new.step, new.round, new.staff_id, new.outcome, new.codes,
      new.comment, new.at) then
    raise exception 'a_verdict_is_taken_back_but_never_changed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_verdict_is_taken_back_but_never_changed before update on todoku_verdict
  for each row execute function a_verdict_is_taken_back_but_never_changed();

-- A transfer pays exactly the entitlement: the foreign key carries the amount.
alter table todoku_transfer add constraint a_transfer_pays_its_entitlement
  foreign key (programme_id, payout, recipient_id, amount_yen)
  references todoku_entitlement (programme_id, payout, recipient_id, amount_yen);

-- Transfers: statement-level, since a row trigger costs a bulk insert an order of magnitude.
create function transfers_begin_ready() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added where state <> 'ready' or batch_id is not null) then
    raise exception 'transfers_begin_ready' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from added a
      join todoku_decision d on d.id = a.decision_id
      left join todoku_accountversion v on v.id = d.account_id
     where d.case_id <> a.case_id or not d.in_force or d.outcome <> 'grant' or d.amount_yen <> a.amount_yen
        or (v.bank, v.branch, v.kind, v.number) is distinct from (a.bank, a.branch, a.kind, a.account_number)
  ) then
    raise exception 'a_transfer_follows_its_decision' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from added a
      join todoku_entitlement e on e.id = a.entitlement_id
      join todoku_case c on c.id = a.case_id
     where e.case_id <> a.case_id
        or (c.programme_id, c.payout, c.recipient_id) is distinct from (a.programme_id, a.payout, a.recipient_id)
  ) then
    raise exception 'a_transfer_is_of_one_case' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from added a join todoku_transfer t
      on (t.programme_id, t.payout, t.recipient_id) = (a.programme_id, a.payout, a.recipient_id)
     and t.state = 'returned'
    where not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void')
  ) then
    raise exception 'a_returned_transfer_is_paid_again_only_as_its_retry' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from added a join todoku_transfer t on t.id = a.retry_of_id
     where t.state <> 'returned'
        or (t.programme_id, t.payout, t.recipient_id) is distinct from (a.programme_id, a.payout, a.recipient_id)
  ) then
    raise exception 'a_retry_names_a_returned_transfer' using errcode = 'check_violation';
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
        or (a.number, a.programme_id, a.payout, a.recipient_id, a.case_id, a.entitlement_id, a.decision_id,
            a.amount_yen, a.retry_of_id, a.bank, a.branch, a.kind, a.account_number, a.holder_kana)
           is distinct from
           (b.number, b.programme_id, b.payout, b.recipient_id, b.case_id, b.entitlement_id, b.decision_id,
            b.amount_yen, b.retry_of_id, b.bank, b.branch, b.kind, b.account_number, b.holder_kana)
        or (b.state <> 'ready' and (a.batch_id, a.line) is distinct from (b.batch_id, b.line))
        then 'a_transfer_keeps_payee_amount_and_account'
      when a.state <> b.state and b.state || '>' || a.state not in
           ('ready>sealed', 'ready>void', 'sealed>sent', 'sealed>void', 'sent>settled', 'sent>returned', 'settled>returned')
        then 'a_transfer_moves_only_forward'
      -- Rows enter and are sealed in an open batch of their own programme: later the file is what it is.
      when (a.batch_id is distinct from b.batch_id and a.batch_id is not null or (b.state, a.state) = ('ready', 'sealed'))
           and (t.id is null or t.state <> 'open' or t.programme_id <> a.programme_id)
        then 'a_transfer_joins_an_open_batch'
      when (b.state, a.state) = ('sealed', 'sent') and (t.state <> 'sent' or s.sha256 is distinct from t.sha256)
        or (b.state, a.state) = ('sealed', 'void') and s.batch_id is not null
        then 'a_transfer_is_sent_with_its_batch'
      -- What the bank did is known from its report alone: settled by a report on the batch, returned by a line of one.
      when b.state <> a.state
           and (a.state = 'settled' and r.batch_id is null or a.state = 'returned' and x.batch_id is distinct from a.batch_id)
        then 'a_transfer_ends_by_a_bank_report'
      end)
      from before b
      full join after a on a.id = b.id
      left join todoku_batch t on t.id = a.batch_id
      left join todoku_sendrecord s on s.batch_id = a.batch_id
      left join (select distinct batch_id from todoku_bankreport) r on r.batch_id = a.batch_id
      left join (select x.transfer_id, r.batch_id from todoku_result x join todoku_bankreport r on r.id = x.report_id) x
             on x.transfer_id = a.id
  $rules$ into broken;
  if broken is not null then
    raise exception '%', broken using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger transfers_move_lawfully after update on todoku_transfer
  referencing old table as before new table as after for each statement execute function transfers_move_lawfully();

-- Batches: few rows, so a row trigger; it guards INSERT as well as UPDATE.
create function a_batch_is_what_it_says() returns trigger language plpgsql as $$
declare lines bigint; yen bigint;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'open' then raise exception 'a_batch_begins_open' using errcode = 'check_violation'; end if;
    return new;
  end if;
  if old.state <> 'open' and (old.sha256, old.count, old.total_yen, old.value_date, old.maker_id, old.made_at,
      old.programme_id, old.file_id, old.sealed_by_id, old.sealed_at)
      is distinct from (new.sha256, new.count, new.total_yen, new.value_date, new.maker_id, new.made_at,
      new.programme_id, new.file_id, new.sealed_by_id, new.sealed_at)
     or (old.maker_id, old.programme_id) is distinct from (new.maker_id, new.programme_id) then
    raise exception 'a_sealed_batch_does_not_change' using errcode = 'check_violation';
  end if;
  if old.state = new.state then
    return new;
  end if;
  if old.state || '>' || new.state not in ('open>sealed', 'open>void', 'sealed>approved', 'sealed>void',
      'approved>sent', 'approved>void', 'sent>reconciled') then
    raise exception 'a_batch_moves_only_forward: % to %', old.state, new.state using errcode = 'check_violation';
  end if;
  if new.state in ('sealed', 'approved', 'sent') then
    select count(*), coalesce(sum(amount_yen), 0) into lines, yen from todoku_transfer
     where batch_id = new.id and state in ('sealed', 'sent', 'settled', 'returned');
    if (lines, yen) is distinct from (new.count, new.total_yen) then
      raise exception 'a_batch_totals_its_transfers: % of %, % of % yen', lines, new.count, yen, new.total_yen
        using errcode = 'check_violation';
    end if;
  end if;
  if new.state in ('approved', 'sent') and 2 <> (
      select count(*) from todoku_approval where batch_id = new.id and sha256 = new.sha256) then
    raise exception 'a_batch_needs_both_approvals_of_its_digest' using errcode = 'check_violation';
  end if;
  if new.state = 'sent' and not exists (
      select 1 from todoku_sendrecord where batch_id = new.id and sha256 = new.sha256) then
    raise exception 'a_sent_batch_has_a_send_record' using errcode = 'check_violation';
  end if;
  if new.state = 'void' and (
      exists (select 1 from todoku_sendrecord where batch_id = new.id)
      or exists (select 1 from todoku_transfer where batch_id = new.id and state <> 'void')) then
    raise exception 'a_void_batch_holds_no_live_transfer' using errcode = 'check_violation';
  end if;
  if new.state = 'reconciled' and (
      not exists (select 1 from todoku_bankreport where batch_id = new.id)
      or exists (select 1 from todoku_transfer where batch_id = new.id and state in ('ready', 'sealed', 'sent'))) then
    raise exception 'a_reconciled_batch_knows_every_result' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_batch_is_what_it_says before insert or update on todoku_batch
  for each row execute function a_batch_is_what_it_says();

-- A role held in one municipality says nothing in another: both approvers and whoever takes the file hold it here.
create function holds_role(staff bigint, wanted text, programme bigint) returns boolean language sql stable as $$
  select exists (
    select 1 from todoku_grant g
      join todoku_staff s on s.id = g.staff_id and s.is_active
      join todoku_programme p on p.id = programme
     where g.staff_id = staff and g.role = wanted and g.municipality_code in ('', p.municipality_id))
$$;

create function an_approval_is_of_this_digest_by_another() returns trigger language plpgsql as $$
declare b todoku_batch; side text;
begin
  select * into b from todoku_batch where id = new.batch_id for share;
  select o.kind into side from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
   where s.id = new.staff_id and s.is_active;
  if b.state <> 'sealed' or b.sha256 is distinct from new.sha256 then
    raise exception 'an_approval_is_of_this_digest' using errcode = 'check_violation';
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
  return new;
end $$;
create trigger an_approval_is_of_this_digest_by_another before insert on todoku_approval
  for each row execute function an_approval_is_of_this_digest_by_another();

create function a_send_record_is_of_an_approved_batch() returns trigger language plpgsql as $$
declare b todoku_batch;
begin
  select * into b from todoku_batch where id = new.batch_id for share;
  if b.state <> 'approved' or b.sha256 is distinct from new.sha256 then
    raise exception 'a_send_record_is_of_an_approved_batch' using errcode = 'check_violation';
  end if;
  if not holds_role(new.taken_by_id, 'city_treasurer', b.programme_id) then
    raise exception 'the_municipalitys_treasurer_takes_the_file' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_send_record_is_of_an_approved_batch before insert on todoku_sendrecord
  for each row execute function a_send_record_is_of_an_approved_batch();

-- Stage rows: dense pages would make every bulk move write new pages; fillfactor 45 keeps updates heap-only.
alter table todoku_casestage set (fillfactor = 45);

-- Transfer numbers: 10 digits, ours alone; they stand in the bank file's customer code 1 and come back in its report.
create sequence todoku_transfer_number minvalue 1000000001 maxvalue 9999999999 start 1000000001;
