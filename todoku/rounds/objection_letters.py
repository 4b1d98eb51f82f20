"""Words the letters that answer an objection or a wish for correction (申出への回答). Each once; whatever the terms send.

Takes objections that the municipality has answered; leaves items that the round's letters are printed from.
"""

from collections.abc import Iterator

from django.db import connection
from django.utils.timezone import localdate

from todoku.formats.wareki import format_wareki
from todoku.letters.make_run import LetterItem
from todoku.letters.waiting import STANDING
from todoku.programme.tables import Programme
from todoku.recovery.objection_tables import Objection

KIND = "objection_answer"
KINDS = dict(Objection.KINDS)
OUTCOMES = {
    "kept": "決定のとおりとします", "changed": "決定を改めます", "dismissed": "お申し出の内容には入りません",
}  # fmt: skip
# What happens now, for whoever asked.
THEN = {
    "none": "先にお知らせした決定は変わりません。",
    "review": "先の決定を取り消し、もう一度審査します。結果は、あらためて手紙でお知らせします。",
    "invited": "手続きを終わりとした取扱いを取り消しました。申請をもう一度お受けします。下の番号へお電話ください。",
    # Nothing had been decided: it had ended by a decline.
    "declined": "手続きを終わりとした取扱いを取り消し、もう一度審査します。結果は、あらためて手紙でお知らせします。",
    "order": "正しい内容に改めました。お支払いやお返しいただく額は、あらためて手紙でお知らせします。",
}
# The answer to 審査請求 itself is the reviewing agency's 裁決書, which carries what may be sought against it and until when.
RULING_APART = (
    "裁決書の謄本は、別にお送りします。不服のあるときにできることと期限は、裁決書に書いてあります。"
)
ANSWERED = f"""
select distinct on (o.case_id) o.case_id, o.id, o.kind, o.received_on, o.outcome, o.answered_at, o.reason,
       case when o.effect = 'review' and o.decision_id is null then 'declined' else o.effect end
  from todoku_objection o
 where o.programme_id = %s and o.state = 'answered'
   and not exists (select 1 from todoku_letter l
                    where l.case_id = o.case_id and l.kind = '{KIND}' and l.occasion = o.id and {STANDING})
 order by o.case_id, o.id
"""


def objection_items(programme: Programme) -> Iterator[LetterItem]:
    """The answers that are not written yet, one a case: a run holds one letter a case, the next run writes the other."""
    with connection.cursor() as cursor:
        cursor.execute(ANSWERED, [programme.pk])
        rows = cursor.fetchall()
    for case, objection, kind, received_on, outcome, answered_at, reason, effect in rows:
        values = (
            KINDS[kind], format_wareki(received_on), OUTCOMES[outcome], format_wareki(localdate(answered_at)),
        )  # fmt: skip
        then = THEN[effect] + (RULING_APART if kind == "review" else "")
        yield LetterItem(case, objection, values, (reason, then))
