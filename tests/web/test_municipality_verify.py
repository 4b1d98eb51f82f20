"""The page on which the treasurer asks the verifier: about the kept files, and about those in hand."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import override_settings

from tests.money_fixture import day, day_database, signed_in  # noqa: F401
from todoku.custody import files
from todoku.payment.kept_files import bank_files
from todoku.payment.tables import BatchFile
from todoku.payment.verify_files import UPLOAD_BYTES_MAX
from todoku.people.tables import AuditEvent


def page(answer) -> str:
    return answer.content.decode()


def address(batch, way: str = "") -> str:
    return f"/p/sample/approvals/{batch.pk}/verify/{way}"


def altered(data: bytes) -> bytes:
    """The first payment's amount with another digit."""
    at = 122 + 89
    return data[:at] + (b"1" if data[at : at + 1] != b"1" else b"2") + data[at + 1 :]


def test_the_kept_files_of_a_sealed_batch_agree_and_the_answer_is_on_record(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        assert "検証" in page(browser.get(f"/p/sample/approvals/{batch.pk}/"))
        assert "保管中のファイルを検証する" in page(browser.get(address(batch)))
        answer = browser.post(address(batch, "kept/"))
    words = f"一致しました。{batch.count}件、{batch.total_yen:,}円。"
    assert answer.status_code == 200 and words in page(answer)
    event = AuditEvent.objects.get(action="batch.verify", refused=False)
    assert (event.subject_id, event.reason) == (batch.pk, f"保管中のファイル {words}")


def test_a_file_in_hand_agrees_under_whatever_name(day, signed_in):  # noqa: F811
    batch = day.sealed()
    (data,) = bank_files(batch)
    with signed_in("municipality", "treasurer") as browser:
        answer = browser.post(address(batch, "held/"), {"files": SimpleUploadedFile("FURIKOMI.DAT", data)})
    assert "一致しました。" in page(answer) and "FURIKOMI.DAT" in page(answer)
    assert AuditEvent.objects.get(action="batch.verify").reason.startswith("手元のファイル 一致しました。")


def test_an_altered_file_in_hand_is_told_by_line_and_field_with_masks(day, signed_in):  # noqa: F811
    batch = day.sealed()
    (data,) = bank_files(batch)
    account = data[122 + 43 : 122 + 50]
    forged = altered(data).replace(account, bytes(reversed(account)))
    with signed_in("municipality", "treasurer") as browser:
        seen = page(browser.post(address(batch, "held/"), {"files": SimpleUploadedFile("a.txt", forged)}))
    assert "一致しません。違いが3か所あります。" in seen
    assert "振込金額" in seen and "口座番号" in seen and "金融機関へ渡さないでください" in seen
    assert account.decode() not in seen and f"●●●●●{account[-2:].decode()}" in seen


def test_an_altered_kept_file_is_told_too(day, signed_in):  # noqa: F811
    batch = day.sealed()
    path = files.inside(BatchFile.objects.get(batch=batch).parcel.path)
    path.write_bytes(altered(path.read_bytes()))
    with signed_in("municipality", "treasurer") as browser:
        seen = page(browser.post(address(batch, "kept/")))
        assert "一致しません。違いが2か所あります。" in seen and "SHA-256" in seen
        path.unlink()
        gone = browser.post(address(batch, "kept/"))
    assert gone.status_code == 422 and "見つかりません" in page(gone)


def test_nothing_chosen_and_too_much_are_answered_with_a_remedy(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        none = browser.post(address(batch, "held/"), {})
        assert none.status_code == 422 and "ファイルを選んでください" in page(none)
        large = browser.post(
            address(batch, "held/"), b"", content_type="multipart/form-data; boundary=x",
            CONTENT_LENGTH=str(UPLOAD_BYTES_MAX * 2),
        )  # fmt: skip
    assert large.status_code == 413 and "大きすぎます" in page(large)


def test_a_file_in_hand_never_touches_the_disk(day, signed_in, tmp_path):  # noqa: F811
    batch = day.sealed()
    (data,) = bank_files(batch)
    padded = data + b" " * 3_000_000  # more than Django keeps in memory by itself
    no_disk = override_settings(FILE_UPLOAD_TEMP_DIR=str(tmp_path / "nowhere"))
    with signed_in("municipality", "treasurer") as browser, no_disk:
        answer = browser.post(address(batch, "held/"), {"files": SimpleUploadedFile("a.txt", padded)})
        with pytest.raises(FileNotFoundError):  # as every other page's upload would end
            browser.post(
                f"/p/sample/approvals/{batch.pk}/result/", {"file": SimpleUploadedFile("a.csv", padded)}
            )
    assert answer.status_code == 200 and "一致しません。" in page(answer)


def test_the_upload_asks_for_the_doors_token(day, signed_in):  # noqa: F811
    batch = day.sealed()
    with signed_in("municipality", "treasurer") as browser:
        browser.handler.enforce_csrf_checks = True
        refused = browser.post(address(batch, "held/"), {"files": SimpleUploadedFile("a.txt", b"1")})
        browser.get(address(batch))
        token = browser.cookies[next(name for name in browser.cookies if "csrf" in name)].value
        answer = browser.post(
            address(batch, "held/"),
            {"files": SimpleUploadedFile("a.txt", b"1"), "csrfmiddlewaretoken": token},
        )
    assert refused.status_code == 403
    assert answer.status_code == 200 and "一致しません。" in page(answer)


def test_before_the_seal_there_is_nothing_to_verify(day, signed_in):  # noqa: F811
    batch = day.built()
    with signed_in("municipality", "officer") as browser:
        answer = browser.post(address(batch, "kept/"))
    assert answer.status_code == 422 and "確定した後に" in page(answer)


def test_everybody_of_the_municipality_may_ask(day, signed_in):  # noqa: F811
    batch = day.sealed()
    for username in ("viewer", "officer", "treasurer"):
        with signed_in("municipality", username) as browser:
            assert browser.post(address(batch, "kept/")).status_code == 200
    assert AuditEvent.objects.filter(action="batch.verify", refused=False).count() == 3


def test_the_page_says_where_the_program_comes_from_and_when_the_files_can_be_had(day, signed_in):  # noqa: F811
    batch = day.sealed()
    at, copies = f"/p/sample/approvals/{batch.pk}/", f'data-copy="{batch.sha256}"'
    with signed_in("municipality", "treasurer") as browser:
        approval, before = page(browser.get(at)), page(browser.get(address(batch)))
        assert copies in approval and copies in before and "municipality/copy.js" in approval
        assert "承認の前は、この画面で検証します" in before and "金融機関へ渡す前に" in before
        for words in (
            "./run todoku verifier",
            "別の手段（電話や書面）",
            "certutil -hashfile todoku-verify.pyz",
        ):
            assert words in before, words
        assert f'href="{at}bundle/"' not in before
        for username in ("approver", "treasurer"):
            batch = day.approve(batch, username)
        day.send(batch, receipt="")
        after = page(browser.get(address(batch)))
        assert f'href="{at}bundle/"' in after and browser.get(f"{at}bundle/").status_code == 200
    with signed_in("municipality", "officer") as browser:
        assert f'href="{at}bundle/"' not in page(browser.get(address(batch)))
