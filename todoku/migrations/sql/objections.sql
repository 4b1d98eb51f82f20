-- What is said against a decision, and about declining: kept as it was said, settled once, by whom it is for.
do $$
declare name text;
begin
  foreach name in array array['objection', 'declineword'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
end $$;

create function an_objection_is_answered_by_an_officer() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' then
    if old.state in ('answered', 'withdrawn') or
       (old.programme_id, old.case_id, old.decision_id, old.number, old.kind, old.about, old.channel, old.door,
        old.said_by, old.words, old.received_on, old.registered_at, old.registered_by_id, old.known_on, old.last_day)
       is distinct from
       (new.programme_id, new.case_id, new.decision_id, new.number, new.kind, new.about, new.channel, new.door,
        new.said_by, new.words, new.received_on, new.registered_at, new.registered_by_id, new.known_on, new.last_day) then
      raise exception 'an_objection_stays_as_it_was_said' using errcode = 'check_violation';
    end if;
  end if;
  if new.state = 'answered' and not holds_role(new.answered_by_id, 'city_officer', new.programme_id) then
    raise exception 'an_objection_is_answered_by_an_officer' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_objection_is_answered_by_an_officer before insert or update on todoku_objection
  for each row execute function an_objection_is_answered_by_an_officer();

-- The public door adds such words too: they come as told, and what was said is never rewritten.
create function a_word_about_declining_is_settled_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'told' then
      raise exception 'a_word_about_declining_comes_as_told' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state <> 'told' or
     (old.programme_id, old.case_id, old.kind, old.channel, old.said_by, old.phone, old.told_at, old.told_to,
      old.idempotency_key) is distinct from
     (new.programme_id, new.case_id, new.kind, new.channel, new.said_by, new.phone, new.told_at, new.told_to,
      new.idempotency_key) then
    raise exception 'a_word_about_declining_is_settled_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_word_about_declining_is_settled_once before insert or update on todoku_declineword
  for each row execute function a_word_about_declining_is_settled_once();
