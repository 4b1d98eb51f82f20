"""Scanning and keying for whoever buys them alone: a folder in, a list out; a keyed lot out as a list."""

import csv
import io
import json
import sys

import pytest
from django.utils import timezone
from django.utils.timezone import localdate

from tests.open_today import open_today
from tests.scanned import filled, jpeg, note, printed
from todoku.commands import keyed_csv, scan_alone, scan_lot
from todoku.commands.__main__ import COMMANDS, run
from todoku.intake.claim_key_task import claim_tasks
from todoku.intake.key_form import key_first, key_second
from todoku.intake.tables import KeyTask
from todoku.people.tables import AuditEvent
from todoku.sampletown.staff import make_staff, sample_password
from todoku.scan.tables import ScanLot

TYPED = {
    "members_corrected": "0", "bank": "0005", "branch": "001", "kind": "1", "account_number": "1234567",
    "holder_kana": "ヤマダ タロウ", "signed": "1", "applicant_is_recipient": "1", "phone": "0450000000",
    "identity_evidence": "clear", "identity_kind": "driving_licence", "identity_on": "2031-05-03", "account_evidence": "clear",
}  # fmt: skip


def _lines(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


@pytest.fixture
def signed_in(monkeypatch):
    """The password, as a script hands it over."""

    def sign():
        monkeypatch.setattr(sys, "stdin", io.StringIO(sample_password() + "\n"))

    return sign


def test_a_folder_becomes_a_list_and_a_lot_becomes_keyed_lines(town, tmp_path, capsys, signed_in):
    programme = open_today(town.programme)
    staff = make_staff(programme.municipality, only=("clerk", "manager", "reviewer1"))
    sheets = printed(programme, 2)
    folder, boxes = tmp_path / "scanner", tmp_path / "boxes.json"
    folder.mkdir()
    for i, one in enumerate(sheets.forms()):
        (folder / f"{i}.jpg").write_bytes(jpeg(filled(one, sheets.boxes[1])))
    (folder / "9.jpg").write_bytes(jpeg(note("通帳")))

    assert run("scan-lot", COMMANDS["scan-lot"], ["--boxes", str(boxes)]) == 0
    assert {1, 5, 7, 8} <= {page["sheet"] for page in json.loads(boxes.read_text())}
    out = tmp_path / "pages.csv"
    words = [str(folder), "--boxes", str(boxes), "--out", str(out)]
    assert run("scan-alone", COMMANDS["scan-alone"], words) == 0
    first, _, last = _lines(out)
    assert (
        first["受付番号"].replace("-", "") == sheets.forms()[0].code.number and first["kind_ordinary"] == "1"
    )
    assert first["account_number（読取案）"] == "1234567" and last["受付番号"] == ""

    signed_in()
    asked = [str(folder), "--as", "clerk", "--sheets", "3"]
    assert run("scan-lot", COMMANDS["scan-lot"], asked) == 0
    lot = ScanLot.objects.get()
    assert lot.pages == 3 and KeyTask.objects.count() == 2 and f"ロット {lot.pk}" in capsys.readouterr().out
    at = timezone.now()
    (task,) = claim_tasks("first", programme=programme, actor=staff["clerk"], at=at, most=1)
    key_first(task.pk, TYPED | {"arrived_on": f"{localdate()}"}, actor=staff["clerk"], at=at)
    KeyTask.objects.filter(pk=task.pk).update(claimed_id=staff["manager"].id, claimed_at=at)
    key_second(task.pk, TYPED, actor=staff["manager"], at=at)
    signed_in()
    keyed = tmp_path / "keyed.csv"
    assert run("keyed-csv", COMMANDS["keyed-csv"], [str(lot.pk), "--as", "manager", "--out", str(keyed)]) == 0
    (line,) = _lines(keyed)
    assert (line["番号"], line["口座番号"], line["署名"]) == (task.case.number, "1234567", "1")
    assert AuditEvent.objects.filter(action="keyed.export", subject_id=task.case_id).count() == 1
    assert "途中が1通" in capsys.readouterr().out


def test_a_file_that_holds_no_boxes_is_refused(tmp_path):
    (tmp_path / "boxes.json").write_text("[]")
    with pytest.raises(scan_alone.BoxesUnreadable, match="様式がありません"):
        scan_alone.read_boxes(tmp_path / "boxes.json")
    (tmp_path / "boxes.json").write_text("{}x")
    with pytest.raises(scan_alone.BoxesUnreadable, match="枠のファイルではありません"):
        scan_alone.read_boxes(tmp_path / "boxes.json")
    assert scan_lot.HELP and keyed_csv.HELP
