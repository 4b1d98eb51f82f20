"""The roll desk: what a file would bring in stands there before anything is taken, and a person decides."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.town_fixture import OPENS_ON, households_of, make_sample_programme, roll_bytes
from tests.web.office import Desk, do_long_work, looks, text_of, toasts_of
from todoku.case.tables import Case
from todoku.custody.tables import Parcel
from todoku.ground.tables import LongWork
from todoku.registry.tables import Person, RollImport, StagedPerson


@pytest.fixture
def desk(database, var_folder, at_door):
    """A manager before a programme that has no roll yet."""
    programme = make_sample_programme()
    with at_door("office"):
        seat = Desk("manager")
        seat.programme = programme
        yield seat


def csv_file(data: bytes, name: str = "meibo.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/csv")


def receive(desk, data: bytes) -> RollImport | None:
    answer = desk.post("roll/receive/", {"layout": "benefit42", "file": csv_file(data)})
    assert answer.status_code == 302, text_of(answer)
    do_long_work()
    return RollImport.objects.order_by("-pk").first()


def with_two_faults(data: bytes) -> bytes:
    """The roll with a household without its head, and a postal code that cannot be one."""
    lines = data.decode("cp932").split("\r\n")
    fields = lines[1].split(",")
    fields[7] = "12"
    return "\r\n".join([lines[0], ",".join(fields), *lines[2:]]).encode("cp932")


def test_a_roll_is_read_looked_at_and_taken_and_its_cases_opened(desk):
    households = households_of(desk.programme, 40)
    read = receive(desk, roll_bytes(households))
    assert (read.state, read.errors, Person.objects.count()) == ("staged", 0, 0)

    page = text_of(desk.get(f"roll/import/{read.pk}/"))
    assert "何が取り込まれるか" in page and "40世帯・" in page and "すべて取り込む" in page
    assert "正しい行だけ取り込む" not in page

    assert desk.post(f"roll/import/{read.pk}/take/", {"take": "all"}).status_code == 302
    assert do_long_work().state == "done"
    assert Person.objects.count() == read.rows_good
    assert "40世帯に、まだ案件がありません" in text_of(desk.get("roll/"))

    desk.post("roll/open/")
    ended = do_long_work()
    assert ended.state == "done" and Case.objects.count() == ended.done_count == 40
    assert "まだ案件がありません" not in text_of(desk.get("roll/"))


def test_a_roll_with_errors_is_taken_only_in_its_good_lines_and_only_on_purpose(desk):
    read = receive(desk, with_two_faults(roll_bytes(households_of(desk.programme, 30))))
    assert read.errors >= 1 and read.rows_good < read.rows_read

    page = text_of(desk.get(f"roll/import/{read.pk}/"))
    assert "「すべて取り込む」は選べません" in page and "郵便番号が7桁の数字でない" in page

    desk.post(f"roll/import/{read.pk}/take/", {"take": "all"})
    desk.post(f"roll/import/{read.pk}/take/", {"take": "good"})
    assert LongWork.objects.filter(kind="roll.take").count() == 0

    desk.post(f"roll/import/{read.pk}/take/", {"take": "good", "understood": "1"})
    assert do_long_work().state == "done"
    read.refresh_from_db()
    assert read.state == "taken_good" and Person.objects.count() == read.rows_good


def test_problems_are_filtered_by_severity_and_go_out_as_csv_without_a_value(desk):
    read = receive(desk, with_two_faults(roll_bytes(households_of(desk.programme, 30))))
    errors = text_of(desk.get(f"roll/import/{read.pk}/", severity="error"))
    assert f"指摘 全 {read.errors} 件" in errors
    file = desk.get(f"roll/import/{read.pk}/problems.csv", severity="error")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "行,列,指摘,値の種類,対処,区分" and len(lines) == read.errors + 1
    assert all(line.endswith(",誤り") for line in lines[1:])
    assert looks("roll.export_problems")[0].subject_id == read.pk


def test_a_declined_roll_leaves_its_problems_and_can_be_received_again(desk):
    data = roll_bytes(households_of(desk.programme, 20))
    read = receive(desk, data)
    desk.post(f"roll/import/{read.pk}/decline/")
    read.refresh_from_db()
    assert read.state == "replaced" and StagedPerson.objects.count() == 0
    assert "業務 責任が取り込まないことにしました" in read.refusal
    again = receive(desk, data)
    assert again.pk != read.pk and again.state == "staged" and Parcel.objects.filter(kind="roll").count() == 1


def test_a_later_roll_shows_what_it_changes_by_field_and_never_by_value(town, at_door):
    households = households_of(town.programme)
    later = roll_bytes(households[:-1])
    with at_door("office"):
        desk = Desk("manager")
        read = receive(desk, later)
        page = text_of(desk.get(f"roll/import/{read.pk}/"))
    gone = len(households[-1].members)
    assert "前の名簿との差" in page and f"記載なし {gone} 人" in page
    assert households[-1].head.name not in page


def test_a_file_that_is_no_roll_is_refused_with_the_remedy_on_its_card(desk):
    receive(desk, "宛名番号,氏名\r\n1,だれか\r\n".encode())
    work = LongWork.objects.get()
    assert work.state == "refused"
    page = text_of(desk.get("roll/"))
    assert work.outcome in page and "取込不可" in page


def test_forms_without_a_file_say_so_at_their_field(desk):
    answer = desk.post("roll/receive/", {"layout": "benefit42"})
    assert answer.status_code == 422 and "名簿のCSVファイルを選んでください。" in text_of(answer)
    empty = desk.post("roll/receive/", {"layout": "benefit42", "file": csv_file(b"")})
    assert "ファイルが空です" in text_of(empty)
    accounts = desk.post("roll/accounts/", {})
    assert accounts.status_code == 422 and "既知口座のCSVファイルを選んでください。" in text_of(accounts)
    assert LongWork.objects.count() == 0


def test_only_a_manager_receives_takes_and_opens(town, at_door):
    with at_door("office"):
        clerk = Desk("clerk")
        page = text_of(clerk.get("roll/"))
        answers = [
            clerk.post("roll/receive/"), clerk.post("roll/open/"), clerk.post("roll/import/1/take/"),
            clerk.post("roll/import/1/decline/"), clerk.post("roll/accounts/"),
        ]  # fmt: skip
    assert [answer.status_code for answer in answers] == [403] * 5
    assert "名簿を受け取る" not in page and "受け取った名簿" in page
    assert len(looks("roll.import", refused=True)) == 4 and len(looks("case.open", refused=True)) == 1


def test_the_roll_desk_asks_for_the_same_few_statements_whatever_the_size(town, at_door):
    with at_door("office"):
        desk = Desk("manager")
        desk.get("roll/")
        assert desk.statements("roll/") <= 16
        read = RollImport.objects.get()
        assert desk.statements(f"roll/import/{read.pk}/") <= 16
    assert town.opens_on == OPENS_ON


def test_toasts_say_what_was_done(desk):
    answer = desk.client.post(
        "/p/sample/roll/receive/",
        {"layout": "benefit42", "file": csv_file(roll_bytes(households_of(desk.programme, 5)))},
        follow=True,
    )
    assert "名簿を受け取りました" in toasts_of(answer)


def test_a_clerk_reads_japanese_whatever_the_browser_prefers(desk):
    english = desk.client.get("/p/sample/roll/", HTTP_ACCEPT_LANGUAGE="en-US,en")
    assert english.headers["Content-Language"] == "ja"
    assert "必須" in text_of(english) and "required" not in text_of(english).replace("required=", "")
