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
  foreach name in array array['incidentnote', 'carry', 'sheetmove', 'pageact', 'keying', 'keycorrection', 'dispatch',
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
