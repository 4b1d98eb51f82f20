-- Who decides where a criterion is not met (決める人): what the agreed criteria leave to the municipality follows its ruling, what
-- they leave to the manager is seen by one. Held to Version.deciders, which is frozen with the Version. Verdicts are few,
-- by hand, so row triggers. The same as review/office_may.py tells the reviewer.

-- A holder's name is decided by its tier, where the tier says who.
create function decider_of(deciders jsonb, code text, evidence jsonb) returns text language sql immutable as $$
  select coalesce(deciders->'tiers'->>coalesce(evidence->>'tier', ''), deciders->'codes'->>code, 'two_persons')
$$;

-- Whether the municipality has said this of the application: by the answer to the last question about it, which holds for what
-- was found by then, or by a ruling laid beside it that has not ended.
create function is_ruled_so(v todoku_verdict, code text, since timestamptz) returns boolean language sql stable as $$
  with wanted as (
    select case v.outcome when 'approve' then 'grant' when 'return' then 'return' when 'refuse' then 'refuse'
           when 'decline' then 'refuse' end as outcome
  ), last as (
    select q.ruling, q.answered_at from todoku_question q
     where q.submission_id = v.submission_id and q.state = 'answered' order by q.answered_at desc limit 1
  )
  select exists (select 1 from last l, wanted w where l.ruling = w.outcome and (since is null or since <= l.answered_at))
      or exists (
        select 1 from wanted w, todoku_rulinguse u join todoku_ruling r on r.id = u.ruling_id
         where u.submission_id = v.submission_id and u.way <> 'question' and r.outcome = w.outcome and r.codes ? code
           and (r.ended_on is null or r.ended_on > (v.at at time zone 'Asia/Tokyo')::date))
$$;

-- The codes of a verdict that this decider decides about and that no ruling covers. An approval is about everything that holds
-- the application up, a decline about the box for declining, a refusal about its reason; a return only where it names
-- nothing that the office asks for anyway.
create function codes_left_to(decider text, v todoku_verdict) returns text[] language sql stable as $$
  with terms as (
    select w.deciders
      from todoku_task t join todoku_programme p on p.id = t.programme_id
      join todoku_version w on w.programme_id = coalesce(p.rehearsal_of_id, p.id) and w.opened_at is not null
     where t.id = v.task_id order by w.number desc limit 1
  ), found as (
    select f.code, f.evidence, f.at from todoku_finding f where f.submission_id = v.submission_id and f.severity <> 'note'
  ), named as (
    select f.code from found f where v.outcome = 'approve' or v.outcome = 'decline' and f.code = 'D50'
     union
    select c.code from jsonb_array_elements_text(v.codes) as c(code) where v.outcome in ('return', 'refuse')
  ), decided as (
    select n.code, f.at, decider_of(t.deciders, n.code, coalesce(f.evidence, '{}')) as by
      from terms t cross join named n left join found f on f.code = n.code
  )
  select coalesce(array_agg(distinct d.code order by d.code), '{}')
    from decided d
   where d.by = decider
     and not (v.outcome = 'return' and exists (select 1 from decided o where o.by = 'two_persons'))
     -- A change after the base date that the Version's table or an order has settled is asked about no more.
     and not (d.code = 'D43' and exists (
       select 1 from todoku_laterchange x where x.case_id = v.case_id and x.state = 'done'))
     and not is_ruled_so(v, d.code, d.at)
$$;

create function the_municipality_decides_what_is_its_own() returns trigger language plpgsql as $$
declare codes text[];
begin
  if new.outcome <> 'refer' then
    codes := codes_left_to('municipality', new);
    if codes <> '{}' then
      raise exception 'the_municipality_decides_what_is_its_own: %', codes using errcode = 'check_violation';
    end if;
  end if;
  return new;
end $$;
create trigger the_municipality_decides_what_is_its_own before insert on todoku_verdict
  for each row execute function the_municipality_decides_what_is_its_own();

-- Asked at the end of the transaction: what is the manager's was judged by one in this round, or in the one before where this
-- one only looks again at what was fast; is taken back; or is on its way to one. Of a case made up to measure the review nothing follows.
create function what_is_the_managers_goes_to_the_manager() returns trigger language plpgsql as $$
declare programme bigint;
begin
  if new.outcome = 'refer' or codes_left_to('manager', new) = '{}' then
    return null;
  end if;
  select c.programme_id into programme from todoku_case c join todoku_programme p on p.id = c.programme_id
   where c.id = new.case_id and p.rehearsal_of_id is null;
  if programme is null
     or exists (select 1 from todoku_verdict v
                 where v.submission_id = new.submission_id and v.undone_at is null
                   and (v.round = new.round or v.round = new.round - 1 and exists (
                     select 1 from todoku_task t where t.id = new.task_id and t.reason = 'fast_look'))
                   and holds_role(v.staff_id, 'manager', programme))
     or not exists (select 1 from todoku_verdict v where v.id = new.id and v.undone_at is null)
     or exists (select 1 from todoku_task t
                 where t.submission_id = new.submission_id and t.state in ('open', 'held')
                   and (t.for_manager or t.round > new.round))
     or exists (select 1 from todoku_question q where q.submission_id = new.submission_id and q.state = 'with_manager') then
    return null;
  end if;
  raise exception 'what_is_the_managers_goes_to_the_manager: %', codes_left_to('manager', new)
    using errcode = 'check_violation';
end $$;
create constraint trigger what_is_the_managers_goes_to_the_manager after insert on todoku_verdict
  deferrable initially deferred for each row execute function what_is_the_managers_goes_to_the_manager();

-- Such a look is held, and so judged, by a person with the manager's role, and stays the manager's.
create function a_managers_look_is_held_by_the_manager() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and old.for_manager and not new.for_manager then
    raise exception 'a_managers_look_stays_the_managers' using errcode = 'check_violation';
  end if;
  if new.for_manager and new.state = 'held' and not holds_role(new.claimed_by_id, 'manager', new.programme_id) then
    raise exception 'a_managers_look_is_held_by_the_manager' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_managers_look_is_held_by_the_manager before insert on todoku_task
  for each row when (new.for_manager) execute function a_managers_look_is_held_by_the_manager();
create trigger a_managers_look_stays_the_managers before update on todoku_task
  for each row when (old.for_manager or new.for_manager) execute function a_managers_look_is_held_by_the_manager();
create function a_managers_look_is_judged_by_the_manager() returns trigger language plpgsql as $$
begin
  if exists (select 1 from todoku_task t where t.id = new.task_id and t.for_manager
              and not holds_role(new.staff_id, 'manager', t.programme_id)) then
    raise exception 'a_managers_look_is_judged_by_the_manager' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_managers_look_is_judged_by_the_manager before insert on todoku_verdict
  for each row execute function a_managers_look_is_judged_by_the_manager();
