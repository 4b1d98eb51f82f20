-- Questions to the municipality, its rulings, and who acts for whom. Few rows, by hand, so row triggers.

do $$
declare name text;
begin
  foreach name in array array['question', 'ruling', 'rulinguse', 'versioncandidate', 'deputy', 'succession'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['rulinguse', 'succession'] loop
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;

-- An official who instructs a contractor's reviewer turns a contract for work into disguised employment (偽装請負):
-- what a reviewer asks goes to the office's manager, who sends it, answers it by an earlier ruling, or gives it back.
create function a_question_goes_through_the_manager() returns trigger language plpgsql as $$
declare r todoku_ruling;
begin
  if tg_op = 'INSERT' then
    if new.state <> 'with_manager' or new.forwarder_id is not null or new.answerer_id is not null then
      raise exception 'a_question_begins_with_the_manager' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state in ('answered', 'given_back', 'withdrawn') then
    raise exception 'an_answered_question_does_not_change' using errcode = 'check_violation';
  end if;
  if (old.case_id, old.submission_id, old.change_id, old.programme_id, old.asked, old.asked_by, old.asked_at) is distinct from
     (new.case_id, new.submission_id, new.change_id, new.programme_id, new.asked, new.asked_by, new.asked_at) then
    raise exception 'a_question_stays_as_it_was_asked' using errcode = 'check_violation';
  end if;
  if old.state = 'sent' and
     (old.wording, old.shown_findings, old.shown_pictures, old.shown_application, old.shown_account, old.forwarder_id,
      old.forwarded_at) is distinct from
     (new.wording, new.shown_findings, new.shown_pictures, new.shown_application, new.shown_account, new.forwarder_id,
      new.forwarded_at) then
    raise exception 'what_was_sent_stays' using errcode = 'check_violation';
  end if;
  if old.state = new.state then
    if new.answered_at is not null or old.state = 'with_manager' and new.forwarder_id is not null then
      raise exception 'a_question_goes_through_the_manager' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state || '>' || new.state not in ('with_manager>sent', 'with_manager>answered', 'with_manager>given_back',
      'with_manager>withdrawn', 'sent>answered', 'sent>withdrawn') then
    raise exception 'a_question_goes_through_the_manager' using errcode = 'check_violation';
  end if;
  if new.state = 'sent' and not holds_role(new.forwarder_id, 'manager', new.programme_id) then
    raise exception 'the_forwarder_has_the_managers_role' using errcode = 'check_violation';
  end if;
  if new.state = 'answered' and old.state = 'with_manager' then
    select * into r from todoku_ruling where id = new.by_ruling_id;
    if r.id is null or r.programme_id <> new.programme_id or r.scope <> 'like' or r.outcome <> new.ruling
       or not holds_role(new.answerer_id, 'manager', new.programme_id) then
      raise exception 'an_officer_answers_what_was_forwarded' using errcode = 'check_violation';
    end if;
  end if;
  -- Asker and answerer are never one person: who judged the application has asked about it.
  if new.state = 'answered' and exists (
      select 1 from todoku_verdict v
       where v.submission_id = new.submission_id and v.staff_id = new.answerer_id and v.undone_at is null) then
    raise exception 'who_judged_an_application_does_not_answer' using errcode = 'check_violation';
  end if;
  if new.state = 'answered' and old.state = 'sent' and
     (new.by_ruling_id is not null or not holds_role(new.answerer_id, 'city_officer', new.programme_id)) then
    raise exception 'an_officer_answers_what_was_forwarded' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_question_goes_through_the_manager before insert or update on todoku_question
  for each row execute function a_question_goes_through_the_manager();

-- A ruling is what an officer answered to a question that was forwarded; it may be ended for the future, never rewritten.
create function a_ruling_is_an_officers_answer() returns trigger language plpgsql as $$
declare q todoku_question;
begin
  if tg_op = 'UPDATE' then
    if old.ended_on is not null or
       (old.programme_id, old.number, old.question_id, old.outcome, old.reason, old.scope, old.codes, old.tiers, old.whys,
        old.line, old.words, old.ruled_on, old.ruled_by_id, old.at) is distinct from
       (new.programme_id, new.number, new.question_id, new.outcome, new.reason, new.scope, new.codes, new.tiers, new.whys,
        new.line, new.words, new.ruled_on, new.ruled_by_id, new.at) then
      raise exception 'a_ruling_is_ended_but_never_rewritten' using errcode = 'check_violation';
    end if;
    if new.ended_on is not null and not holds_role(new.ended_by_id, 'city_officer', new.programme_id) then
      raise exception 'an_officer_ends_a_ruling' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  select * into q from todoku_question where id = new.question_id;
  if q.state <> 'answered' or q.by_ruling_id is not null or q.forwarder_id is null
     or (q.programme_id, q.ruling, q.answer, q.answerer_id) is distinct from
        (new.programme_id, new.outcome, new.reason, new.ruled_by_id)
     or not holds_role(new.ruled_by_id, 'city_officer', new.programme_id) then
    raise exception 'a_ruling_is_an_officers_answer' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_ruling_is_an_officers_answer before insert or update on todoku_ruling
  for each row execute function a_ruling_is_an_officers_answer();

-- Who acts for another is of the same organisation and never gathers both sides of a rule for two persons in one hand.
-- The roles that a deputy has in hand in a period: the own, those of the person now named, and of all acted for besides.
create function in_one_hand(who bigint, absent bigint, code text, since date, until date) returns text[]
  language sql stable as $$
  select coalesce(array_agg(distinct g.role::text), '{}') from todoku_grant g
   where g.municipality_code in ('', code) and (g.until_on is null or g.until_on >= since)
     and (g.staff_id in (who, absent)
          or exists (select 1 from todoku_deputy d
                      where d.deputy_id = who and d.absent_id = g.staff_id and d.ended_at is null
                        and d.municipality_code = code and (d.from_on, d.until_on + 1) overlaps (since, until + 1)))
$$;
create function a_deputy_never_holds_both_sides() returns trigger language plpgsql as $$
declare held text[];
begin
  if tg_op = 'UPDATE' then
    if old.ended_at is not null or
       (old.absent_id, old.deputy_id, old.municipality_code, old.from_on, old.until_on, old.granted_by_id, old.granted_at)
       is distinct from
       (new.absent_id, new.deputy_id, new.municipality_code, new.from_on, new.until_on, new.granted_by_id, new.granted_at) then
      raise exception 'a_deputy_is_ended_but_never_rewritten' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if (select organisation_id from todoku_staff where id = new.absent_id) is distinct from
     (select organisation_id from todoku_staff where id = new.deputy_id) then
    raise exception 'a_deputy_is_of_the_same_organisation' using errcode = 'check_violation';
  end if;
  held := in_one_hand(new.deputy_id, new.absent_id, new.municipality_code, new.from_on, new.until_on);
  if held @> array['payment_maker', 'payment_approver'] or held @> array['city_officer', 'city_treasurer'] then
    raise exception 'a_deputy_never_holds_both_sides' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_deputy_never_holds_both_sides before insert or update on todoku_deputy
  for each row execute function a_deputy_never_holds_both_sides();

-- The same at every grant, whenever it is made: no role of the other side, never the order to pay and the paying out in
-- one hand, and nothing that a deputy would join with the own.
create function a_grant_keeps_both_sides_apart() returns trigger language plpgsql as $$
declare side text; wanted text; today date := (now() at time zone 'Asia/Tokyo')::date;
begin
  wanted := (case when new.role like 'city\_%' then 'municipality' when new.role = 'system' then 'system' else 'office' end);
  select o.kind into side from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
   where s.id = new.staff_id;
  if side <> wanted then
    raise exception 'a_role_stays_on_its_side' using errcode = 'check_violation';
  end if;
  if new.until_on < today then
    return null;
  end if;
  if (select array_agg(g.role::text) from todoku_grant g
       where g.staff_id = new.staff_id and (g.until_on is null or g.until_on >= today)
         and (g.municipality_code = new.municipality_code or '' in (g.municipality_code, new.municipality_code)))
     @> array['city_officer', 'city_treasurer'] then
    raise exception 'nobody_orders_and_pays_out' using errcode = 'check_violation';
  end if;
  if exists (
      select 1 from todoku_deputy d
        cross join lateral in_one_hand(d.deputy_id, d.absent_id, d.municipality_code, greatest(d.from_on, today), d.until_on)
          as h(held)
       where new.staff_id in (d.absent_id, d.deputy_id) and d.ended_at is null and d.until_on >= today
         and new.municipality_code in ('', d.municipality_code)
         and (held @> array['payment_maker', 'payment_approver'] or held @> array['city_officer', 'city_treasurer'])) then
    raise exception 'a_deputy_never_holds_both_sides' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_grant_keeps_both_sides_apart after insert or update on todoku_grant
  for each row execute function a_grant_keeps_both_sides_apart();

-- Nor does anybody come to the other side with roles in hand, alone or with a whole employer.
create function a_person_stays_on_one_side() returns trigger language plpgsql as $$
begin
  if (select kind from todoku_organisation where id = old.organisation_id) is distinct from
     (select kind from todoku_organisation where id = new.organisation_id)
     and exists (select 1 from todoku_grant g where g.staff_id = new.id) then
    raise exception 'a_person_stays_on_one_side' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_person_stays_on_one_side before update of organisation_id on todoku_staff
  for each row execute function a_person_stays_on_one_side();
create function an_employer_stays_on_its_side() returns trigger language plpgsql as $$
begin
  if old.kind is distinct from new.kind and exists (select 1 from todoku_staff s where s.organisation_id = new.id) then
    raise exception 'an_employer_stays_on_its_side' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_employer_stays_on_its_side before update of kind on todoku_organisation
  for each row execute function an_employer_stays_on_its_side();
