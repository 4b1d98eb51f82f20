"""The identity papers as a reviewer sees them: kind and day beside the day on which they count, and what is left to the eyes.

Takes the last ProofVersion and the terms; gives words. What is wrong is said by the checks' own rule (review/documents.py).
"""

from todoku.intake.tables import ProofVersion, Submission
from todoku.programme.terms import Terms
from todoku.review.documents import Paper, kinds_of, paper, wrong_with

# Why the papers do not count, beside the day.
WRONG = {
    "expired": "期限切れ",
    "too_old": "発行から日がたっている",
    "ended": "もう数えない種類",
    "not_counted": "数えない種類",
    "one_of_two": "1点では足りない",
}


def named_papers(proof: ProofVersion | None, terms: Terms) -> tuple[Paper, ...]:
    """The papers by kind and day, as they were keyed, chosen or read last; () where nobody has named any."""
    if proof is None:
        return ()
    kinds = kinds_of(terms.criteria.evidence)
    both = ((proof.first, proof.first_on), (proof.second, proof.second_on))
    return tuple(paper(kind, day, kinds) for kind, day in both if kind)


def beside_the_day(
    papers: tuple[Paper, ...], proof: ProofVersion | None, sent: Submission
) -> tuple[str, str, bool]:
    """The papers in words, what holds of them on the day that counts, and whether that is wrong or nobody knows it yet."""
    on = (proof.counted_on if proof else None) or sent.counts_on or sent.arrived_on
    wrong = wrong_with(papers, on)
    undated = any(one.undated for one in papers)
    state = WRONG[wrong.why] if wrong else "有効か、写しの日付を見る" if undated else "有効"
    return "、".join(_words(one) for one in papers), f"{on:%Y/%m/%d}の時点で{state}", bool(wrong) or undated


def for_eyes(papers: tuple[Paper, ...]) -> list[str]:
    """What of the identity papers the checks cannot see: without their kind and day, those too."""
    same = "その氏名・生年月日・住所が名簿と同じか"
    if not papers:
        return ["本人確認書類の種類と期限（「書類」で入れると点検します）", same]
    undated = [one.name for one in papers if one.undated]
    dates = [f"{'、'.join(undated)}の期限か発行日（「書類」で入れると点検します）"] if undated else []
    return [f"写しは{'、'.join(_words(one) for one in papers)}か", *dates, same]


def _words(one: Paper) -> str:
    if one.day is None:
        return f"{one.name}（日付の入力なし）" if one.undated else one.name
    return f"{one.name}（{one.day:%Y/%m/%d}{'発行' if one.issued else 'まで'}）"
