"""Which claims (返還) wait for somebody to act, and since when: to be sent, to be reminded of, to be called in. Reads only.

Gives a query for the first pages, which count claims with everything else that waits. It says of every claim what
steps.next_step says of one: a plan that is kept, a dispute and a reminder whose day has not come ask nobody for anything.
"""

from todoku.formats.fiscal_year import CALL, REMINDER

# The last plan of claim `c`, as steps.Facts.parts has it: what was paid since it was made covers its parts in order, and
# no part falls due before the claim does.
_PARTS = """
select greatest(i.due_on, c.due_on) as due_on, sum(i.amount_yen) over (order by i.due_on) as so_far_yen,
       sum(i.amount_yen) over () as planned_yen
  from todoku_instalment i
 where i.claim_id = c.id and i.plan = (select max(l.plan) from todoku_instalment l where l.claim_id = c.id)
"""
_PAID = """
select coalesce(sum(p.amount_yen - p.excess_yen), 0) as yen from todoku_claimpayment p
 where p.claim_id = c.id and p.refund_of_id is null and p.reversed_at is null
"""
# Parameters p (the programme) and today; columns id, state, since.
WAITING_CLAIMS = f"""
select w.id, w.state, w.since
  from (
    select c.id, c.state,
           case when c.state = 'open' then c.opened_at::date
                when plan.parts > 0 then plan.since
                when c.amount_yen > paid.yen then c.due_on end as since
      from todoku_claim c
      join lateral ({_PAID}) paid on true
      join lateral (
        select count(*) as parts,
               min(x.due_on) filter (where x.due_on < %(today)s
                                       and x.so_far_yen > paid.yen - (c.amount_yen - x.planned_yen)) as since
          from ({_PARTS}) x) plan on true
     where c.programme_id = %(p)s and (c.state = 'open' or c.state = 'noticed' and c.due_on < %(today)s)
  ) w
 where w.since is not null
   and not exists (select 1 from todoku_claimnotice n
                    where n.claim_id = w.id and n.kind in ('{REMINDER}', '{CALL}') and n.sent_on > w.since
                      and n.due_on >= %(today)s)
"""
