-- Paper that lies somewhere: every sheet in one place, moved only with a record; containers carried by two; incidents.

-- Nothing goes into or out of a container that is sealed or on its way between two persons.
create function a_sealed_container_stays_as_it_is() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from new_rows n join todoku_container c on c.id = n.container_id
     where c.sealed_at is not null or exists (
       select 1 from todoku_carry y where y.container_id = c.id and y.taken_id is null)) then
    raise exception 'a_sealed_container_stays_as_it_is' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_sealed_container_stays_as_it_is after insert on todoku_sheet referencing new table as new_rows
  for each statement execute function a_sealed_container_stays_as_it_is();

-- A sheet changes its place only with the row that says so, and out of or into nothing that is sealed or on its way.
create function a_sheet_moves_with_a_record() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from before b join after a on a.id = b.id
     where (a.programme_id, a.envelope_id, a.no, a.household, a.kind) is distinct from
           (b.programme_id, b.envelope_id, b.no, b.household, b.kind)
        or (b.voided_at is not null and a.voided_at is distinct from b.voided_at)
        or ((a.container_id, a.position) is distinct from (b.container_id, b.position) and not exists (
             select 1 from todoku_sheetmove m
              where m.sheet_id = a.id and (m.from_container_id, m.from_position) = (b.container_id, b.position)
                and (m.to_container_id, m.to_position) = (a.container_id, a.position)))) then
    raise exception 'a_sheet_moves_with_a_record' using errcode = 'check_violation';
  end if;
  if exists (
    select 1 from before b join after a on a.id = b.id join todoku_container c on c.id in (a.container_id, b.container_id)
     where (a.container_id, a.position, a.voided_at) is distinct from (b.container_id, b.position, b.voided_at)
       and (c.sealed_at is not null or exists (
             select 1 from todoku_carry y where y.container_id = c.id and y.taken_id is null))) then
    raise exception 'a_sealed_container_stays_as_it_is' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_sheet_moves_with_a_record after update on todoku_sheet referencing old table as before new table as after
  for each statement execute function a_sheet_moves_with_a_record();

-- A container stands where the last carry that was taken brought it; a bundle in a box goes with its box.
create function a_container_moves_by_a_carry() returns trigger language plpgsql as $$
begin
  if (new.programme_id, new.code, new.kind) is distinct from (old.programme_id, old.code, old.kind) then
    raise exception 'a_container_keeps_its_code' using errcode = 'check_violation';
  end if;
  if new.station <> old.station and not exists (
    select 1 from todoku_carry y
     where y.container_id in (new.id, new.inside_id) and y.to_station = new.station and y.taken_id is not null and not y.taken_back
       and y.id = (select max(z.id) from todoku_carry z where z.container_id = y.container_id)) then
    raise exception 'a_container_moves_by_a_carry' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_container_moves_by_a_carry before update on todoku_container
  for each row execute function a_container_moves_by_a_carry();

-- A carry is completed by the second name once, and otherwise stays as it was given.
create function a_carry_is_only_completed() returns trigger language plpgsql as $$
begin
  if old.taken_id is not null or (new.container_id, new.from_station, new.to_station, new.stated, new.given_id,
      new.given_name, new.at) is distinct from (old.container_id, old.from_station, old.to_station, old.stated,
      old.given_id, old.given_name, old.at) then
    raise exception 'a_carry_is_only_completed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_carry_is_only_completed before update on todoku_carry
  for each row execute function a_carry_is_only_completed();

-- An envelope stays as it was opened; it may be taken back once. Its postmark changes with the row of two persons that
-- says from what to what and why, and so does the case of a sheet that has one.
create function an_envelope_is_only_taken_back() returns trigger language plpgsql as $$
begin
  if old.voided_at is not null or (new.programme_id, new.bag_id, new.no, new.arrived_on, new.opened_at, new.opened_by,
      new.opened_id, new.households, new.sheets, new.form_key) is distinct from (old.programme_id, old.bag_id, old.no,
      old.arrived_on, old.opened_at, old.opened_by, old.opened_id, old.households, old.sheets, old.form_key) then
    raise exception 'an_envelope_is_only_taken_back' using errcode = 'check_violation';
  end if;
  if (new.postmark, new.postmark_on) is distinct from (old.postmark, old.postmark_on) and not exists (
    select 1 from todoku_envelopecorrection k
     where k.envelope_id = new.id and k.id = (select max(z.id) from todoku_envelopecorrection z where z.envelope_id = new.id)
       and (k.postmark_before, k.postmark, k.postmark_on_before, k.postmark_on) is not distinct from
           (old.postmark, new.postmark, old.postmark_on, new.postmark_on)) then
    raise exception 'a_postmark_is_corrected_with_a_record' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_envelope_is_only_taken_back before update on todoku_envelope
  for each row execute function an_envelope_is_only_taken_back();

create function a_sheet_changes_its_case_with_a_record() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from before b join after a on a.id = b.id
     where b.case_id is not null and a.case_id is distinct from b.case_id and not exists (
       select 1 from todoku_envelopecorrection k
        where k.envelope_id = a.envelope_id and k.household = a.household
          and (k.case_before_id, k.case_id) = (b.case_id, a.case_id))) then
    raise exception 'a_sheet_changes_its_case_with_a_record' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_sheet_changes_its_case_with_a_record after update on todoku_sheet
  referencing old table as before new table as after
  for each statement execute function a_sheet_changes_its_case_with_a_record();

-- An original or cash stays as two persons logged it; its return completes it, once.
create function a_valuable_is_only_completed() returns trigger language plpgsql as $$
begin
  if old.returned_on is not null or (new.programme_id, new.envelope_id, new.kind, new.what, new.amount_yen, new.at,
      new.first_id, new.first_name, new.second_id, new.second_name, new.form_key) is distinct from (old.programme_id,
      old.envelope_id, old.kind, old.what, old.amount_yen, old.at, old.first_id, old.first_name, old.second_id,
      old.second_name, old.form_key) or (old.case_id is not null and new.case_id is distinct from old.case_id) then
    raise exception 'a_valuable_is_only_completed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_valuable_is_only_completed before update on todoku_valuable
  for each row execute function a_valuable_is_only_completed();

-- A delivery goes forward: made, handed over, accepted or refused. Its counts and its file stay those it was made with.
create function a_hand_back_is_only_advanced() returns trigger language plpgsql as $$
begin
  if (new.programme_id, new.no, new.parcel_id, new.cases, new.sheets, new.pictures, new.made_at, new.made_by)
      is distinct from (old.programme_id, old.no, old.parcel_id, old.cases, old.sheets, old.pictures, old.made_at, old.made_by)
      or (old.handed_at is not null and (new.handed_at, new.handed_by, new.left_sheets, new.left_to, new.left_why)
            is distinct from (old.handed_at, old.handed_by, old.left_sheets, old.left_to, old.left_why))
      or (new.state <> old.state and (old.state, new.state) not in (
            ('made', 'handed'), ('made', 'void'), ('handed', 'accepted'), ('handed', 'refused'))) then
    raise exception 'a_hand_back_is_only_advanced' using errcode = 'check_violation';
  end if;
  if new.state in ('accepted', 'refused') and not exists (
    select 1 from todoku_acceptance a where a.hand_back_id = new.id and a.accepted = (new.state = 'accepted')) then
    raise exception 'a_hand_back_is_accepted_with_its_inspection' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_hand_back_is_only_advanced before update on todoku_handback
  for each row execute function a_hand_back_is_only_advanced();

-- What was explained, matched or reported stays so.
create function a_closed_difference_stays_closed() returns trigger language plpgsql as $$
begin
  if old.state = 'explained' or (new.programme_id, new.subject_kind, new.subject_id, new.between, new.stated, new.found)
      is distinct from (old.programme_id, old.subject_kind, old.subject_id, old.between, old.stated, old.found) then
    raise exception 'a_closed_difference_stays_closed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_closed_difference_stays_closed before update on todoku_difference
  for each row execute function a_closed_difference_stays_closed();

create function paper_that_left_the_pool_stays_out() returns trigger language plpgsql as $$
begin
  if old.state in ('matched', 'sent_back', 'handed_on', 'void') then
    raise exception 'paper_that_left_the_pool_stays_out' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger paper_that_left_the_pool_stays_out before update on todoku_unplacedpaper
  for each row execute function paper_that_left_the_pool_stays_out();

-- The first report is what the municipality was told; only an officer of it acknowledges; a closed incident stays closed.
create function an_incident_stays_as_reported() returns trigger language plpgsql as $$
begin
  if old.state = 'closed' or (old.reported_at is not null and (new.first_report, new.reported_at, new.reported_by, new.what)
      is distinct from (old.first_report, old.reported_at, old.reported_by, old.what)) then
    raise exception 'an_incident_stays_as_reported' using errcode = 'check_violation';
  end if;
  if new.acknowledged_at is distinct from old.acknowledged_at and (old.acknowledged_at is not null
      or new.reported_at is null or not holds_role(new.acknowledged_id, 'city_officer', new.programme_id)) then
    raise exception 'the_municipality_acknowledges_an_incident' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_incident_stays_as_reported before update on todoku_incident
  for each row execute function an_incident_stays_as_reported();

-- A correction and a bundle's way into a box are added, and stay.
do $$
declare name text;
begin
  foreach name in array array['envelopecorrection', 'boxmove'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;
