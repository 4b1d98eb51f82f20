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
