-- The planner's statistics after a bulk load. Only an owner may analyze; steps run as the office and ask by this function.
create function refresh_statistics(tables text[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare name text;
begin
  foreach name in array tables loop
    if not starts_with(name, 'todoku_') then
      raise exception 'statistics_are_of_our_tables: %', name using errcode = 'check_violation';
    end if;
    execute format('analyze public.%I', name);
  end loop;
end $$;
