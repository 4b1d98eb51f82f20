-- Orders of the municipality that put an amount right (職権による変更): never deleted, never rewritten, given by its officer.
create trigger no_delete_entitlementorder before delete or truncate on todoku_entitlementorder
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_entitlementorder before update on todoku_entitlementorder
  for each statement execute function rows_are_never_rewritten();
create trigger no_delete_reachedat before delete or truncate on todoku_reachedat
  for each statement execute function rows_are_never_deleted();

create function the_municipality_orders_a_change() returns trigger language plpgsql as $$
begin
  if not holds_role(new.given_by_id, 'city_officer', new.programme_id)
     and not (new.kind in ('supplement', 'account') and holds_role(new.given_by_id, 'manager', new.programme_id)) then
    raise exception 'the_municipality_orders_a_change' using errcode = 'check_violation';
  end if;
  if new.programme_id is distinct from (select c.programme_id from todoku_case c where c.id = new.case_id)
     or new.new_case_id is not null and new.programme_id is distinct from
        (select c.programme_id from todoku_case c where c.id = new.new_case_id)
     or new.claim_id is not null and new.case_id is distinct from
        (select k.case_id from todoku_claim k where k.id = new.claim_id) then
    raise exception 'an_order_is_of_one_case' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger the_municipality_orders_a_change before insert on todoku_entitlementorder
  for each row execute function the_municipality_orders_a_change();

-- An order that waits is an officer's, stays as given, and ends once.
create function a_waiting_split_off_is_an_officers() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not holds_role(new.given_by_id, 'city_officer', new.programme_id) or new.ended_at is not null
       or new.programme_id is distinct from (select c.programme_id from todoku_case c where c.id = new.case_id) then
      raise exception 'a_waiting_split_off_is_an_officers' using errcode = 'check_violation';
    end if;
  elsif old.ended_at is not null
     or (old.programme_id, old.case_id, old.persons, old.head_id, old.postal_code, old.address, old.building, old.phone,
         old.protected, old.number, old.reason, old.why, old.given_by_id, old.at, old.due_on)
        is distinct from
        (new.programme_id, new.case_id, new.persons, new.head_id, new.postal_code, new.address, new.building, new.phone,
         new.protected, new.number, new.reason, new.why, new.given_by_id, new.at, new.due_on) then
    raise exception 'a_waiting_split_off_ends_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_waiting_split_off_is_an_officers before insert or update on todoku_waitingsplit
  for each row execute function a_waiting_split_off_is_an_officers();
create trigger no_delete_waitingsplit before delete or truncate on todoku_waitingsplit
  for each statement execute function rows_are_never_deleted();

-- Who acts for an adult by law (法定代理人) is known for good: a row is answered or ended, never gone, and names the same two
-- persons for ever.
create trigger no_delete_representative before delete or truncate on todoku_representative
  for each statement execute function rows_are_never_deleted();
create function a_representative_stays_who_it_is() returns trigger language plpgsql as $$
begin
  if (new.programme_id, new.ward_id, new.guardian_id, new.kind, new.fact_import_id, new.issued_on, new.proposed_by_id)
     is distinct from
     (old.programme_id, old.ward_id, old.guardian_id, old.kind, old.fact_import_id, old.issued_on, old.proposed_by_id)
     or old.state in ('refused', 'ended') and new.state <> old.state
     or old.state = 'confirmed' and new.state not in ('confirmed', 'ended') then
    raise exception 'a_representative_stays_who_it_is' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_representative_stays_who_it_is before update on todoku_representative
  for each row execute function a_representative_stays_who_it_is();

-- A case opened late by an order (後からの案件作成): what one person asked for stays as asked, and another opens or refuses it once.
-- By which word a case came late, and since when its days run, stays as well.
create trigger no_delete_lateproposal before delete or truncate on todoku_lateproposal
  for each statement execute function rows_are_never_deleted();
create trigger no_delete_lateopening before delete or truncate on todoku_lateopening
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_lateopening before update on todoku_lateopening
  for each statement execute function rows_are_never_rewritten();
create function a_late_case_is_answered_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'waiting' or not holds_one_of(new.proposed_by_id, array['manager', 'city_officer'], new.programme_id) then
      raise exception 'a_late_case_begins_unconfirmed' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state <> 'waiting'
     or (old.programme_id, old.late, old.happened_on, old."order", old.why, old.recipient_id, old.newcomers, old.reached,
         old.payee_id, old.proposed_by_id, old.proposed_at)
        is distinct from
        (new.programme_id, new.late, new.happened_on, new."order", new.why, new.recipient_id, new.newcomers, new.reached,
         new.payee_id, new.proposed_by_id, new.proposed_at)
     or new.state <> 'waiting'
        and not holds_one_of(new.answered_by_id, array['manager', 'city_officer'], new.programme_id) then
    raise exception 'a_late_case_is_answered_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_late_case_is_answered_once before insert or update on todoku_lateproposal
  for each row execute function a_late_case_is_answered_once();
-- It is opened for whom, since when and by which order was asked: of the roll that recipient, else those people and no other.
create function a_late_case_by_order_was_confirmed() returns trigger language plpgsql as $$
begin
  if not exists (
      select 1 from todoku_lateproposal p join todoku_case c on c.id = new.case_id join todoku_recipient r on r.id = c.recipient_id
       where p.id = new.proposal_id and p.state = 'opened'
         and (p.programme_id, p."order", p.happened_on) = (c.programme_id, new."order", new.happened_on)
         and (p.recipient_id = r.id or p.recipient_id is null and not exists (
           select 1 from todoku_person q
            where (q.id = r.head_id and q.id is distinct from p.payee_id
                   or q.id in (select m.person_id from todoku_member m where m.recipient_id = r.id))
              and not exists (select 1 from jsonb_array_elements(p.newcomers) as n(said)
                               where (n.said->>0, n.said->>1, n.said->>2)
                                   = (q.name, q.kana, to_char(q.birth_date, 'YYYY-MM-DD')))))) then
    raise exception 'a_late_case_by_order_was_confirmed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_late_case_by_order_was_confirmed before insert on todoku_lateopening
  for each row when (new."order" <> '') execute function a_late_case_by_order_was_confirmed();
-- Whom no roll names has a case by such an order alone; their household numbers begin with this sign, which no roll has.
create function a_newcomer_comes_by_a_confirmed_order() returns trigger language plpgsql as $$
begin
  if not exists (select 1 from todoku_case c join todoku_lateopening l on l.case_id = c.id and l.proposal_id is not null
                  where c.recipient_id = new.id) then
    raise exception 'a_newcomer_comes_by_a_confirmed_order' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger a_newcomer_comes_by_a_confirmed_order after insert on todoku_recipient
  deferrable initially deferred for each row when (new.household_number like '遅%')
  execute function a_newcomer_comes_by_a_confirmed_order();

-- Who receives instead (受け取る方の変更): what one person named stays as named, and another confirms or refuses it once.
create trigger no_delete_payeeproposal before delete or truncate on todoku_payeeproposal
  for each statement execute function rows_are_never_deleted();
create trigger no_delete_laterchange before delete or truncate on todoku_laterchange
  for each statement execute function rows_are_never_deleted();
create function another_payee_is_answered_once() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'waiting' or not holds_one_of(new.proposed_by_id, array['manager', 'city_officer'], new.programme_id)
       or not exists (
         select 1 from todoku_laterchange l join todoku_case c on c.id = l.case_id join todoku_recipient r on r.id = c.recipient_id
          where l.id = new.change_id and l.state = 'waiting' and l.programme_id = new.programme_id
            and r.head_id = new.instead_of_id) then
      raise exception 'another_payee_begins_unconfirmed' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state <> 'waiting'
     or (old.programme_id, old.change_id, old."then", old.instead_of_id, old.payee_id, old.name, old.kana, old.birth_date,
         old.postal_code, old.address, old.building, old.phone, old."order", old.why, old.waited_for, old.proposed_by_id,
         old.proposed_at)
        is distinct from
        (new.programme_id, new.change_id, new."then", new.instead_of_id, new.payee_id, new.name, new.kana, new.birth_date,
         new.postal_code, new.address, new.building, new.phone, new."order", new.why, new.waited_for, new.proposed_by_id,
         new.proposed_at)
     or new.state <> 'waiting'
        and not holds_one_of(new.answered_by_id, array['manager', 'city_officer'], new.programme_id) then
    raise exception 'another_payee_is_answered_once' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger another_payee_is_answered_once before insert or update on todoku_payeeproposal
  for each row execute function another_payee_is_answered_once();
-- The heirs' representative stands outside the roll under this sign, in the words that two persons saw last and in no other.
create function an_heir_is_named_as_confirmed() returns trigger language plpgsql as $$
begin
  if not exists (
      select 1 from (
        select p.* from todoku_payeeproposal p join todoku_laterchange l on l.id = p.change_id
          join todoku_case c on c.id = l.case_id
         where c.programme_id = new.programme_id and '相' || c.number = new.number and p."then" = 'estate'
           and p.state = 'confirmed'
         order by p.answered_at desc, p.id desc limit 1) seen
       where (seen.name, seen.kana, seen.birth_date, seen.postal_code, seen.address, seen.building, seen.phone)
             is not distinct from
             (new.name, new.kana, new.birth_date, new.postal_code, new.address, new.building, new.phone)) then
    raise exception 'an_heir_is_named_as_confirmed' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_heir_is_named_as_confirmed
  before insert or update of number, name, kana, birth_date, postal_code, address, building, phone on todoku_person
  for each row when (new.number like '相%') execute function an_heir_is_named_as_confirmed();
-- Where an order hands a case over, it goes to whom two persons saw, by that order, from whom both saw it taken; by the Version's
-- table alone only to the head of the members' household on the last roll, or to whom the last list says a child is paid.
create function another_payee_was_confirmed() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if new.state <> 'done' or new.payee_before_id is distinct from (
         select r.head_id from todoku_case c join todoku_recipient r on r.id = c.recipient_id where c.id = new.case_id)
       or not exists (
         select 1 from todoku_case c join todoku_member m on m.recipient_id = c.recipient_id and m.superseded_by_order = ''
           join todoku_person q on q.id = m.person_id join todoku_person h on h.id = new.payee_after_id
          where c.id = new.case_id and c.programme_id = h.programme_id
            and (h.household_number = q.household_number and h.is_head and h.in_latest_roll and not h.outside
                 or exists (select 1 from todoku_allowancefact a
                             where a.programme_id = c.programme_id and a.person_id = q.id and a.receiver_id = h.id))) then
      raise exception 'another_payee_was_confirmed' using errcode = 'check_violation';
    end if;
    return new;
  end if;
  if old.state = 'waiting' and new.case_id = old.case_id and new.programme_id = old.programme_id
     and (new.payee_before_id is null and new.payee_after_id is null or new.state = 'done' and exists (
       select 1 from todoku_payeeproposal p
        where p.change_id = new.id and p.state = 'confirmed' and p."then" = new.outcome and p."order" = new."order"
          and p.instead_of_id = new.payee_before_id
          and coalesce(p.payee_id, (
            select h.id from todoku_person h join todoku_case c on c.programme_id = h.programme_id and '相' || c.number = h.number
             where c.id = new.case_id)) = new.payee_after_id))
     or old.state <> 'waiting' and new.state in (old.state, 'undone')
        and (new.case_id, new.programme_id, new.payee_before_id, new.payee_after_id)
            is not distinct from (old.case_id, old.programme_id, old.payee_before_id, old.payee_after_id) then
    return new;
  end if;
  raise exception 'another_payee_was_confirmed' using errcode = 'check_violation';
end $$;
create trigger another_payee_was_confirmed before insert on todoku_laterchange
  for each row when (new.state = 'undone' or new.payee_before_id is not null or new.payee_after_id is not null)
  execute function another_payee_was_confirmed();
create trigger another_payee_stays_confirmed before update on todoku_laterchange
  for each row execute function another_payee_was_confirmed();
-- Of a recipient with a case the payee is another by such a change alone, or again the one before where it was taken back.
create function a_case_is_handed_over_by_a_change() returns trigger language plpgsql as $$
begin
  if exists (select 1 from todoku_case c where c.recipient_id = new.id) and not exists (
      select 1 from todoku_laterchange l join todoku_case c on c.id = l.case_id
       where c.recipient_id = new.id and (l.state = 'done' and l.payee_after_id = new.head_id
                                          or l.state = 'undone' and l.payee_before_id = new.head_id)) then
    raise exception 'a_case_is_handed_over_by_a_change' using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger a_case_is_handed_over_by_a_change after update of head_id on todoku_recipient
  deferrable initially deferred for each row when (old.head_id is distinct from new.head_id)
  execute function a_case_is_handed_over_by_a_change();
