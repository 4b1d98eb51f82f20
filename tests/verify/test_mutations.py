"""Random changes of a bank file of 100,000 lines: every one is found by its contents, its digest left out of account.

3,000 changes of one field each are told apart by line and field in three runs of the verifier, a thousand lines changed
at once. Changed one at a time, each file against the whole of what it should be, are a hundred here and 10,000 in
`./run bench`.
"""

import random

import pytest

from benches.mutations import DATA, END, HEADER, LAST, LINES, RECORD, TRAILER, drawn, field_of, other_value
from tests.verify.bundles import told, with_bank
from todoku.formats.zengin import PROFILES
from todoku.sampletown.bundle import Bundle, bundle
from todoku_verify import bank, decisions, manifest
from todoku_verify.findings import Findings
from todoku_verify.lines import Lines

WIDTH = RECORD + len(END)
PAYMENTS = range(2, 100_002)
RUNS, AT_ONCE = 3, 1_000
ONE_BY_ONE = 100


class Proof:
    """What one bank file must be, made once by the verifier's own code; a changed file does not change it."""

    def __init__(self, of: Bundle) -> None:
        found = Findings()
        self.told = manifest.read(of.manifest, found)
        lines = Lines(self.told, decisions.read(self.told, of.lists, found), found)
        ((file, records),) = lines.files(of.lines)
        self.name, self.data = of.banks[0]
        self.wanted = bank.whole(self.told, file, records)
        assert found.count == 0

    def places(self, data: bytes) -> set[tuple[int, str]]:
        """Line and field of every difference that the contents of a file show."""
        found = Findings()
        bank.compare(self.told, self.name, self.wanted, data, found)
        return {(one.line, one.field) for one in found.differences}


@pytest.fixture(scope="module")
def proof(city: Bundle) -> Proof:
    return Proof(city)


def test_the_file_as_written_has_no_difference(proof: Proof) -> None:
    assert len(proof.data) == 100_003 * WIDTH
    assert proof.places(proof.data) == set()


def test_each_of_3_000_changed_fields_is_told_by_its_line_and_name(city: Bundle) -> None:
    name, data = city.banks[0]
    found = 0
    for run in range(RUNS):
        rng, changed, places = random.Random(f"{run}:fields"), bytearray(data), {}
        while len(places) < AT_ONCE:
            # One record besides the payments: two of them could pass for each other.
            line, label, start, size = field_of(rng, len(data) // WIDTH)
            if line not in places and (line in PAYMENTS or all(other in PAYMENTS for other in places)):
                at = (line - 1) * WIDTH + start
                changed[at : at + size] = other_value(rng, data[at : at + size])
                places[line] = label
        differences = told(with_bank(city, lambda _, changed=changed: bytes(changed)))
        found += sum((name, line, label) in differences for line, label in places.items())
    assert found == RUNS * AT_ONCE == 3_000


@pytest.mark.parametrize(("line", "fields"), [(1, HEADER), (500, DATA), (1_002, TRAILER), (1_003, LAST)])
def test_no_field_of_any_record_can_be_changed_unseen(
    line: int, fields: tuple[tuple[str, int, int], ...]
) -> None:
    proof, rng = Proof(bundle(1_000)), random.Random(line)
    assert sum(size for _, _, size in fields) == RECORD
    for label, start, size in fields:
        at = (line - 1) * WIDTH + start - 1
        for _ in range(20):
            value = other_value(rng, proof.data[at : at + size])
            changed = proof.data[:at] + value + proof.data[at + size :]
            assert (line, label) in proof.places(changed), (label, value)


def test_changed_one_at_a_time_every_file_is_found(proof: Proof) -> None:
    missed, told_apart, of_fields = [], 0, 0
    for mutation in drawn(1, ONE_BY_ONE, proof.data):
        places = proof.places(mutation.data)
        if not places:
            missed.append(mutation.what)
        of_fields += mutation.line > 0
        told_apart += (mutation.line, mutation.what) in places
    assert missed == []
    assert told_apart == of_fields > 75


@pytest.mark.parametrize("change", LINES)
def test_lines_that_are_changed_as_such_are_found(change: str) -> None:
    proof = Proof(bundle(1_000))
    rng = random.Random(change)
    changed = {LINES[change](rng, proof.data, WIDTH) for _ in range(40)} - {proof.data}
    assert changed
    assert [data for data in changed if not proof.places(data)] == []


def test_a_file_without_line_ends_is_held_to_every_byte_too() -> None:
    for eof in (False, True):
        proof = Proof(bundle(1_000, profile=PROFILES["no_line_end"]._replace(eof=eof)))
        assert proof.places(proof.data) == set()
        changed = [mutation.data for mutation in drawn(2, 400, proof.data, eol=False)]
        assert sum(bool(proof.places(data)) for data in changed) == 400
