"""A correction (補正) by web or by telephone holds only what was missing: the rest is taken over from what was returned.

Takes submissions that are "sent" for cases at RETURNED; leaves their blanks filled, with the copies that were good. Runs
as the office's role: the public door cannot read what it completes. Safe to run twice; what was answered stays.
"""

from collections.abc import Sequence

from django.db import connection, transaction

# `n` is the correction, `b` the application before it with its last account. Nothing that was bad is taken over, and of
# an account that is named anew no old copy either.
_PAIRS = """
select n.id, b.id as before_id, a.id as account_id,
       not exists (select 1 from todoku_accountversion v where v.submission_id = n.id) as without_account
  from todoku_submission n
  join todoku_casestage g on g.case_id = n.case_id and g.stage = 'returned'
  join lateral (select * from todoku_submission x
                 where x.case_id = n.case_id and x.state = 'screened' order by x.id desc limit 1) b on true
  left join lateral (
    select * from todoku_accountversion v where v.submission_id = b.id order by v.version desc limit 1) a on true
 where n.case_id = any(%(cases)s) and n.state = 'sent' and n.channel in ('web', 'phone') and not n.declines
"""
# With the papers goes what kind they are, and the day that counts for them: that of the application they came with.
_PROOFS = f"""
with pairs as ({_PAIRS})
insert into todoku_proofversion (submission_id, version, first, first_on, second, second_on, counted_on, entered_at,
  entered_by, staff_id)
select p.id, 1, v.first, v.first_on, v.second, v.second_on, coalesce(v.counted_on, b.counts_on, b.arrived_on), v.entered_at,
       v.entered_by, v.staff_id
  from pairs p
  join todoku_submission n on n.id = p.id and n.identity_evidence = ''
  join todoku_submission b on b.id = p.before_id and b.identity_evidence = 'clear'
  join lateral (select * from todoku_proofversion x where x.submission_id = b.id order by x.version desc limit 1) v on true
 where not exists (select 1 from todoku_proofversion x where x.submission_id = p.id)
"""
_FILL = f"""
with pairs as ({_PAIRS})
update todoku_submission n
   set phone = case when n.phone = '' then b.phone else n.phone end,
       identity_evidence = case when n.identity_evidence = '' and b.identity_evidence = 'clear' then 'clear'
                                else n.identity_evidence end,
       account_evidence = case when n.account_evidence = '' and b.account_evidence = 'clear' and p.without_account
                                and n.rail = 'bank' then 'clear' else n.account_evidence end,
       rail = case when p.without_account and n.rail = 'bank' and b.rail_marked = 'one' then b.rail else n.rail end
  from pairs p join todoku_submission b on b.id = p.before_id
 where n.id = p.id
"""
_COPIES = f"""
with pairs as ({_PAIRS})
insert into todoku_document (submission_id, kind, sha256, path, width, height, size_bytes)
select p.id, d.kind, d.sha256, d.path, d.width, d.height, d.size_bytes
  from pairs p
  join todoku_submission b on b.id = p.before_id
  join todoku_submission n on n.id = p.id
  join todoku_document d on d.submission_id = b.id
 where not exists (select 1 from todoku_document x where x.submission_id = p.id and x.kind = d.kind)
   and (d.kind in ('identity', 'identity2') and b.identity_evidence = 'clear'
        or d.kind = 'account' and b.account_evidence = 'clear' and p.without_account and n.rail = 'bank')
"""
_ACCOUNTS = f"""
with pairs as ({_PAIRS})
insert into todoku_accountversion (submission_id, version, bank, branch, kind, number, holder_kana, yucho_symbol,
  yucho_number, entered_at, entered_by, staff_id)
select p.id, 1, a.bank, a.branch, a.kind, a.number, a.holder_kana, a.yucho_symbol, a.yucho_number, a.entered_at,
       a.entered_by, a.staff_id
  from pairs p
  join todoku_submission n on n.id = p.id and n.rail = 'bank'
  join todoku_accountversion a on a.id = p.account_id
 where p.without_account
"""


def complete_web(cases: Sequence[int]) -> None:
    """Fills what the corrections of these cases left blank; cases without one are passed over."""
    values = {"cases": list(cases)}
    with transaction.atomic(), connection.cursor() as cursor:
        # The account comes last: until then the others see that none was named.
        for statement in (_COPIES, _PROOFS, _FILL, _ACCOUNTS):
            cursor.execute(statement, values)
