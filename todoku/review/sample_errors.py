"""Reads what people said of the sampled applications (抜取りの結果) and how the rates changed.

The last standing verdict on a sampled look counts; where the municipality was asked, its answer does. Two queries whatever
the size. Writes nothing; counting and intervals are sample_measure.py's.
"""

import json

from django.db import connection

from todoku.programme.tables import Programme
from todoku.review.quality_tables import SampleRate
from todoku.review.sample_measure import Looked, Measured, measure
from todoku.review.sample_rates import Key

LOOKED = """
select s.channel, s.criterion, sub.rail = 'bank',
       width_bucket(coalesce(l.at, s.at), array_prepend('-infinity', %(acts)s::timestamptz[])) - 1,
       case when l.outcome is null then 'open'
            when q.id is not null then case q.ruling when '' then 'open' when 'grant' then 'agreed' else 'otherwise' end
            when l.outcome = 'approve' then 'agreed' when l.outcome = 'refer' then 'open' else 'otherwise' end,
       coalesce(l.codes, '[]')::text, s.noted::text, count(*)
  from todoku_sampledcase s
  join todoku_submission sub on sub.id = s.submission_id
  left join lateral (
    select v.outcome, v.codes, v.at from todoku_verdict v join todoku_task t on t.id = v.task_id
     where v.submission_id = s.submission_id and v.undone_at is null and t.reason = 'sample'
     order by v.round desc, v.step desc limit 1) l on true
  left join lateral (
    select x.id, x.ruling from todoku_question x
     where x.submission_id = s.submission_id and x.asked_at >= s.at and x.state <> 'withdrawn'
     order by x.id desc limit 1) q on true
 where s.programme_id = %(p)s
 group by 1, 2, 3, 4, 5, 6, 7
"""


def measured(programme: Programme, acts: list[SampleRate] | None = None) -> list[Measured]:
    """Error rates by channel and criterion; `acts` where the caller has read them already."""
    acts = acts_of(programme) if acts is None else acts
    return measure(
        programme.terms.review, _looked(programme, acts), [(key_of(act), act.percent) for act in acts]
    )


def acts_of(programme: Programme) -> list[SampleRate]:
    """Every act that changed a rate, the earliest first."""
    return list(SampleRate.objects.filter(programme=programme).order_by("id"))


def key_of(act: SampleRate) -> Key:
    return Key(act.channel, act.criterion)


def _looked(programme: Programme, acts: list[SampleRate]) -> list[Looked]:
    """The sampled applications in groups; an act counts from its own moment on."""
    with connection.cursor() as cursor:
        cursor.execute(LOOKED, {"p": programme.pk, "acts": [act.at for act in acts]})
        rows = cursor.fetchall()
    return [
        Looked(
            channel,
            caught,
            by_bank,
            epoch,
            became,
            frozenset(json.loads(codes)),
            frozenset(json.loads(noted)),
            count,
        )
        for channel, caught, by_bank, epoch, became, codes, noted, count in rows
    ]
