"""`review-csv`: a CSV of applications in; findings, proposed verdicts and the letter's sentences out, without any database.

For whoever buys the review alone. The checks are those of the whole house; memory stays the same however long the list is:
it is read as a stream, once for what is wrong or stands twice and once to be judged.
"""

import argparse
import csv
import io
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from todoku.commands.japanese_help import JapaneseParser
from todoku.custody import files
from todoku.formats import holder_name
from todoku.formats.csv_list import ERROR, Problem, stream_table
from todoku.formats.refused import FormatRefused
from todoku.ground.step import Refusal
from todoku.intake.forms import BANK
from todoku.programme.criteria_tables import FIELDS
from todoku.programme.shipped import SLUGS, version_text
from todoku.programme.terms import Terms, TermsRefused, parse
from todoku.programme.vocabulary import SEVERITIES
from todoku.review import application_list as lists
from todoku.review.application_list import Application
from todoku.review.asked import sentences_of
from todoku.review.checks import check
from todoku.review.code_sentences import explain
from todoku.review.codes import CODES
from todoku.review.findings import RETURN, Finding
from todoku.review.outcome import OUTCOMES, outcome_of, persons_of

HELP = (
    "申請の一覧（CSV）を点検し、不備と判定の案、返戻の手紙の文をCSVで書き出します。データベースは要りません。\n"
    "判定するのは人です。ここで決まることはありません。"
)
PARSER = JapaneseParser
_USAGE = "./run todoku review-csv 申請の一覧.csv フォルダー --terms 制度"
VERDICTS, FINDINGS, PROBLEMS = "verdicts.csv", "findings.csv", "problems.csv"
VERDICT_HEADINGS = ("行", "受付番号", "判定の案", "審査する人数", "不備コード", "返戻の手紙の文")
FINDING_HEADINGS = ("行", "受付番号", "不備コード", "不備", "扱い", "項目", "根拠", "申請者への文")
PROBLEM_HEADINGS = ("行", "列", "内容", "直し方")
# Of a finding's field the name that stands in the column of items.
FIELD_WORDS = {
    **FIELDS, "identity": "本人確認書類", "account_proof": "口座確認書類", "deadline": "期限", "applicant": "申請者",
    "duplicate": "二重の申請",
}  # fmt: skip
SHOWN_MAX = 10  # problems printed; all stand in problems.csv
CHUNK_ROWS = 5_000  # lines are written in blocks of so many
NUMBERS_MAX = 20  # so many other lines are named beside a shared account, as in the house itself


class CannotReview(Refusal):
    """The list cannot be reviewed as asked; no verdict was written."""


class Twice(NamedTuple):
    """What stands more than once: the later lines of a number, and whose applications name an account."""

    lines: frozenset[int]
    accounts: dict[tuple[str, str, int, str], dict[str, str]]  # account → household → its number


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = _USAGE
    parser.epilog = "はじめからある制度:\n  " + "\n  ".join(SLUGS)
    asked = parser.add_argument_group("点検する")
    asked.add_argument(
        "list", type=Path, metavar="申請の一覧.csv", help="見出しのあるCSV（Shift_JISかUTF-8）"
    )
    asked.add_argument("folder", type=Path, metavar="フォルダー", help="書き出すフォルダー")
    asked.add_argument(
        "--terms", required=True, metavar="制度", help="下の名前か、制度の定義のファイル（TOML）"
    )
    asked.add_argument("--good-only", action="store_true", help="誤りのある行を除いて点検します")


def run(options: argparse.Namespace) -> int:
    terms = terms_of(options.terms)
    if (options.folder / VERDICTS).exists():
        raise CannotReview(
            f"{options.folder} には点検の結果がすでにあります。別のフォルダーを指定してください。"
        )
    try:
        errors, twice = _first_pass(options.list, options.folder)
        if errors and not options.good_only:
            print(
                f"誤りのある行を直すか、--good-only を付けて誤りのない行だけで点検してください。"
                f"すべての誤りは {options.folder / PROBLEMS} にあります。判定の案は書き出していません。"
            )
            return 1
        counts = _judge(options.list, options.folder, terms, twice)
    except FormatRefused as refused:
        raise CannotReview(refused.sentence) from refused
    _tell(counts, options.folder)
    return 0


def terms_of(name: str) -> Terms:
    """A shipped Version by its name, or one of the caller's own by its file."""
    if name in SLUGS:
        return parse(version_text(name))
    try:
        return parse(Path(name).read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise CannotReview(
            f"「{name}」という制度はありません。--help にある名前か、制度の定義のファイル（TOML、UTF-8）を指定してください。"
        ) from error
    except TermsRefused as refused:
        raise CannotReview(refused.sentence, remedy=refused.remedy) from refused


def _read(path: Path) -> Iterator[Application | list[Problem]]:
    """Every line that is not blank: an application, or what is wrong with it."""
    try:
        with path.open("rb") as file:
            headings, records = stream_table(file, lists.COLUMNS, lists.REQUIRED, lists.WHAT)
            for one in records:
                yield [one] if isinstance(one, Problem) else lists.read_application(one, headings)
    except FileNotFoundError as error:
        raise CannotReview(f"{path} がありません。申請の一覧（CSV）を指定してください。") from error


def _first_pass(path: Path, folder: Path) -> tuple[int, Twice]:
    """Writes everything that is wrong; gives how many errors, and what stands more than once."""
    numbers, accounts = array("Q"), array("Q")
    errors = shown = 0

    def tell(problem: Problem) -> Sequence[Any]:
        nonlocal errors, shown
        errors += problem.severity == ERROR
        if shown < SHOWN_MAX:
            print(problem.sentence)
            shown += 1
        return (problem.line, problem.column, problem.kind, problem.remedy)

    with files.writing_to(folder, PROBLEMS) as sink:
        write = _writer(sink.write, PROBLEM_HEADINGS)
        for one in _read(path):
            if isinstance(one, list):
                write(map(tell, one))
                continue
            numbers.append(_short(one.number))
            if one.account and one.rail == BANK:
                accounts.append(_short(repr(one.account)))
        twice = _twice(path, _repeated(numbers), _repeated(accounts))
        write(tell(lists.TWICE.at(line, lists.COLUMNS["number"][0])) for line in sorted(twice.lines))
    return errors, twice


def _short(text: str) -> int:
    """Eight bytes for one text: a list of a million lines is compared in memory by them."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")


def _repeated(hashes: Sequence[int]) -> frozenset[int]:
    return frozenset(one for one, other in pairwise(sorted(hashes)) if one == other)


def _twice(path: Path, numbers: frozenset[int], accounts: frozenset[int]) -> Twice:
    """The lines behind what is repeated, compared by their whole values."""
    seen: set[str] = set()
    lines: set[int] = set()
    users: dict[tuple[str, str, int, str], dict[str, str]] = {}
    if numbers or accounts:
        for one in _read(path):
            if isinstance(one, list):
                continue
            if _short(one.number) in numbers:
                if one.number in seen:
                    lines.add(one.line)
                    continue
                seen.add(one.number)
            if one.account and one.rail == BANK and _short(repr(one.account)) in accounts:
                users.setdefault(one.account, {}).setdefault(one.household, one.number)
    return Twice(frozenset(lines), {account: homes for account, homes in users.items() if len(homes) > 1})


def _judge(path: Path, folder: Path, terms: Terms, twice: Twice) -> dict[str, int]:
    """Writes findings and proposed verdicts; gives how many of each outcome, and how many lines were left out."""
    counts = {**dict.fromkeys(OUTCOMES, 0), "left": 0, "straight": 0}
    with (
        files.writing_to(folder, FINDINGS) as findings_sink,
        files.writing_to(folder, VERDICTS) as verdicts_sink,
    ):
        write_findings = _writer(findings_sink.write, FINDING_HEADINGS)
        write_verdicts = _writer(verdicts_sink.write, VERDICT_HEADINGS)
        for chunk in _chunks(_good(path, twice, counts)):
            judged = [(one, judge(one, terms, twice)) for one in chunk]
            write_findings(_finding_row(one, found) for one, all_found in judged for found in all_found)
            write_verdicts(_verdict_row(one, found, terms, counts) for one, found in judged)
    return counts


def _good(path: Path, twice: Twice, counts: dict[str, int]) -> Iterator[Application]:
    for one in _read(path):
        if isinstance(one, list) or one.line in twice.lines:
            counts["left"] += 1
        else:
            yield one


def _chunks(applications: Iterator[Application]) -> Iterator[list[Application]]:
    chunk: list[Application] = []
    for one in applications:
        chunk.append(one)
        if len(chunk) == CHUNK_ROWS:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def judge(one: Application, terms: Terms, twice: Twice) -> tuple[Finding, ...]:
    """What the checks of these terms find in one line."""
    homes = twice.accounts.get(one.account, {}) if one.account else {}
    others = tuple(sorted(number for home, number in homes.items() if home != one.household))
    facts = lists.facts_of_application(one, terms, others=others[:NUMBERS_MAX], households=len(others))
    return check(facts, terms.review.checks)


def _verdict_row(
    one: Application, found: Sequence[Finding], terms: Terms, counts: dict[str, int]
) -> Sequence[Any]:
    outcome = outcome_of(found)
    missing = one.rail == BANK and one.account is None
    persons = persons_of(outcome, terms, lists.way_of(one), account_missing=missing)
    counts[outcome] += 1
    counts["straight"] += persons == 0
    asked = dict.fromkeys(finding.code for finding in found if finding.severity == RETURN)
    return (
        one.line, one.number, OUTCOMES[outcome], persons, "、".join(dict.fromkeys(finding.code for finding in found)),
        "\n".join(sentences_of(asked)),
    )  # fmt: skip


def _finding_row(one: Application, found: Finding) -> Sequence[Any]:
    return (
        one.line, one.number, found.code, CODES[found.code].name, SEVERITIES[found.severity],
        FIELD_WORDS[found.field],
        evidence_words(found), explain(found.code, found.evidence).text(),
    )  # fmt: skip


def evidence_words(found: Finding) -> str:
    """On what a finding rests, where that is more than its own name."""
    if "tier" in found.evidence:
        tier = str(found.evidence["tier"])
        return f"{tier} {holder_name.TIERS[tier]}"
    if found.evidence.get("to"):
        return f"いまは{found.evidence['to']}"
    if found.field == "identity" and found.evidence.get("name"):
        return " ".join(str(found.evidence[part]) for part in ("name", "day") if found.evidence.get(part))
    if "households" in found.evidence:
        named: Iterable[Any] = found.evidence["cases"]  # type: ignore[assignment]
        return f"ほかに{found.evidence['households']}世帯: " + "、".join(map(str, named))
    return ""


def _writer(
    write: Callable[[bytes], int], headings: Sequence[str]
) -> Callable[[Iterable[Sequence[Any]]], None]:
    """Writes rows as CSV for spreadsheets: UTF-8 with its mark, and no cell that would be reckoned as a formula."""
    write(b"\xef\xbb\xbf")

    def rows(values: Iterable[Sequence[Any]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows(map(_safe, values))
        write(text.getvalue().encode())

    rows([headings])
    return rows


def _safe(row: Sequence[Any]) -> list[Any]:
    return [
        f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell for cell in row
    ]


def _tell(counts: dict[str, int], folder: Path) -> None:
    total = sum(counts[outcome] for outcome in OUTCOMES)
    parts = "、".join(f"{words}{counts[outcome]:,}件" for outcome, words in OUTCOMES.items())
    print(f"{total:,}件を点検しました: {parts}。人の審査を要しないもの{counts['straight']:,}件。")
    if counts["left"]:
        print(f"誤りのある{counts['left']:,}行は除きました（{PROBLEMS}）。")
    print(f"{folder} に {VERDICTS} と {FINDINGS} を書き出しました。抜取りは含みません。")
