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

-- Stage rows: dense pages would make every bulk move write new pages; fillfactor 45 keeps updates heap-only.
alter table todoku_casestage set (fillfactor = 45);
