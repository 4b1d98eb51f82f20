"""What both staff doors show of a programme's change (版の改正): the draft beside the open Version, its trial, earlier Versions.

Takes a Programme; leaves context for shared/version_*.html. Numbers of cases alone, no person's data.
"""

from typing import Any

from django import forms
from django.utils.timezone import localtime

from todoku.criteria.open_next_version import due_cases_behind, open_cases_behind, tried
from todoku.criteria.revise_version import draft_of
from todoku.criteria.standing import Standing, standing
from todoku.formats.codes import printed_number
from todoku.ground.tables import LongWork
from todoku.programme.tables import Programme, Version
from todoku.programme.version_difference import changed_values
from todoku.review.case_differences import CASE_KINDS
from todoku.review.codes import CODES
from todoku.review.differences import ACTS, KINDS
from todoku.review.rescreen_tables import Rescreening
from todoku.web.shared.pieces import Badge, Cell, Column, Digest, Empty, Row, Table

TEXT_BYTES_MAX = 400_000  # the longest shipped Version has under 40 KB
_OF_CODES = ("appears", "disappears", "severity", "reason")
LIVE = ("waiting", "running", "stopping")


class DraftForm(forms.Form):
    """A changed text, typed or as a file, and why."""

    why = forms.CharField(
        label="変える理由", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="自治体と事務局の人が、違いとあわせて読みます。",
        error_messages={"required": "変える理由を書いてください。"},
    )  # fmt: skip
    text = forms.CharField(
        label="制度の定義（TOML）", required=False, strip=False, max_length=TEXT_BYTES_MAX,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "code"}),
        help_text="いまの文を直すか、下でファイルを選びます。",
    )  # fmt: skip
    file = forms.FileField(
        label="ファイルから読み込む", required=False, help_text="選ぶと、上の文の代わりにこのファイルを使います（UTF-8）。",
        widget=forms.FileInput(attrs={"accept": ".toml,text/plain"}),
        error_messages={"empty": "ファイルが空です。選び直してください。"},
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = values.get("file")
        if chosen:
            values["text"] = self._read(chosen)
        if not values.get("text", "").strip() and not self.errors:
            self.add_error("text", "文を書くか、ファイルを選んでください。")
        return values

    def _read(self, chosen: Any) -> str:
        if chosen.size > TEXT_BYTES_MAX:
            self.add_error("file", "ファイルが大きすぎます。制度の定義のファイルを選んでください。")
            return ""
        try:
            return str(chosen.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", "UTF-8として読めません。UTF-8で保存し直してください。")
            return ""


def blank_form(programme: Programme) -> DraftForm:
    """The draft that waits, or the open text to be changed."""
    draft = draft_of(programme)
    version = draft or programme.version
    seen = draft.sha256 if draft else ""
    return DraftForm(initial={"text": version.text, "why": version.why if draft else "", "seen": seen})


def index_context(programme: Programme, slug: str) -> dict[str, Any]:
    """The draft with everything about it, and the Versions before."""
    draft = draft_of(programme)
    return {
        "opened": programme.version,
        "draft": draft,
        "under_way": LongWork.objects.filter(scope=slug, kind__in=("version.try", "rescreen"), state__in=LIVE)
        .order_by("-pk")
        .first(),
        "versions": versions_table(programme, slug),
        **(draft_context(draft, programme, slug) if draft else {}),
    }


def draft_context(draft: Version, programme: Programme, slug: str) -> dict[str, Any]:
    """The draft against the open Version: values, trial, signature."""
    now, trial = standing(draft), tried(draft)
    behind, due_behind = open_cases_behind(draft), due_cases_behind(draft)
    older = Rescreening.objects.filter(version=draft, trial=True).exists()
    return {
        "difference": difference_table(programme.version, draft),
        "behind": behind,
        "due_behind": due_behind,
        "trial": trial,
        "bars": _bars(draft, now, trial, behind + due_behind),
        "trial_outdated": trial is None and older,
        "signed": bool(now.covering),
        "failing": now.sheet.failing,
        "badges": _badges(now, trial),
        "digest": Digest(draft.sha256, [("版", f"第{draft.number}版の案"), ("書いた人", draft.drafted_by or "–")]),
        **(tally_context(trial, slug) if trial else {}),
    }  # fmt: skip


def _bars(draft: Version, now: Standing, trial: Rescreening | None, behind: int) -> list[str]:
    """What still stands against the opening, each with its remedy; the gate asks the same once more."""
    found = []
    if now.sheet.failing:
        found.append("書かれたとおりの結果にならない例があります。制度の定義か例を直してください。")
    if not now.covering:
        found.append(
            f"自治体の担当課職員が第{draft.number}版の審査基準書に署名していません。署名を依頼してください。"
        )
    if behind and trial is None:
        found.append("開いている案件で試行していません。試行して、違いを確かめてください。")
    return found


def _badges(now: Standing, trial: Rescreening | None) -> list[Badge]:
    found = [Badge("例のとおりにならない", "stop")] if now.sheet.failing else []
    found.append(Badge("署名済み", "ok") if now.covering else Badge("署名待ち", "wait"))
    return [*found, Badge("試行済み", "ok") if trial else Badge("試行していません", "wait")]


def difference_table(before: Version, after: Version) -> Table:
    """Every value that the two say otherwise, in words."""
    lines = changed_values(before.terms, after.terms)
    return Table(
        id="difference", caption=f"第{before.number}版との違い", total=len(lines), per_page=max(1, len(lines)), unit="か所",
        columns=[
            Column("part", "部分", fixed=True), Column("name", "項目"), Column("before", f"第{before.number}版"),
            Column("after", f"第{after.number}版"),
        ],
        rows=[Row(str(place), [one.part, named(one.name), one.before, one.after]) for place, one in enumerate(lines)],
        empty=Empty("値の違いはありません。", "文の書き方（注釈・並び順）だけが違います。"),
    )  # fmt: skip


def named(name: str) -> str:
    """The name of a value; where it ends in a code, with what the code means."""
    meant = CODES.get(name.rpartition("・")[2])
    return f"{name} {meant.name}" if meant else name


def tally_context(run: Rescreening, slug: str) -> dict[str, Any]:
    """The counts of a trial or a run: what follows for the cases, and in which ways results differ, each with samples."""
    acts = [(f"act:{act}", words) for act, words in ACTS.items()]
    kinds = [(kind, words) for kind, words in KINDS.items() if kind in run.tally]
    codes = sorted(kind for kind in run.tally if kind.partition(":")[0] in _OF_CODES)
    return {
        "run": run,
        "acts": [_line(run, kind, words, slug) for kind, words in acts if kind in run.tally],
        "kinds": [_line(run, kind, words, slug) for kind, words in kinds]
        + [_line(run, kind, _code_words(kind), slug) for kind in codes],
        "same": run.judged - run.changed,
        "cases": [
            _line(run, f"case:{kind}", words, slug)
            for kind, words in CASE_KINDS.items()
            if f"case:{kind}" in run.tally
        ],
    }


def _code_words(kind: str) -> str:
    what, _, code = kind.partition(":")
    return f"{KINDS[what]}: {code} {CODES[code].name}"


def _line(run: Rescreening, kind: str, words: str, slug: str) -> dict[str, Any]:
    one = run.tally[kind]
    return {
        "words": words,
        "count": one["count"],
        "samples": [(printed_number(number), f"/p/{slug}/case/{number}/") for number in one["cases"]],
        "more": one["count"] > len(one["cases"]),
    }


def versions_table(programme: Programme, slug: str) -> Table:
    """Every Version that was opened, newest first, with what its opening changed."""
    opened = list(programme.versions.filter(opened_at__isnull=False).order_by("-number"))
    runs = {run.version_id: run for run in Rescreening.objects.filter(programme=programme, trial=False)}
    return Table(
        id="versions", caption="開始した版", total=len(opened), per_page=max(1, len(opened)), unit="版",
        columns=[
            Column("number", "版", fixed=True), Column("at", "開始", fixed=True), Column("by", "開始した人"),
            Column("why", "変えた理由"), Column("judged", "再点検", numeric=True),
            Column("changed", "変わった結果", numeric=True), Column("cases", "変わった案件", numeric=True),
        ],
        rows=[_version_row(one, runs.get(one.pk), slug) for one in opened],
    )  # fmt: skip


def _version_row(version: Version, run: Rescreening | None, slug: str) -> Row:
    assert version.opened_at is not None
    name = f"第{version.number}版"
    return Row(
        key=str(version.number),
        cells=[
            Cell(name, href=f"/p/{slug}/versions/{version.number}/") if version.number > 1 else Cell(name),
            Cell(f"{localtime(version.opened_at):%Y/%m/%d %H:%M}"), Cell(version.opened_by), Cell(version.why or "–"),
            Cell(run.judged if run else 0), Cell(run.changed if run else 0),
            Cell(run.cases_changed if run else 0),
        ],
    )  # fmt: skip
