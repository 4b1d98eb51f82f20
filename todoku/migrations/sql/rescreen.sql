-- Screening under new terms: what was found before goes into the past and is never rewritten there.
create function a_finding_goes_only_into_the_past() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from todoku_pastfinding p
                  where p.submission_id = old.submission_id and (p.code, p.field, p.severity, p.evidence, p.at)
                        is not distinct from (old.code, old.field, old.severity, old.evidence, old.at)) then
    raise exception 'a_finding_goes_only_into_the_past' using errcode = 'check_violation';
  end if;
  return old;
end $$;
create trigger a_finding_goes_only_into_the_past before delete on todoku_finding
  for each row execute function a_finding_goes_only_into_the_past();
create trigger no_delete_pastfinding before delete or truncate on todoku_pastfinding
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_pastfinding before update on todoku_pastfinding
  for each statement execute function rows_are_never_rewritten();
create trigger no_delete_pastscreening before delete or truncate on todoku_pastscreening
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_pastscreening before update on todoku_pastscreening
  for each statement execute function rows_are_never_rewritten();
create trigger no_delete_rescreening before delete or truncate on todoku_rescreening
  for each statement execute function rows_are_never_deleted();
create trigger no_delete_termschange before delete or truncate on todoku_termschange
  for each statement execute function rows_are_never_deleted();

-- What new terms made of a case stays as it was written; it may be taken back once.
create function a_change_of_terms_is_taken_back_once() returns trigger language plpgsql as $$
begin
  if old.state <> 'done' or new.state <> 'undone' or
     (old.programme_id, old.case_id, old.rescreening_id, old.version_id, old.kind, old.stage, old.yen_before, old.yen_after,
      old.cohort_before, old.cohort_after, old.reason, old.submission_id, old.at) is distinct from
     (new.programme_id, new.case_id, new.rescreening_id, new.version_id, new.kind, new.stage, new.yen_before, new.yen_after,
      new.cohort_before, new.cohort_after, new.reason, new.submission_id, new.at) then
    raise exception 'a_change_of_terms_is_taken_back_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_change_of_terms_is_taken_back_once before update on todoku_termschange
  for each row execute function a_change_of_terms_is_taken_back_once();
