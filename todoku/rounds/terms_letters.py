"""Words the letters that a new Version makes due (版の改正のお知らせ): a return that is needed no more, and what is paid now.

Takes what the Version made of cases whose earlier letter was posted; leaves items for a print run, which a person of the
office releases or not: until then the notice is a proposal. What was not posted is pulled or printed anew instead.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils.timezone import localdate

from todoku.case.due import NOT_DUE
from todoku.formats.wareki import format_wareki
from todoku.letters.make_run import LetterItem
from todoku.letters.waiting import STANDING
from todoku.programme.tables import Programme

DROPPED, CHANGED = "return_dropped", "terms_changed"
NOTICES = (DROPPED, CHANGED)
# The letter that asked was posted, and nothing else has been asked for since.
DROPPED_RETURNS = f"""
select distinct on (t.case_id) t.case_id, t.id, max(p.posted_on) over (partition by t.id), t.at
  from todoku_termschange t
  join todoku_casestage g on g.case_id = t.case_id and g.stage in ('in_review', 'with_municipality', 'passed')
  join todoku_letter y on y.case_id = t.case_id and y.kind = 'return'
   and y.occasion in (t.submission_id, (select -v.id from todoku_verdict v
                                         where v.submission_id = t.submission_id and v.outcome = 'return' and v.at <= t.at
                                         order by v.id desc limit 1))
  join todoku_printrun r on r.id = y.run_id and r.made_at < t.at
  join todoku_postedletter p on p.letter_id = y.id
 where t.programme_id = %s and t.kind = 'return_dropped' and t.state = 'done'
   and not exists (select 1 from todoku_letter l where l.case_id = t.case_id and l.kind = '{DROPPED}' and l.occasion = t.id
                      and {STANDING})
 order by t.case_id, t.id desc
"""
# The last of a case alone, while nothing is decided: of that another letter tells. A case whose cohort changed by another way
# of inviting gets the new letter itself, and that says the amount.
CHANGED_CASES = f"""
select t.case_id, t.id, t.kind, t.yen_before, t.yen_after, t.reason, t.at
  from todoku_termschange t
  join todoku_casestage g on g.case_id = t.case_id
   and g.stage in ('invited', 'received', 'in_review', 'with_municipality', 'returned', 'passed', 'lapsed')
 where t.programme_id = %s and t.kind in ('amount', 'lapsed', 'revived') and t.state = 'done'
   and not exists (select 1 from todoku_termschange n
                    where n.case_id = t.case_id and n.kind in ('amount', 'lapsed', 'revived') and n.id > t.id)
   and exists (select 1 from todoku_letter y join todoku_postedletter p on p.letter_id = y.id
                 join todoku_printrun r on r.id = y.run_id and r.made_at < t.at
                where y.case_id = t.case_id and y.kind in ('form', 'push_notice'))
   and not exists (select 1 from todoku_reissue o where o.case_id = t.case_id and o.at = t.at)
   and not exists (select 1 from todoku_letter l where l.case_id = t.case_id and l.kind = '{CHANGED}' and l.occasion = t.id
                      and {STANDING})
 order by t.case_id
"""
NOT_DUE_ANY_MORE = "お支払いできなくなりました"
DUE_AGAIN = "ふたたび、お支払いの対象になりました"
ANOTHER_AMOUNT = "お支払いする額が変わりました"


def terms_query(kind: str, programme: Programme) -> tuple[str, list[Any]]:
    """What is due of such a kind, one row a letter with its case_id first, and the query's values."""
    return (DROPPED_RETURNS if kind == DROPPED else CHANGED_CASES), [programme.pk]


def terms_items(kind: str, programme: Programme) -> Iterator[LetterItem]:
    """The letters of such a kind that are due and not written yet, worded."""
    with connection.cursor() as cursor:
        cursor.execute(*terms_query(kind, programme))
        rows = cursor.fetchall()
    if kind == DROPPED:
        for case, change, posted_on, at in rows:
            yield LetterItem(case, change, (format_wareki(posted_on), format_wareki(localdate(at))))
        return
    for case, change, what, before, after, reason, at in rows:
        said = {"lapsed": NOT_DUE_ANY_MORE, "revived": DUE_AGAIN}.get(what, ANOTHER_AMOUNT)
        values = (said, f"{before:,}円", f"{after:,}円", format_wareki(localdate(at)))
        yield LetterItem(case, change, values, _then(what, reason))


def _then(what: str, reason: str) -> tuple[str, ...]:
    """Why, and what there is to do now."""
    if what == "lapsed":
        return f"制度の定め：{NOT_DUE[reason]}", "申請していただく必要はありません。"
    return (
        "制度の定めの変更によるものです。",
        "申請がまだの方は、先にお送りした用紙をそのままお使いいただけます。お済みの方の手続はいりません。",
    )
