"""Pure. Invariants of the books, claims, cash, shared accounts, doors and columns; see invariant_shape.py."""

from todoku.payment.invariant_shape import Check

OF_BOOKS: tuple[Check, ...] = (
    Check(
        "I-05", "entry_is_balanced", "仕訳は正の額で、借方と貸方が違い、種類どおりの勘定を動く", "仕訳",
        """
        select e.id::text as what from todoku_ledgerentry e
          left join unnest(%(kinds)s::text[], %(debits)s::text[], %(credits)s::text[]) as k(kind, debit, credit)
            on k.kind = e.kind
         where e.programme_id = %(programme)s
           and (e.amount_yen <= 0 or e.debit = e.credit or k.kind is null
                or k.debit <> '' and (e.debit, e.credit) is distinct from (k.debit, k.credit))
        """,
    ),
    Check(
        "I-05", "reversal_mirrors", "訂正の仕訳は、元の仕訳の逆で、理由と二人の名がある", "仕訳",
        """
        select a.id::text as what from todoku_ledgerentry a left join todoku_ledgerentry e on e.id = a.reverses_id
         where a.programme_id = %(programme)s and (a.kind = 'reversal' or a.reverses_id is not null)
           and (e.id is null or e.kind = 'reversal' or a.kind <> 'reversal' or a.reason = ''
                or a.actor_id is null or a.second_id is null or a.actor_id = a.second_id
                or (a.debit, a.credit, a.amount_yen, a.case_id) is distinct from (e.credit, e.debit, e.amount_yen, e.case_id)
                or exists (select 1 from todoku_ledgerentry o where o.reverses_id = a.reverses_id and o.id <> a.id))
        """,
    ),
    Check(
        "I-05", "deed_booked_once", "一つの出来事は一度だけ記帳されている", "仕訳",
        """
        select subject_kind || ' ' || subject_id || ' ' || kind as what from todoku_ledgerentry
         where programme_id = %(programme)s and reverses_id is null and kind = any(%(once)s::text[])
           and subject_id is not null
         group by subject_kind, subject_id, kind having count(*) > 1
        """,
    ),
    Check(
        "I-05", "no_account_below_zero", "予算の源と外部のほか、どの勘定も0を下回らない", "勘定",
        """
        select account || ' ' || sum(yen) || '円' as what
          from (select debit as account, sum(amount_yen) as yen from todoku_ledgerentry
                 where programme_id = %(programme)s group by 1
                 union all
                select credit, -sum(amount_yen) from todoku_ledgerentry where programme_id = %(programme)s group by 1) x
         where account not in ('budget', 'payer', 'available')
         group by account having sum(yen) < 0
        """,
    ),
    Check(
        "I-07", "booked_payment_exists", "帳簿にある支払・請求は、すべて残っている", "仕訳",
        """
        select e.subject_kind || ' ' || e.subject_id as what from todoku_ledgerentry e
          left join todoku_transfer t on e.subject_kind = 'transfer' and t.id = e.subject_id
          left join todoku_claim c on e.subject_kind = 'claim' and c.id = e.subject_id
         where e.programme_id = %(programme)s and e.subject_kind in ('transfer', 'claim')
           and t.id is null and c.id is null
        """,
    ),
    Check(
        "C-01", "claims_within_the_payment", "返還請求の合計は支払った額以下で、納付は請求額以下", "振込",
        """
        select t.number || ' 請求' || c.yen || '円' as what from todoku_transfer t
          join (select transfer_id, sum(amount_yen) as yen from todoku_claim
                 where programme_id = %(programme)s and state <> 'cancelled' group by 1) c on c.transfer_id = t.id
          left join todoku_giftremainder g on g.transfer_id = t.id
         where c.yen + coalesce(g.refunded_yen, 0) > t.amount_yen
         union all
        select t.number || ' 納付' || p.yen || '円' from todoku_claim c join todoku_transfer t on t.id = c.transfer_id
          join (select claim_id, sum(amount_yen - excess_yen) as yen from todoku_claimpayment
                 where refund_of_id is null and reversed_at is null group by 1) p on p.claim_id = c.id
         where c.programme_id = %(programme)s and p.yen > c.amount_yen
        """,
    ),
    Check(
        "C-01", "claims_of_what_was_received", "返還を請求している支払は、受給者に渡ったままである", "振込",
        """
        select distinct t.number as what from todoku_claim c join todoku_transfer t on t.id = c.transfer_id
         where c.programme_id = %(programme)s and c.state <> 'cancelled' and t.state <> 'settled'
        """,
    ),
    Check(
        "C-02", "cash_by_two_officers", "現金は、自治体の職員二人が渡している", "振込",
        """
        select t.number as what from todoku_cashpayment m
          join todoku_transfer t on t.id = m.transfer_id and t.programme_id = %(programme)s
          left join todoku_staff s on s.id = m.paid_by_id left join todoku_organisation o on o.id = s.organisation_id
          left join todoku_staff w on w.id = m.witness_id left join todoku_organisation x on x.id = w.organisation_id
         where m.paid_by_id = m.witness_id or o.kind <> 'municipality' or x.kind <> 'municipality'
            or t.rail not in ('cash', 'registered_mail')
        """,
        always_halts=True,
    ),
    Check(
        "C-03", "shared_payee_is_approved", "代理受領の口座は、提案した人とは別の自治体職員が承認している", "代理受領口座",
        """
        select p.id::text as what from todoku_sharedpayee p
          left join todoku_staff s on s.id = p.approved_by_id left join todoku_organisation o on o.id = s.organisation_id
         where p.programme_id = %(programme)s and p.approved_at is not null
           and (p.approved_by_id is null or p.approved_by_id = p.proposed_by_id or o.kind <> 'municipality')
        """,
        always_halts=True,
    ),
    Check(
        "I-28", "application_kept_once", "同じ鍵で送られた申請は一つだけ", "受付番号",
        """
        select max(receipt_number) as what from todoku_submission
         where programme_id = %(programme)s and idempotency_key is not null
         group by idempotency_key having count(*) > 1
        """,
    ),
    Check(
        "I-29", "effect_by_token", "終わった処理は、その処理を始めた者の印で記録されている", "処理",
        """
        select w.id::text as what from todoku_longwork w join todoku_programme p on p.slug = w.scope
         where p.id = %(programme)s
           and w.state in ('done', 'refused', 'broken') and (w.token = 0 or w.ended_at is null)
        """,
    ),
    Check(
        "I-31", "money_is_whole_yen", "金額の列は、すべて整数の円", "列",
        """
        select c.relname || '.' || a.attname as what from pg_attribute a join pg_class c on c.oid = a.attrelid
         where c.relname like 'todoku\\_%%' and c.relkind = 'r' and not a.attisdropped and a.attnum > 0
           and a.attname like '%%\\_yen' and a.atttypid <> 'bigint'::regtype
        """,
    ),
)  # fmt: skip
