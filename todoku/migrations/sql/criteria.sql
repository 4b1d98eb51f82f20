-- The criteria sheet (審査基準書): signed by the municipality before a Version opens.

create trigger no_delete_criteriasignature before delete or truncate on todoku_criteriasignature
  for each statement execute function rows_are_never_deleted();
create trigger no_rewrite_criteriasignature before update on todoku_criteriasignature
  for each statement execute function rows_are_never_rewritten();

-- An officer of the municipality of the programme signs, and exactly the text that is kept beside the signature.
create function an_officer_signs_the_sheet_of_this_text() returns trigger language plpgsql as $$
declare v todoku_version%rowtype;
begin
  select * into v from todoku_version where id = new.version_id;
  if not holds_role(new.signer_id, 'city_officer', v.programme_id) then
    raise exception 'only_an_officer_signs_a_criteria_sheet' using errcode = 'check_violation';
  end if;
  if new.text_sha256 <> encode(sha256(convert_to(v.text, 'UTF8')), 'hex') then
    raise exception 'a_signature_is_on_the_text_of_its_version' using errcode = 'check_violation';
  end if;
  if new.sheet_sha256 <> encode(sha256(convert_to(new.sheet, 'UTF8')), 'hex') then
    raise exception 'a_signature_is_on_the_sheet_it_keeps' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger an_officer_signs_the_sheet_of_this_text before insert on todoku_criteriasignature
  for each row execute function an_officer_signs_the_sheet_of_this_text();

-- What is a sample, and so opens its first Version by set-up, is settled when the programme is made.
create function a_programme_stays_sample_or_real() returns trigger language plpgsql as $$
begin
  if old.is_sample is distinct from new.is_sample then
    raise exception 'a_programme_stays_sample_or_real: %', old.slug using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_programme_stays_sample_or_real before update on todoku_programme
  for each row execute function a_programme_stays_sample_or_real();

-- A Version opens on a signature over its very text. The first one of a sample programme opens by set-up.
create function a_version_opens_on_a_signed_sheet() returns trigger language plpgsql as $$
begin
  if new.opened_at is null or tg_op = 'UPDATE' and old.opened_at is not null then
    return new;
  end if;
  if new.number = 1 and exists (select 1 from todoku_programme p where p.id = new.programme_id and p.is_sample) then
    return new;
  end if;
  if not exists (
    select 1 from todoku_criteriasignature s
     where s.version_id = new.id and s.text_sha256 = encode(sha256(convert_to(new.text, 'UTF8')), 'hex')) then
    raise exception 'a_version_opens_on_a_signed_sheet: version % of programme %', new.number, new.programme_id
      using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger a_version_opens_on_a_signed_sheet before insert or update on todoku_version
  for each row execute function a_version_opens_on_a_signed_sheet();
