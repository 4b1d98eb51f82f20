"""Pure. Invariants of batches, their files, approvals and the bank's answers; see invariant_shape.py."""

from todoku.payment.invariant_shape import Check

SEALED = "('sealed', 'approved', 'sending', 'sent', 'reconciled')"

OF_BATCHES: tuple[Check, ...] = (
    Check(
        "I-07", "transfer_moves_with_its_batch", "支払の状態は、入っている振込データの状態と合っている", "振込",
        """
        select t.number as what from todoku_transfer t left join todoku_batch b on b.id = t.batch_id
         where t.programme_id = %(programme)s and case t.state
           when 'ready' then b.state <> 'open'
           when 'sealed' then b.state is null or b.state not in ('sealed', 'approved')
           when 'sending' then b.state is distinct from 'sending'
           when 'sent' then b.state is null or b.state not in ('sending', 'sent')
           when 'settled' then b.state is null or b.state not in ('sending', 'sent', 'reconciled')
           when 'returned' then b.state is null or b.state not in ('sending', 'sent', 'reconciled')
           else t.line is not null and b.state = 'open' end
        """,
    ),
    Check(
        "I-07", "settled_by_a_report", "振込済・支給済は、銀行の結果・送付・受領の記録がある", "振込",
        """
        select t.number as what from todoku_transfer t
          left join (select distinct batch_id from todoku_bankreport where kind = 'result') r on r.batch_id = t.batch_id
          left join (select distinct transfer_id from todoku_giftcode where delivered_at is not null) g
            on g.transfer_id = t.id
          left join todoku_cashpayment m on m.transfer_id = t.id
         where t.programme_id = %(programme)s and t.state = 'settled'
           and case t.rail when 'bank' then r.batch_id when 'gift' then g.transfer_id else m.transfer_id end is null
        """,
    ),
    Check(
        "I-07", "nothing_during_a_halt", "停止中に、確定・承認・依頼されたものはない", "振込データ",
        """
        select distinct b.id::text as what from todoku_batch b
          left join todoku_approval a on a.batch_id = b.id
          left join todoku_sendrecord s on s.batch_id = b.id
          join todoku_halt h on h.programme_id = b.programme_id
           and (b.sealed_at > h.at and b.sealed_at < coalesce(h.released_at, 'infinity')
                or a.at > h.at and a.at < coalesce(h.released_at, 'infinity')
                or s.at > h.at and s.at < coalesce(h.released_at, 'infinity'))
         where b.programme_id = %(programme)s
        """,
    ),
    Check(
        "I-07", "paying_left_a_transfer", "振込依頼済になった案件には、支払の行が残っている", "案件",
        """
        select distinct c.number as what from todoku_move m
          join todoku_caseevent e on e.move_id = m.id and e.to_stage = 'paying'
          join todoku_case c on c.id = e.case_id
          left join todoku_transfer t on t.case_id = e.case_id
         where m.programme_id = %(programme)s and m.to_stage = 'paying' and t.id is null
        """,
    ),
    Check(
        "I-07", "no_batch_is_missing", "記録にある振込データは、すべて残っている", "振込データ",
        """
        select distinct a.subject_id::text as what from todoku_auditevent a join todoku_programme p
            on p.slug = a.programme_slug and p.id = %(programme)s
          left join todoku_batch b on b.id = a.subject_id and b.programme_id = p.id
         where a.subject_kind = 'batch' and a.action = 'batch.make' and not a.refused and b.id is null
        """,
    ),
    Check(
        "I-09", "batch_totals_its_lines", "振込データの件数・合計額は、明細の件数・合計額と同じ", "振込データ",
        f"""
        select b.id || '番 明細' || coalesce(t.n, 0) || '件' || coalesce(t.yen, 0) || '円' as what from todoku_batch b
          left join (select batch_id, count(*) as n, sum(amount_yen) as yen from todoku_transfer
                      where programme_id = %(programme)s and line is not null group by 1) t on t.batch_id = b.id
         where b.programme_id = %(programme)s and b.state in {SEALED}
           and (t.n, t.yen) is distinct from (b.count, b.total_yen)
        """,
    ),
    Check(
        "I-09", "file_totals_its_lines", "ファイルの件数・合計額は明細と同じで、行の番号は1から欠けずに続く", "振込データ",
        f"""
        select b.id || '番 ファイル' || coalesce(f.number, t.file_number) || ' 明細' || coalesce(t.n, 0) || '件'
               || coalesce(t.yen, 0) || '円' as what
          from (select x.* from todoku_batchfile x join todoku_batch y on y.id = x.batch_id
                 where y.programme_id = %(programme)s and y.state in {SEALED}) f
          full join (select x.batch_id, x.file_number, count(*) as n, sum(x.amount_yen) as yen, min(x.line) as first,
                            max(x.line) as last, count(distinct x.line) as lines
                       from todoku_transfer x join todoku_batch y on y.id = x.batch_id and y.state in {SEALED}
                      where x.programme_id = %(programme)s and x.line is not null group by 1, 2) t
            on t.batch_id = f.batch_id and t.file_number = f.number
          join todoku_batch b on b.id = coalesce(f.batch_id, t.batch_id)
         where (t.n, t.yen, t.first, t.last, t.lines) is distinct from (f.count, f.total_yen, 1, f.count, f.count)
        """,
    ),
    Check(
        "I-09", "list_totals_its_decisions", "支給決定の一覧の件数・合計額は、決定の件数・合計額と同じ", "決定一覧",
        """
        select l.id || '番 決定' || coalesce(d.grants + d.refusals, 0) || '件' || coalesce(d.yen, 0) || '円' as what
          from todoku_decisionlist l
          left join (select d.decision_list_id, count(*) filter (where d.outcome = 'grant') as grants,
                            count(*) filter (where d.outcome = 'refuse') as refusals,
                            coalesce(sum(d.amount_yen) filter (where d.outcome = 'grant'), 0) as yen
                       from todoku_decision d group by 1) d on d.decision_list_id = l.id
         where l.programme_id = %(programme)s and l.state = 'decided'
           and (coalesce(d.grants, 0), coalesce(d.refusals, 0), coalesce(d.yen, 0))
               is distinct from (l.grants, l.refusals, l.total_yen)
        """,
    ),
    Check(
        "I-10", "sent_once", "同じ内容のファイルは一度だけ依頼され、どの依頼もそのファイルの内容に対するもの", "振込データ",
        """
        select s.batch_id::text as what from todoku_sendrecord s
          left join todoku_batchfile f on f.id = s.file_id
          join todoku_batch b on b.id = s.batch_id and b.programme_id = %(programme)s
         where (f.sha256, f.batch_id) is distinct from (s.sha256, s.batch_id)
            or exists (select 1 from todoku_sendrecord o where o.sha256 = s.sha256 and o.file_id <> s.file_id)
            or exists (select 1 from todoku_batchfile o where o.sha256 = s.sha256 and o.id <> s.file_id)
        """,
    ),
    Check(
        "I-10", "sent_batch_has_its_records", "依頼した振込データのどのファイルにも、依頼の記録と、受付の確認か取りやめがある",
        "振込データ",
        """
        select distinct b.id::text as what from todoku_batch b
          join todoku_batchfile f on f.batch_id = b.id
          left join todoku_sendrecord s on s.file_id = f.id
          left join todoku_confirmation y on y.file_id = f.id
         where b.programme_id = %(programme)s
           and (b.state in ('sending', 'sent', 'reconciled') and s.file_id is null
                or b.state in ('sent', 'reconciled') and y.file_id is null
                   and exists (select 1 from todoku_transfer t
                                where t.batch_id = b.id and t.file_number = f.number and t.state <> 'void')
                or b.state in ('open', 'sealed') and s.file_id is not null
                or y.file_id is not null and s.file_id is null
                -- A file is given up whole, and only one that the bank never had.
                or b.state in ('sending', 'sent', 'reconciled')
                   and exists (select 1 from todoku_transfer t
                                where t.batch_id = b.id and t.file_number = f.number and t.state = 'void')
                   and (y.file_id is not null
                        or exists (select 1 from todoku_transfer t
                                    where t.batch_id = b.id and t.file_number = f.number and t.state <> 'void')))
        """,
    ),
    Check(
        "I-10", "code_exists_once", "ギフトコードは一つの支払だけに割り当てられている", "ギフトコード",
        """
        select min(id)::text as what from todoku_giftcode where programme_id = %(programme)s
         group by digest having count(*) > 1
         union all
        select g.id::text from todoku_giftcode g join todoku_transfer t on t.id = g.transfer_id
         where g.programme_id = %(programme)s and (t.rail <> 'gift' or t.programme_id <> g.programme_id)
        """,
    ),
    Check(
        "I-11", "two_approve_what_is_sent", "依頼には、その内容への二人の承認（作成・確定した人以外、一人は自治体）がある",
        "振込データ",
        """
        select b.id::text as what from todoku_batch b
         where b.programme_id = %(programme)s
           and (b.state in ('approved', 'sending', 'sent', 'reconciled')
                or exists (select 1 from todoku_sendrecord s where s.batch_id = b.id))
           and (2 > (select count(distinct a.staff_id) from todoku_approval a
                      where a.batch_id = b.id and a.sha256 = b.sha256
                        and a.staff_id not in (b.maker_id, coalesce(b.sealed_by_id, b.maker_id)))
                or not exists (select 1 from todoku_approval a join todoku_staff s on s.id = a.staff_id
                                 join todoku_organisation o on o.id = s.organisation_id and o.kind = 'municipality'
                                where a.batch_id = b.id and a.sha256 = b.sha256))
        """,
    ),
    Check(
        "I-11", "approvals_come_first", "二つの承認は、依頼より前にある", "振込データ",
        """
        select s.batch_id::text as what from todoku_sendrecord s
          join todoku_batch b on b.id = s.batch_id and b.programme_id = %(programme)s
         where 2 > (select count(*) from todoku_approval a where a.batch_id = b.id and a.at <= s.at)
        """,
    ),
    Check(
        "I-12", "keyer_does_not_judge", "口座を入力・訂正した人は、その申請を審査していない", "案件",
        """
        select distinct c.number as what from todoku_verdict v
          join todoku_case c on c.id = v.case_id and c.programme_id = %(programme)s
          left join todoku_accountversion a on a.submission_id = v.submission_id and a.staff_id = v.staff_id
          left join todoku_entry e on e.submission_id = v.submission_id and e.staff_id = v.staff_id
         where v.undone_at is null and (a.id is not null or e.id is not null)
        """,
    ),
    Check(
        "I-12", "keyer_does_not_approve", "口座を入力・訂正した人は、その支払を承認していない", "振込データ",
        """
        select distinct p.batch_id::text as what from todoku_approval p
          join todoku_batch b on b.id = p.batch_id and b.programme_id = %(programme)s
          join (select submission_id, staff_id from todoku_accountversion
                 where staff_id in (select staff_id from todoku_approval)
                union select submission_id, staff_id from todoku_entry
                 where staff_id in (select staff_id from todoku_approval)) k on k.staff_id = p.staff_id
          join todoku_accountversion a on a.submission_id = k.submission_id
          join todoku_decision d on d.account_id = a.id
          join todoku_transfer t on t.decision_id = d.id and t.batch_id = b.id
        """,
    ),
    Check(
        "I-15", "returned_has_its_line", "戻った支払と、銀行の結果の行とが、一対一で合っている", "振込",
        """
        select t.number as what from todoku_transfer t
          left join todoku_result x on x.transfer_id = t.id
          left join todoku_bankreport r on r.id = x.report_id
         where t.programme_id = %(programme)s
           and (t.state = 'returned' and r.batch_id is distinct from t.batch_id
                or t.state <> 'returned' and x.id is not null)
        """,
    ),
    Check(
        "I-15", "report_counts_its_lines", "銀行の結果の件数は、取り込んだ行の数と同じ", "振込データ",
        """
        select r.batch_id::text as what from todoku_bankreport r
          join todoku_batch b on b.id = r.batch_id and b.programme_id = %(programme)s
          left join (select report_id, count(*) as n from todoku_result group by 1) x on x.report_id = r.id
         where coalesce(x.n, 0) <> r.returned
        """,
    ),
    Check(
        "I-15", "reconciled_knows_every_result", "結果を取り込んだ振込データに、結果の分からない支払はない", "振込データ",
        """
        select distinct b.id::text as what from todoku_batch b join todoku_transfer t on t.batch_id = b.id
         where b.programme_id = %(programme)s and b.state = 'reconciled'
           and t.state in ('ready', 'sealed', 'sending', 'sent')
        """,
    ),
)  # fmt: skip
