"""The sample office's two reviewers and the municipality's officer, judging as careful people would.

They work through the real queue by the real verbs: claim, judge, forward, answer. What eyes would see on the paper (an account
that differs from its copy) they learn from the town's own answers; everything else they read from the findings.
"""

from datetime import datetime, timedelta

from todoku.people.actor import Actor
from todoku.programme.tables import Programme
from todoku.review.answer import Scope, answer
from todoku.review.answer_by_ruling import answer_by_ruling
from todoku.review.claim import NothingWaits, claim_next
from todoku.review.codes import CODES
from todoku.review.forward import Shown, forward
from todoku.review.judge import judge
from todoku.review.quality_tables import SeededLook
from todoku.review.ruling_tables import Ruling
from todoku.review.similar_cases import rulings_beside
from todoku.review.tables import Finding, Question, Task
from todoku.sampletown.arrivals import Mailbox

# Findings that the office does not settle by itself; a holder's name only where the names truly differ.
REFERRED = ("D12", "D15", "D22", "D42", "D43", "D44", "D51")
SAME_PERSON = ("T2", "T3", "T4", "T5")
LATE = "D42"
ASK_AGAIN = ("D12", "D15")  # the account of somebody else, or of several households: another one is asked for
SECONDS_EACH = 20
LOOK_SECONDS = (9, 31)  # the shortest look, and by how much others are longer
SEEN_OF = 6  # seeded errors: one in so many is missed


class Reviewers:
    """Two reviewers who take turns, the manager who sends on what they ask, and the officer who rules."""

    def __init__(
        self, programme: Programme, pair: list[Actor], manager: Actor, officer: Actor, mailbox: Mailbox
    ) -> None:
        self.programme = programme
        self.pair = pair
        self.manager = manager
        self.officer = officer
        self.mailbox = mailbox

    def work(self, at: datetime) -> int:
        """Judges everything that waits; gives the number of verdicts. The officer answers at the end of the day."""
        judged = 0
        for actor in (*self.pair, *self.pair):
            judged += self._through_queue(actor, at)
        # What the criteria leave to the manager: dealt before anything else.
        managers = Task.objects.filter(programme=self.programme, state="open", for_manager=True).count()
        judged += self._through_queue(self.manager, at, most=managers)
        for question in Question.objects.filter(
            programme=self.programme, state__in=Question.OPEN, change__isnull=True
        ):
            self._settle(question, at)
        return judged

    def _through_queue(self, actor: Actor, at: datetime, most: int | None = None) -> int:
        judged = 0
        while most is None or judged < most:
            moment = at + timedelta(seconds=judged * SECONDS_EACH % 10_000)
            try:
                task = claim_next(programme=self.programme, actor=actor, at=moment)
            except NothingWaits:
                return judged
            outcome, codes, comment = self._view(task)
            judge(task, outcome=outcome, codes=codes, comment=comment, actor=actor, at=moment + _look(task))
            judged += 1
        return judged

    def _view(self, task: Task) -> tuple[str, list[str], str]:
        """Outcome, codes and comment for one task; the same for both reviewers, since both see the same."""
        if seeded := SeededLook.objects.filter(pk=task.pk).first():
            # Careful people find most of what is wrong in a picture, and not all.
            found_it = task.pk % SEEN_OF != 0
            return ("return", list(seeded.expected_codes), "") if found_it else ("approve", [], "")
        ruled = (
            Question.objects.filter(case_id=task.case_id, state="answered", change__isnull=True)
            .order_by("-answered_at")
            .first()
        )
        rows = Finding.objects.filter(submission_id=task.submission_id).values_list(
            "code", "severity", "evidence"
        )
        found = {code: severity for code, severity, how in rows if how.get("tier") not in SAME_PERSON}
        seen = [code for code in self.mailbox.flaws.get(task.case_id, ()) if code in CODES]
        if ruled and task.reason == "answered":
            return self._as_ruled(ruled, found)
        if "D50" in found:
            return "decline", [], "本人に電話で辞退の意思を確認した。"
        returned = sorted(
            {code for code, severity in found.items() if severity == "return"}
            | {code for code in seen if CODES[code].handling == "return" and code not in REFERRED}
        )
        if returned:
            return "return", returned, ""
        referred = [code for code in found if code in REFERRED and found[code] == "look"]
        if referred:
            return (
                "refer",
                [],
                "、".join(CODES[code].name for code in referred) + "について確認をお願いします。",
            )
        return "approve", [], ""

    def _as_ruled(self, ruled: Question, found: dict[str, str]) -> tuple[str, list[str], str]:
        if ruled.ruling == "return":
            codes = [code for code in found if CODES[code].handling == "return"]
            return (
                "return",
                codes or [code for code in ASK_AGAIN if code in found] or ["D12"],
                "照会の回答による",
            )
        if ruled.ruling == "refuse":
            return "refuse", [LATE if LATE in found else "D43"], "照会の回答による"
        return "approve", [], "照会の回答による"

    def _settle(self, question: Question, at: datetime) -> None:
        """The manager answers by a ruling that fits, or sends the question on and the officer rules for cases like it.

        A name that is not the recipient's goes back; a recipient who left is settled by the terms.
        """
        about_it = question.submission_id
        if about_it is None:  # about a change of the household, which the municipality's own desk answers
            return
        codes = set(Finding.objects.filter(submission_id=about_it).values_list("code", flat=True))
        if LATE in codes:
            ruling, text = "refuse", "期限までに申請がなく、やむを得ない事情の申出もないため支給しない。"
        elif codes & set(ASK_AGAIN):
            ruling, text = "return", "世帯主本人の名義の口座を届け出てもらう。"
        else:
            ruling, text = "grant", "基準日の時点で要件を満たすため支給する。"
        noon, evening = at + timedelta(hours=1), at + timedelta(hours=2)
        known = next((one for one in rulings_beside(about_it) if one.outcome == ruling), None)
        if known and question.state == "with_manager":
            answer_by_ruling(question, ruling=Ruling.objects.get(pk=known.pk), actor=self.manager, at=noon)
            return
        if question.state == "with_manager":
            shown = Shown(findings=codes, application=True, account="masked")
            forward(question, wording=question.asked, shown=shown, actor=self.manager, at=noon)
        about = next((codes & {code} for code in (LATE, *ASK_AGAIN) if code in codes), codes & set(REFERRED))
        answer(
            question,
            ruling=ruling,
            text=text,
            scope=Scope(like=bool(about), codes=about),
            actor=self.officer,
            at=evening,
        )


def _look(task: Task) -> timedelta:
    """How long a look takes: not the same for every case."""
    least, span = LOOK_SECONDS
    return timedelta(seconds=least + task.pk * 7 % span)
