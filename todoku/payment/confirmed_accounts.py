"""Pure. Which accounts need no question to the bank any more (確認済の口座), as SQL over a programme %(p)s.

An account is confirmed by the bank's answer 0, or by a payment that arrived there under the same name as written.
"""

# What was really credited: a row whose account was amended tells nothing about the account that it was sealed with.
_CREDITED = """
select distinct v.bank, v.branch, v.kind, v.number, v.holder_kana
  from todoku_transfer x
  join todoku_programme o on o.id = x.programme_id
  join todoku_programme m on m.id = %(p)s and m.municipality_id = o.municipality_id
  join todoku_decision y on y.id = x.decision_id
  join todoku_accountversion v on v.id = y.account_id
 where x.state = 'settled' and x.rail = 'bank'
   and not exists (select 1 from todoku_bankquery q where q.transfer_id = x.id and q.answer = 'amend'
                    and q.answered_at is not null)
"""
CONFIRMED = f"""
select q.account_id
  from todoku_inquiredaccount q join todoku_accountinquiry i on i.id = q.inquiry_id and i.cancelled_at is null
 where i.programme_id = %(p)s and q.answer = '0'
 union
select a.id
  from ({_CREDITED}) k
  join todoku_accountversion a on (a.bank, a.branch, a.kind, a.number, a.holder_kana)
                                = (k.bank, k.branch, k.kind, k.number, k.holder_kana)
  join todoku_submission s on s.id = a.submission_id and s.programme_id = %(p)s
"""
