-- What measures the review: rates that only a lead lowers, queues that training or a lead opens, and a rehearsal from
-- which nothing goes on to a decision, to money or into a letter.

do $$
declare name text;
begin
  foreach name in array array['sampledcase', 'samplerate', 'trainingtry', 'traininganswer', 'queuepass', 'seededlook',
    'fastverdict'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['samplerate', 'traininganswer', 'queuepass', 'fastverdict'] loop
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;

-- What an act says of the rate before it is not believed: the act before it says that. The terms may have risen above it.
create function a_sample_rate_is_lowered_by_a_lead() returns trigger language plpgsql as $$
declare before_it float8;
begin
  select percent into before_it from todoku_samplerate
   where (programme_id, channel, criterion) = (new.programme_id, new.channel, new.criterion) order by id desc limit 1;
  if new.was_percent < before_it then
    raise exception 'a_sample_rate_begins_where_the_last_act_left_it' using errcode = 'check_violation';
  end if;
  if new.percent < greatest(new.was_percent, before_it) and not holds_role(new.staff_id, 'manager', new.programme_id) then
    raise exception 'a_sample_rate_is_lowered_by_a_lead' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_sample_rate_is_lowered_by_a_lead before insert on todoku_samplerate
  for each row execute function a_sample_rate_is_lowered_by_a_lead();

-- Passed: by a run of this person through this queue's cases that ended well. Let in or taken out: by a lead.
create function a_queue_is_opened_by_who_may() returns trigger language plpgsql as $$
begin
  if new.how = 'passed' and not exists (
      select 1 from todoku_trainingtry t
       where t.id = new.training_id and t.passed and (t.staff_id, t.queue, t.programme_id)
             = (new.staff_id, new.queue, new.programme_id)) then
    raise exception 'a_queue_is_opened_by_a_training_that_was_passed' using errcode = 'check_violation';
  end if;
  if new.how <> 'passed' and not holds_role(new.giver_id, 'manager', new.programme_id) then
    raise exception 'a_queue_is_opened_by_a_lead' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_queue_is_opened_by_who_may before insert on todoku_queuepass
  for each row execute function a_queue_is_opened_by_who_may();

-- A seeded error lies in the rehearsal of its programme, and what was made of it is written once, by whoever judged it.
create function a_seeded_error_stands_in_a_rehearsal() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (old.judged_at is not null or (new.task_id, new.programme_id, new.flaw, new.first_outcome)
      is distinct from (old.task_id, old.programme_id, old.flaw, old.first_outcome)) then
    raise exception 'a_seeded_error_is_judged_once' using errcode = 'check_violation';
  end if;
  if not exists (
      select 1 from todoku_task t join todoku_case c on c.id = t.case_id join todoku_programme p on p.id = c.programme_id
       where t.id = new.task_id and p.rehearsal_of_id = new.programme_id) then
    raise exception 'a_seeded_error_stands_in_a_rehearsal' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_seeded_error_stands_in_a_rehearsal before insert or update on todoku_seededlook
  for each row execute function a_seeded_error_stands_in_a_rehearsal();

-- While it is at the desk its look, and nothing else of it, counts as the programme's own; no other look ever changes sides.
create function only_a_seeded_look_comes_to_the_desk() returns trigger language plpgsql as $$
begin
  if not exists (
      select 1 from todoku_seededlook l join todoku_case c on c.id = new.case_id
       where l.task_id = new.id and (new.programme_id = l.programme_id and l.placed_at is not null and l.judged_at is null
             or new.programme_id = c.programme_id)) then
    raise exception 'only_a_seeded_look_comes_to_the_desk' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger only_a_seeded_look_comes_to_the_desk before update of programme_id on todoku_task
  for each row when (old.programme_id is distinct from new.programme_id)
  execute function only_a_seeded_look_comes_to_the_desk();

-- What is made of many cases: one look at all new rows, and none where no programme has a rehearsal.
create function a_rehearsal_goes_no_further() returns trigger language plpgsql as $$
begin
  if exists (select 1 from todoku_programme where rehearsal_of_id is not null) and exists (
      select 1 from new_rows n join todoku_case c on c.id = n.case_id
        join todoku_programme p on p.id = c.programme_id and p.rehearsal_of_id is not null) then
    raise exception 'a_rehearsal_goes_no_further' using errcode = 'check_violation';
  end if;
  return null;
end $$;
-- What belongs to a whole programme.
create function a_rehearsal_has_no_such_thing() returns trigger language plpgsql as $$
begin
  if exists (select 1 from todoku_programme p where p.id = new.programme_id and p.rehearsal_of_id is not null) then
    raise exception 'a_rehearsal_goes_no_further' using errcode = 'check_violation';
  end if;
  return new;
end $$;
do $$
declare name text;
begin
  foreach name in array array['proposal', 'decision', 'letter', 'transfer'] loop
    execute format('create trigger a_rehearsal_goes_no_further after insert on %I referencing new table as new_rows
      for each statement execute function a_rehearsal_goes_no_further()', 'todoku_' || name);
  end loop;
  foreach name in array array['decisionlist', 'printrun', 'batch', 'question'] loop
    execute format('create trigger a_rehearsal_goes_no_further before insert on %I for each row
      execute function a_rehearsal_has_no_such_thing()', 'todoku_' || name);
  end loop;
end $$;

-- Its cases are opened and looked at; no stage behind the review is theirs.
create function a_rehearsal_stays_in_review() returns trigger language plpgsql as $$
begin
  if new.to_stage not in ('listed', 'invited', 'received', 'in_review') and exists (
      select 1 from todoku_programme p where p.id = new.programme_id and p.rehearsal_of_id is not null) then
    raise exception 'a_rehearsal_stays_in_review' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_rehearsal_stays_in_review before insert or update on todoku_move
  for each row execute function a_rehearsal_stays_in_review();
