"""Pure. Invariants of transfers: one per recipient, the amount, the account, the decision; see invariant_shape.py."""

from todoku.payment.invariant_shape import LIVE, Check

OF_TRANSFERS: tuple[Check, ...] = (
    Check(
        "I-01", "one_live_transfer", "一つの案件に、生きている支払は全手段を通じて一つだけ", "振込",
        f"""
        select t.number as what from todoku_transfer t
          join (select payout, recipient_id, part from todoku_transfer
                 where programme_id = %(programme)s and state in {LIVE} group by 1, 2, 3 having count(*) > 1) d
            on (d.payout, d.recipient_id, d.part) = (t.payout, t.recipient_id, t.part)
         where t.programme_id = %(programme)s and t.state in {LIVE}
        """,
    ),
    Check(
        "I-01", "transfer_of_its_case", "支払の支給先は、案件の支給先と同じ", "振込",
        """
        select t.number as what from todoku_transfer t left join todoku_case c on c.id = t.case_id
         where t.programme_id = %(programme)s
           and (c.programme_id, c.payout, c.recipient_id) is distinct from (t.programme_id, t.payout, t.recipient_id)
        """,
    ),
    Check(
        "I-01", "number_given_once", "振込の番号は一度だけ使われている", "振込",
        """
        select number as what from todoku_transfer where programme_id = %(programme)s group by number having count(*) > 1
        """,
    ),
    Check(
        "I-01", "replaced_code_is_dead", "再発行した前のギフトコードは失効している", "ギフトコード",
        """
        select o.id::text as what from todoku_giftcode n join todoku_giftcode o on o.id = n.replaces_id
         where n.programme_id = %(programme)s and o.state not in ('revoked', 'expired')
           and n.state not in ('revoked', 'expired')
        """,
    ),
    # What was cancelled before anybody could see a code waits to lie in stock again, or to be stopped by a second person.
    Check(
        "I-01", "no_live_code_of_a_dead_payment", "戻った支払・取り消した支払のギフトコードは、使えなくなっている",
        "ギフトコード",
        """
        select g.serial as what from todoku_giftcode g join todoku_transfer t on t.id = g.transfer_id
         where g.programme_id = %(programme)s and t.state in ('returned', 'void')
           and (g.state in ('delivered', 'redeemed')
                or g.state = 'assigned'
                   and (t.state = 'returned' or g.delivered_by_way <> ''
                        or exists (select 1 from todoku_giftmessage m where m.code_id = g.id)))
        """,
    ),
    Check(
        "I-02", "amount_is_the_entitlement", "支払の額は、支給予定額と同じ", "振込",
        """
        select t.number || ' ' || t.amount_yen || '円' as what
          from todoku_transfer t left join todoku_entitlement e on e.id = t.entitlement_id
         where t.programme_id = %(programme)s
           and (e.case_id, e.part, e.amount_yen) is distinct from (t.case_id, t.part, t.amount_yen)
        """,
    ),
    Check(
        "I-02", "supplements_within", "追給を合わせた額は、正しい支給額を超えない", "案件",
        """
        select c.number || ' ' || greatest(s.yen, case when w.yen > 0 then kept_of_case(s.case_id) + w.yen end) || '円' as what
          from (select case_id, sum(amount_yen) as yen, max(part) as last from todoku_entitlement
                 where programme_id = %(programme)s and superseded_by_order = '' group by 1 having max(part) > 1) s
          join todoku_entitlement l on l.case_id = s.case_id and l.part = s.last and l.superseded_by_order = ''
          join todoku_case c on c.id = s.case_id
         cross join lateral supplements_under_way(s.case_id) w
          -- An order that came after the last supplement says what has been right since.
          left join lateral (
            select o.after_yen as yen from todoku_entitlementorder o
             where o.case_id = s.case_id and o.kind in ('correction', 'split_off')
               and o.id > (select max(x.id) from todoku_entitlementorder x where x.case_id = s.case_id and x.part = s.last)
             order by o.id desc limit 1) later on true
         where s.yen > coalesce(later.yen, l.corrected_yen)
            -- Until it is paid it is held to what was paid and is kept; a claim given up after that breaks nothing.
            or w.yen > 0 and kept_of_case(s.case_id) + w.yen > w.corrected_yen
        """,
    ),
    Check(
        "I-02", "codes_add_up", "ギフトコードの額面の合計は、支払の額と同じ", "振込",
        """
        select t.number || ' 額面' || coalesce(g.yen, 0) || '円' as what from todoku_transfer t
          left join (select transfer_id, sum(value_yen) as yen from todoku_giftcode
                      where state in ('assigned', 'delivered', 'redeemed') group by 1) g on g.transfer_id = t.id
         where t.programme_id = %(programme)s and t.rail = 'gift'
           and (t.state in ('sealed', 'sending', 'sent') and g.yen is distinct from t.amount_yen
                or t.state = 'settled' and g.yen > t.amount_yen)
        """,
    ),
    Check(
        "I-03", "person_in_one_recipient", "一人は、一つの支給先にだけ数えられる", "宛名番号",
        """
        select p.number as what
          from (select person_id from todoku_member where programme_id = %(programme)s and superseded_by_order = ''
                 group by payout, person_id having count(*) > 1) m
          join todoku_person p on p.id = m.person_id
        """,
    ),
    Check(
        "I-04", "stage_agrees_with_transfer", "案件の段階と、支払の状態が合っている", "振込",
        """
        select t.number as what from todoku_transfer t join todoku_casestage g on g.case_id = t.case_id
         where t.programme_id = %(programme)s and t.part = 1
           and g.stage <> case when t.state in ('ready', 'sealed', 'sending') then 'decided'
                          when t.state = 'sent' then 'paying' when t.state = 'settled' then 'paid' else g.stage end
        """,
    ),
    Check(
        "I-04", "paid_case_has_its_transfer", "支給済・振込依頼済の案件には、その支払がある", "案件",
        """
        select c.number as what from todoku_case c
          join todoku_casestage g on g.case_id = c.id and g.stage in ('paid', 'paying')
         where c.programme_id = %(programme)s
           and not exists (select 1 from todoku_transfer t where t.case_id = c.id
                            and t.state = case g.stage when 'paid' then 'settled' else 'sent' end)
        """,
    ),
    Check(
        "I-04", "case_is_due_something", "どの案件にも、支給予定額がある", "案件",
        """
        select c.number as what from todoku_case c
          left join todoku_entitlement e on e.case_id = c.id and e.part = 1 and e.superseded_by_order = ''
         where c.programme_id = %(programme)s and e.id is null
        """,
    ),
    Check(
        "I-04", "all_adds_up", "支払中・支払済＋未払＋不支給等の合計が、支給予定額の合計と同じ", "事業",
        """
        with given as (
          select case_id, part, sum(amount_yen) as yen, min(entitlement_id) as entitlement_id from todoku_transfer
           where programme_id = %(programme)s and state in ('sent', 'settled') group by 1, 2
        ), due as (
          select e.case_id, e.part, e.amount_yen, g.case_id is not null as is_given
            from todoku_entitlement e left join given g on (g.case_id, g.part) = (e.case_id, e.part)
           where e.programme_id = %(programme)s
             and case when g.case_id is null then e.superseded_by_order = '' else e.id = g.entitlement_id end
        ), summed as (
          select (select sum(yen) from given) as paid, sum(d.amount_yen) as due,
                 sum(d.amount_yen) filter (where case when d.part = 1 then s.stage is null or s.stage not in ('paying', 'paid')
                                                      else not d.is_given end) as rest
            from due d left join todoku_casestage s on s.case_id = d.case_id
        )
        select '差額 ' || (coalesce(paid, 0) + coalesce(rest, 0) - coalesce(due, 0)) || '円' as what from summed
         where coalesce(paid, 0) + coalesce(rest, 0) <> coalesce(due, 0)
        """,
    ),
    Check(
        "I-06", "amount_within_cap", "1件の額は、制度の上限以下", "振込",
        """
        select number as what from todoku_transfer
         where programme_id = %(programme)s and amount_yen > (
           select max(cap_per_transfer_yen) from todoku_version
            where programme_id = %(programme)s and opened_at is not null)
        """,
    ),
    Check(
        "I-06", "account_within_cap", "一回に一つの口座へは上限まで（承認された代理受領の口座はその限度額まで）", "振込データ",
        """
        select a.batch_id || '番 口座の下3桁 ' || right(a.account_number, 3) || ' ' || a.yen || '円' as what
          from (select batch_id, bank, branch, kind, account_number, sum(amount_yen) as yen from todoku_transfer
                 where programme_id = %(programme)s and rail = 'bank' and line is not null and state <> 'void'
                 group by 1, 2, 3, 4, 5) a
         where a.yen > (select max(cap_per_account_yen) from todoku_version
                         where programme_id = %(programme)s and opened_at is not null)
           and not exists (select 1 from todoku_sharedpayee p
                            where p.programme_id = %(programme)s and p.approved_at is not null and a.yen <= p.limit_yen
                              and (p.bank, p.branch, p.account_kind, p.account_number) =
                                  (a.bank, a.branch, a.kind, a.account_number))
        """,
    ),
    Check(
        "I-13", "account_is_the_reviewed_one", "支払先の口座は、審査で確かめ、決定した版の口座", "振込",
        # What the reviewers fixed stands in the proposal; the account of a supplement is chosen by its own order.
        f"""
        select t.number as what from todoku_transfer t join todoku_decision d on d.id = t.decision_id
          left join todoku_accountversion v on v.id = d.account_id
          left join todoku_submission s on s.id = v.submission_id
          left join todoku_proposal p on p.case_id = t.case_id
          left join todoku_accountversion w on w.id = p.account_id
         where t.programme_id = %(programme)s and t.state in {LIVE} and t.rail = 'bank'
           and ((v.bank, v.branch, v.kind, v.number, s.case_id) is distinct from
                (t.bank, t.branch, t.kind, t.account_number, t.case_id)
                or t.part = 1 and (w.bank, w.branch, w.kind, w.number, w.submission_id) is distinct from
                                  (t.bank, t.branch, t.kind, t.account_number, p.submission_id))
        """,
        always_halts=True,
    ),
    Check(
        "I-14", "paid_again_as_a_retry", "戻った支払は、それを名指しする再支払でだけ支払われる", "振込",
        """
        select n.number as what from todoku_transfer n
          join todoku_transfer t on (t.programme_id, t.payout, t.recipient_id, t.part) =
               (n.programme_id, n.payout, n.recipient_id, n.part) and t.state = 'returned' and t.id < n.id
         where n.programme_id = %(programme)s and n.state <> 'void'
           and not exists (select 1 from todoku_transfer r where r.retry_of_id = t.id and r.state <> 'void')
        """,
        always_halts=True,
    ),
    Check(
        "I-14", "retry_of_a_returned", "再支払の元は、同じ支給先の戻った支払で、再支払は一つだけ", "振込",
        """
        select n.number as what from todoku_transfer n join todoku_transfer t on t.id = n.retry_of_id
         where n.programme_id = %(programme)s and n.state <> 'void'
           and (t.state <> 'returned'
                or (t.programme_id, t.payout, t.recipient_id, t.part) is distinct from
                   (n.programme_id, n.payout, n.recipient_id, n.part)
                or exists (select 1 from todoku_transfer o
                            where o.retry_of_id = t.id and o.id <> n.id and o.state <> 'void'))
        """,
        always_halts=True,
    ),
    Check(
        "I-16", "decided_by_the_municipality", "生きている支払には、効力のある支給決定がある", "振込",
        f"""
        select t.number as what from todoku_transfer t
          left join todoku_decision d on d.id = t.decision_id
          left join todoku_decisionlist l on l.id = d.decision_list_id
         where t.programme_id = %(programme)s and t.state in {LIVE}
           and (d.in_force is not true or d.outcome <> 'grant' or l.state is distinct from 'decided'
                or l.programme_id <> t.programme_id
                or (d.case_id, d.part, d.amount_yen, d.rail) is distinct from (t.case_id, t.part, t.amount_yen, t.rail))
        """,
        always_halts=True,
    ),
    Check(
        "I-16", "granted_on_an_application", "どの支給決定も、数えて点検した申請か、届いたお知らせへの異議なしに基づく", "案件",
        # Checked under an opened version of the programme's own terms; silence counts where the notice was posted. A
        # supplement rests on its order, and so on a list of its own kind.
        """
        select distinct c.number as what from todoku_decision d
          join todoku_decisionlist l on l.id = d.decision_list_id and l.state = 'decided'
          join todoku_case c on c.id = d.case_id and c.programme_id = %(programme)s
          left join todoku_proposal p on p.case_id = d.case_id and p.outcome = 'grant'
          left join todoku_submission s
            on s.id = p.submission_id and s.case_id = d.case_id and s.state = 'screened' and not s.declines
          left join todoku_screening x on x.submission_id = s.id and x.case_id = d.case_id
          left join todoku_version v on v.id = x.version_id and v.programme_id = c.programme_id and v.opened_at is not null
          left join (select distinct n.case_id from todoku_postedletter n
                      where n.kind = 'push_notice') n on n.case_id = d.case_id
         where d.in_force and d.outcome = 'grant'
           and case when d.part > 1 then l.kind <> 'supplement' when s.id is null then true
                    when s.channel = 'push' then n.case_id is null else v.id is null end
        """,
        always_halts=True,
    ),
    Check(
        "I-16", "held_is_not_sent", "保留の間に依頼された支払はない", "振込",
        """
        select distinct t.number as what from todoku_hold h
          join todoku_transfer t on t.case_id = h.case_id and t.line is not null
          join todoku_batchfile f on f.batch_id = t.batch_id and f.number = t.file_number
          join todoku_sendrecord s on s.file_id = f.id
         where h.programme_id = %(programme)s and s.at >= h.opened_at and (h.closed_at is null or s.at < h.closed_at)
        """,
        always_halts=True,
    ),
)  # fmt: skip
