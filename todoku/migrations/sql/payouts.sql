-- A further payout (後の支給回) goes to whoever was paid the one before, once: the case that it follows is of the same
-- programme, of an earlier payout, and paid when the later case is opened.
create function a_further_payout_follows_a_paid_case() returns trigger language plpgsql as $$
begin
  if exists (
    select 1 from new_rows n
      join todoku_case c on c.id = n.case_id
      join todoku_case e on e.id = n.earlier_id
      join todoku_casestage s on s.case_id = e.id
     where c.programme_id <> e.programme_id or c.payout <> n.payout or e.payout >= c.payout or s.stage <> 'paid') then
    raise exception 'a_further_payout_follows_a_paid_case' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create trigger a_further_payout_follows_a_paid_case after insert on todoku_followingcase referencing new table as new_rows
  for each statement execute function a_further_payout_follows_a_paid_case();
create trigger no_delete_followingcase before delete or truncate on todoku_followingcase
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_followingcase before update on todoku_followingcase
  for each statement execute function rows_are_never_rewritten();
create trigger no_delete_payoutopening before delete or truncate on todoku_payoutopening
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_payoutopening before update on todoku_payoutopening
  for each statement execute function rows_are_never_rewritten();
