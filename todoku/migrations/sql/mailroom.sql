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
     where y.container_id in (new.id, new.inside_id) and y.to_station = new.station and y.taken_id is not null
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

-- An envelope stays as it was opened; it may be taken back once.
create function an_envelope_is_only_taken_back() returns trigger language plpgsql as $$
begin
  if old.voided_at is not null or (new.programme_id, new.bag_id, new.no, new.arrived_on, new.postmark, new.postmark_on,
      new.opened_at, new.opened_by, new.households, new.sheets) is distinct from (old.programme_id, old.bag_id, old.no,
      old.arrived_on, old.postmark, old.postmark_on, old.opened_at, old.opened_by, old.households, old.sheets) then
    raise exception 'an_envelope_is_only_taken_back' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_envelope_is_only_taken_back before update on todoku_envelope
  for each row execute function an_envelope_is_only_taken_back();

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
