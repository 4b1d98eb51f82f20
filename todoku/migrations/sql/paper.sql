-- Paper: letters that were posted, read-backs and proofs before a release, papers that lie in one place.

-- Which letter left on which day (差出): a run may go in several lots, and a piece that was scanned void never left.
create view todoku_postedletter as
select l.id as letter_id, l.run_id, l.case_id, l.kind, l.occasion, d.posted_on, d.at, d.actor_name
  from todoku_letter l
  join todoku_dispatch d on d.run_id = l.run_id and l.piece_no between d.from_piece and d.to_piece
 where not exists (select 1 from todoku_pulledpiece p where p.letter_id = l.id and p.voided_at is not null);

-- Nothing of this is deleted; what says who did what is not rewritten either.
do $$
declare name text;
begin
  foreach name in array array['incident', 'incidentnote', 'pickup', 'bag', 'envelope', 'container', 'sheet', 'carry',
    'sheetmove', 'difference', 'unplacedpaper', 'valuable', 'scanlot', 'scanfile', 'scanpage', 'pageact', 'keytask',
    'keying', 'keycorrection', 'letter', 'dispatch', 'readback', 'proofapproval', 'printerparcel', 'stockmove',
    'pulledpiece', 'reissue', 'addresschange', 'registerinquiry', 'handback', 'handbackbox', 'acceptance'] loop
    execute format('create trigger %I before delete or truncate on %I for each statement execute function
      rows_are_never_deleted()', 'no_delete_' || name, 'todoku_' || name);
  end loop;
  foreach name in array array['incidentnote', 'sheetmove', 'pageact', 'keycorrection', 'dispatch',
    'readback', 'proofapproval', 'stockmove', 'reissue', 'acceptance', 'handbackbox'] loop
    execute format('create trigger %I before update on %I for each statement execute function
      rows_are_never_rewritten()', 'no_rewrite_' || name, 'todoku_' || name);
  end loop;
end $$;

-- A further copy of a letter only after the one before it was scanned void: no two of them can leave (I-18).
create function a_copy_follows_a_void_piece() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from new_rows n
     where n.copy > 1 and not exists (
       select 1 from todoku_letter l join todoku_pulledpiece p on p.letter_id = l.id and p.voided_at is not null
        where l.case_id = n.case_id and l.kind = n.kind and l.occasion = n.occasion and l.copy = n.copy - 1)) then
    raise exception 'a_copy_follows_a_void_piece' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_copy_follows_a_void_piece after insert on todoku_letter referencing new table as new_rows
  for each statement execute function a_copy_follows_a_void_piece();

-- The municipality's word on a proof (校了) is given by one of its own people.
create function a_proof_is_approved_by_the_municipality() returns trigger language plpgsql as $$
begin
  if not exists (
    select 1 from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
     where s.id = new.actor_id and o.kind = 'municipality') then
    raise exception 'a_proof_is_approved_by_the_municipality' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_proof_is_approved_by_the_municipality before insert on todoku_proofapproval
  for each row execute function a_proof_is_approved_by_the_municipality();

-- A run is released once every page of its very file was read back, and once the municipality approved its proof: first
-- letters their own file; what is made daily, again, or for protected people the last proof of that kind and wording.
-- Gift letters are kept locked, their pages are money: nobody opens them between the printer and the post.
create function a_run_is_released_on_a_proof() returns trigger language plpgsql as $$
declare digest text; own_proof boolean;
begin
  if new.state = 'dispatched' and (tg_op = 'INSERT' or old.state not in ('released', 'dispatched')) then
    raise exception 'a_run_is_posted_after_its_release' using errcode = 'check_violation';
  end if;
  if new.state <> 'released' or (tg_op = 'UPDATE' and old.state = 'released') then
    return new;
  end if;
  if new.released_by in ('', new.made_by) then
    raise exception 'a_run_is_released_by_another_person' using errcode = 'check_violation';
  end if;
  if new.kind = 'gift' then
    return new;
  end if;
  select sha256 into digest from todoku_parcel where id = new.pdf_id;
  if not exists (select 1 from todoku_readback b where b.run_id = new.id and b.sha256 = digest) then
    raise exception 'a_run_is_released_after_its_read_back' using errcode = 'check_violation';
  end if;
  own_proof := new.kind in ('form', 'push_notice') and not new.protected and exists (
    select 1 from todoku_letter l where l.run_id = new.id and l.occasion = 1 and l.copy = 1);
  if (select p.approved from todoku_proofapproval p join todoku_printrun r on r.id = p.run_id
       where r.id = new.id and p.sha256 = digest
          or not own_proof and r.programme_id = new.programme_id and r.kind = new.kind
             and new.wording_sha256 <> '' and r.wording_sha256 = new.wording_sha256
       order by p.id desc limit 1) is not true then
    raise exception 'a_run_is_released_on_a_proof' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_run_is_released_on_a_proof before insert or update of state on todoku_printrun
  for each row execute function a_run_is_released_on_a_proof();

-- A posting lot counts what lies in its range and was not scanned void; no piece on the pull list leaves with it, and
-- no piece leaves with two lots.
create function a_posting_lot_holds_what_was_not_pulled() returns trigger language plpgsql as $$
declare pieces bigint; pulled bigint;
begin
  perform 1 from todoku_printrun where id = new.run_id for update;
  if exists (select 1 from todoku_dispatch d where d.run_id = new.run_id and d.id <> new.id
              and d.from_piece <= new.to_piece and d.to_piece >= new.from_piece) then
    raise exception 'a_piece_leaves_with_one_posting_lot' using errcode = 'check_violation';
  end if;
  select count(*), count(p.id) filter (where p.voided_at is null) into pieces, pulled
    from todoku_letter l left join todoku_pulledpiece p on p.letter_id = l.id
   where l.run_id = new.run_id and l.piece_no between new.from_piece and new.to_piece
     and (p.id is null or p.voided_at is null);
  if pulled > 0 then
    raise exception 'a_pulled_piece_does_not_leave' using errcode = 'check_violation';
  end if;
  if pieces <> new.counted then
    raise exception 'a_posting_lot_is_counted' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_posting_lot_holds_what_was_not_pulled before insert on todoku_dispatch
  for each row execute function a_posting_lot_holds_what_was_not_pulled();

-- What was typed stays as typed: it may be taken back within its minute, and is then typed again.
create function a_keying_is_taken_back_but_never_changed() returns trigger language plpgsql as $$
begin
  if old.undone_at is not null or
     (old.task_id, old.round, old.staff_id, old.actor_name, old.started_at, old.finished_at, old.values) is distinct from
     (new.task_id, new.round, new.staff_id, new.actor_name, new.started_at, new.finished_at, new.values) then
    raise exception 'a_keying_is_taken_back_but_never_changed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_keying_is_taken_back_but_never_changed before update on todoku_keying
  for each row execute function a_keying_is_taken_back_but_never_changed();

-- A piece scanned void stays void: its next copy may be on its way (I-18). Only why a spoiled one is not printed again is
-- written down later.
create function a_void_piece_stays_void() returns trigger language plpgsql as $$
declare kept todoku_pulledpiece := new;
begin
  if old.reason in ('spoiled', 'mis_enclosed') then
    kept.reason := old.reason;
  end if;
  if old.voided_at is not null and kept is distinct from old or new.letter_id <> old.letter_id then
    raise exception 'a_void_piece_stays_void' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_void_piece_stays_void before update on todoku_pulledpiece
  for each row execute function a_void_piece_stays_void();

-- What was read back, approved and released is the file that leaves: after the release nobody puts another in its place.
create function a_released_run_keeps_its_files() returns trigger language plpgsql as $$
begin
  if (old.pdf_id, old.manifest_id, old.pieces, old.pages, old.kind, old.programme_id, old.protected, old.reprint_of_id,
      old.made_by, old.released_by, old.wording_sha256) is distinct from
     (new.pdf_id, new.manifest_id, new.pieces, new.pages, new.kind, new.programme_id, new.protected, new.reprint_of_id,
      new.made_by, new.released_by, new.wording_sha256)
     or new.state in ('making', 'made') then
    raise exception 'a_released_run_keeps_its_files' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_released_run_keeps_its_files before update on todoku_printrun
  for each row when (old.state in ('released', 'dispatched')) execute function a_released_run_keeps_its_files();

-- Another address for letters is answered by one of the municipality's own people, once; what was asked stays as asked.
create function an_address_is_answered_by_the_municipality() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (
     (old.case_id, old.postal_code, old.address, old.building, old.reason, old.evidence, old.asked_id) is distinct from
     (new.case_id, new.postal_code, new.address, new.building, new.reason, new.evidence, new.asked_id)
     or old.state <> 'asked' and (old.state, old.answered_id, old.answer) is distinct from
                                 (new.state, new.answered_id, new.answer)) then
    raise exception 'an_address_is_answered_once' using errcode = 'check_violation';
  end if;
  if new.state <> 'asked' and not exists (
    select 1 from todoku_staff s join todoku_organisation o on o.id = s.organisation_id
     where s.id = new.answered_id and o.kind = 'municipality') then
    raise exception 'an_address_is_answered_by_the_municipality' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_address_is_answered_by_the_municipality after insert or update on todoku_addresschange
  for each row execute function an_address_is_answered_by_the_municipality();
