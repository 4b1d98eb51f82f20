-- What must always hold and cannot be said as a column's constraint. Names are sentences: they reach a person in an error.

-- Versions: frozen when opened (要綱 is what was agreed; a change is a new Version).
create function version_is_frozen_when_opened() returns trigger language plpgsql as $$
begin
  if old.opened_at is not null and
     (old.text, old.sha256, old.opened_at, old.opened_by, old.programme_id, old.number, old.cap_per_transfer_yen,
      old.cap_per_account_yen, old.deciders)
     is distinct from (new.text, new.sha256, new.opened_at, new.opened_by, new.programme_id, new.number,
      new.cap_per_transfer_yen, new.cap_per_account_yen, new.deciders) then
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
    'submission', 'accountversion', 'proofversion', 'casecomment', 'shiftnote', 'contacttry'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['auditevent', 'caseevent', 'dailyreport', 'accountversion', 'proofversion', 'casecomment', 'shiftnote',
    'contacttry'] loop
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
                 where e.submission_id = new.submission_id and e.staff_id = new.staff_id)
     or exists (select 1 from todoku_keytask k join todoku_keying y on y.task_id = k.id
                 where k.submission_id = new.submission_id and y.staff_id = new.staff_id) then
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
-- rail and account of a decided list; it comes in force while its list is decided and never again afterwards. That it is
-- in force no more, and a remark beside it, may be written later.
create function what_was_decided_stays() returns trigger language plpgsql as $$
declare broken bigint;
begin
  -- Planned anew for each statement: a city's list is put in force at once.
  execute $rules$
    select count(*) from before b full join after a on a.id = b.id
      left join todoku_decisionlist o on o.id = b.decision_list_id
      left join todoku_decisionlist n on n.id = a.decision_list_id
     where (o.state = 'decided' or n.state = 'decided')
       and ((a.id, a.decision_list_id, a.case_id, a.outcome, a.reason, a.part, a.amount_yen, a.rail, a.account_id)
            is distinct from
            (b.id, b.decision_list_id, b.case_id, b.outcome, b.reason, b.part, b.amount_yen, b.rail, b.account_id)
            or a.in_force and not b.in_force)
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
  if exists (select 1 from added where in_force) then
    raise exception 'a_decision_begins_out_of_force' using errcode = 'check_violation';
  end if;
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
      old.decided_by, old.decider_id, old.file_id)
     is distinct from
     (new.state, new.programme_id, new.kind, new.grants, new.refusals, new.total_yen, new.sha256, new.decided_at,
      new.decided_by, new.decider_id, new.file_id) then
    raise exception 'a_decided_list_does_not_change' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_decided_list_does_not_change before update on todoku_decisionlist
  for each row execute function a_decided_list_does_not_change();

-- Only the municipality decides: an officer of it by name, and exactly the rows that the list says it holds.
create function only_an_officer_decides_a_list() returns trigger language plpgsql as $$
declare given bigint; refused bigint; yen bigint;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'open' then raise exception 'a_list_begins_open' using errcode = 'check_violation'; end if;
    return new;
  end if;
  if (old.programme_id, old.kind, old.proposer_id, old.made_at, old.made_by)
     is distinct from (new.programme_id, new.kind, new.proposer_id, new.made_at, new.made_by) then
    raise exception 'a_list_stays_whose_it_is' using errcode = 'check_violation';
  end if;
  if old.state = new.state then
    return new;
  end if;
  if old.state || '>' || new.state not in ('open>decided', 'open>void') then
    raise exception 'a_list_moves_only_forward' using errcode = 'check_violation';
  end if;
  if new.state = 'decided' then
    if new.decided_at is null or not holds_role(new.decider_id, 'city_officer', new.programme_id) then
      raise exception 'only_an_officer_decides_a_list' using errcode = 'check_violation';
    end if;
    select count(*) filter (where outcome = 'grant'), count(*) filter (where outcome = 'refuse'),
           coalesce(sum(amount_yen) filter (where outcome = 'grant'), 0)
      into given, refused, yen from todoku_decision where decision_list_id = new.id;
    if (given, refused, yen) is distinct from (new.grants, new.refusals, new.total_yen) then
      raise exception 'a_list_totals_its_decisions' using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger only_an_officer_decides_a_list before insert or update on todoku_decisionlist
  for each row execute function only_an_officer_decides_a_list();

-- Stage rows: dense pages would make every bulk move write new pages; fillfactor 45 keeps updates heap-only.
alter table todoku_casestage set (fillfactor = 45);
