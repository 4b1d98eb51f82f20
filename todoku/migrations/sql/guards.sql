-- What must always hold and cannot be said as a column's constraint. Names are sentences: they reach a person in an error.

-- Versions: frozen when opened (要綱 is what was agreed; a change is a new Version).
create function version_is_frozen_when_opened() returns trigger language plpgsql as $$
begin
  if old.opened_at is not null and
     (old.text, old.sha256, old.opened_at, old.opened_by, old.programme_id, old.number, old.cap_per_transfer_yen,
      old.cap_per_account_yen)
     is distinct from (new.text, new.sha256, new.opened_at, new.opened_by, new.programme_id, new.number,
      new.cap_per_transfer_yen, new.cap_per_account_yen) then
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
  foreach name in array array['auditevent', 'caseevent', 'dailyreport', 'decision', 'decisionlist', 'verdict',
    'submission', 'accountversion'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['auditevent', 'caseevent', 'dailyreport', 'accountversion'] loop
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

-- What the municipality decided stays as it decided it : case, outcome, amount,
-- rail and account of a decided list. Whether a decision is in force, and a remark beside it, may change.
create function what_was_decided_stays() returns trigger language plpgsql as $$
declare broken bigint;
begin
  -- Planned anew for each statement: a city's list is put in force at once.
  execute $rules$
    select count(*) from before b full join after a on a.id = b.id
      join todoku_decisionlist l on l.id = coalesce(b.decision_list_id, a.decision_list_id) and l.state = 'decided'
     where (a.id, a.decision_list_id, a.case_id, a.outcome, a.reason, a.part, a.amount_yen, a.rail, a.account_id)
           is distinct from
           (b.id, b.decision_list_id, b.case_id, b.outcome, b.reason, b.part, b.amount_yen, b.rail, b.account_id)
  $rules$ into broken;
  if broken > 0 then
    raise exception 'what_was_decided_stays' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger what_was_decided_stays after update on todoku_decision
  referencing old table as before new table as after for each statement execute function what_was_decided_stays();

create function nothing_joins_a_decided_list() returns trigger language plpgsql as $$
begin
  if exists (select 1 from added a join todoku_decisionlist l on l.id = a.decision_list_id and l.state <> 'open') then
    raise exception 'nothing_joins_a_decided_list' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger nothing_joins_a_decided_list after insert on todoku_decision
  referencing new table as added for each statement execute function nothing_joins_a_decided_list();

create function a_decided_list_does_not_change() returns trigger language plpgsql as $$
begin
  if old.state = 'decided' and
     (old.state, old.programme_id, old.kind, old.grants, old.refusals, old.total_yen, old.sha256, old.decided_at,
      old.decided_by, old.file_id)
     is distinct from
     (new.state, new.programme_id, new.kind, new.grants, new.refusals, new.total_yen, new.sha256, new.decided_at,
      new.decided_by, new.file_id) then
    raise exception 'a_decided_list_does_not_change' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_decided_list_does_not_change before update on todoku_decisionlist
  for each row execute function a_decided_list_does_not_change();

-- Stage rows: dense pages would make every bulk move write new pages; fillfactor 45 keeps updates heap-only.
alter table todoku_casestage set (fillfactor = 45);
