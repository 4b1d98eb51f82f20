"""The verifier at work: over the bank files that the bench has sealed, line by line the usual way, and over changed files.

10,000 changes are each a file of its own: one field or some lines changed, the digest left out of account, every record
compared with what was decided. What must be in the file is made once, since a changed file does not change it.
"""

import time
from itertools import islice
from typing import NamedTuple

import todoku_verify
from benches.measure import Meter
from benches.mutations import drawn
from benches.sample import Setting
from todoku.formats.kana import bank_kana, cut_to
from todoku.formats.zengin_layout import DATA, NAME_BYTES, cut
from todoku.payment.kept_files import bank_files, bundle
from todoku.payment.manifest import decision_lists_of, names_of
from todoku.payment.tables import Batch, Transfer
from todoku.sampletown.bundle import bundle as sample_bundle
from todoku_verify import bank, decisions, manifest
from todoku_verify.findings import Findings
from todoku_verify.lines import Lines

MUTATED_LINES = 100_000
SEED = 20261204


def verify(meter: Meter, setting: Setting) -> int:
    """Every sealed batch: its papers and files read from the disk, and proven."""
    count = 0
    for batch in Batch.objects.filter(programme__slug=setting.slug, sha256__isnull=False).order_by("pk"):
        with meter:
            kept = bundle(batch)
            lines, sheet = names_of(batch)
            lists = {made.pk: kept[made.file.name] for made in decision_lists_of(batch) if made.file}
            files = [(file.name, kept[file.name]) for file in batch.files.order_by("number")]
            verdict = todoku_verify.verify(kept[sheet], kept[lines], lists, files, sha256=batch.sha256 or "")
        assert verdict.ok, verdict.told()
        count += verdict.count
    return count


def verify_by_object(meter: Meter, setting: Setting) -> int:
    """Each line cut into its fields, its transfer, decision and account loaded by the ORM, field by field compared."""
    batch = Batch.objects.filter(programme__slug=setting.slug, sha256__isnull=False).order_by("pk")[0]
    done = 0
    with meter:
        for data in bank_files(batch):
            records = (line for line in data.decode("cp932").split("\r\n") if line[:1] == "2")
            for record in islice(records, setting.sample - done):
                _verify_one(dict(zip((field.name for field in DATA), cut(record, DATA), strict=True)))
                done += 1
    return done


def _verify_one(values: dict[str, str]) -> None:
    one = Transfer.objects.select_related("decision__account").get(number=values["codes"][:10])
    account = one.decision.account
    assert account is not None and one.decision.outcome == "grant"
    assert values["bank"] == account.bank and values["branch"] == account.branch
    assert values["account_kind"] == str(account.kind) and values["account_number"] == account.number
    assert int(values["amount"]) == one.amount_yen
    assert values["name"].rstrip() == cut_to(bank_kana(account.holder_kana), NAME_BYTES)


class Mutated(NamedTuple):
    """How many changed files were shown to the verifier, how many it found, and seconds of its own."""

    lines: int
    shown: int
    found: int
    seconds: float

    def __str__(self) -> str:
        return (
            f"verify, changed files: {self.found:,} of {self.shown:,} found, each a file of {self.lines:,} lines with one"
            f" field or some lines changed, compared whole with the digest left out; {self.shown / self.seconds:,.0f} files"
            f" a second, {self.shown * self.lines / self.seconds:,.0f} lines a second"
        )


def mutated(number: int, lines: int = MUTATED_LINES) -> Mutated:
    """Shows the verifier so many changed files, one at a time."""
    made, found = sample_bundle(lines), Findings()
    told = manifest.read(made.manifest, found)
    reader = Lines(told, decisions.read(told, made.lists, found), found)
    ((file, records),) = reader.files(made.lines)
    name, data = made.banks[0]
    wanted = bank.whole(told, file, records)
    bank.compare(told, name, wanted, data, found)
    assert found.count == 0, "the file as written has no difference"
    seen, seconds = 0, 0.0
    for mutation in drawn(SEED, number, data):
        differences, began = Findings(), time.perf_counter()
        bank.compare(told, name, wanted, mutation.data, differences)
        seconds += time.perf_counter() - began
        seen += differences.count > 0
    return Mutated(lines, number, seen, seconds)
