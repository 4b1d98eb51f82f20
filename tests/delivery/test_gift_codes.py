"""Gift codes from the issuer's list to the letter: locked, counted, assigned exactly, delivered, given anew, come back."""

from datetime import date

import pypdfium2
import pytest
import zxingcpp
from django.db import DatabaseError, connection, transaction

from tests.payment.rails_ground import EXPIRES, STOCK, OtherRails, urls_of
from todoku.delivery.assign_codes import CannotAssign, assign_codes
from todoku.delivery.code_box import CodeBox, CodeUnreadable
from todoku.delivery.deliver_gifts import CannotDeliver, deliver_gifts
from todoku.delivery.expire_codes import CannotExpire, expire_codes
from todoku.delivery.gift_letters import CannotPrintCodes, make_gift_letters, print_file
from todoku.delivery.gift_stock import gift_stock
from todoku.delivery.gift_values import made_of, plan
from todoku.delivery.read_gift_report import GiftReportRefused, read_gift_report
from todoku.delivery.reissue_code import CannotReissue, reissue_code
from todoku.delivery.revoke_code import CannotRevoke, ask_revoke, revoke_code
from todoku.delivery.tables import GiftCode
from todoku.delivery.take_gift_list import CannotTakeList, take_gift_list
from todoku.delivery.unclaimed_gifts import CannotReturn, return_unclaimed
from todoku.formats.gift_list import GiftUrl
from todoku.letters.reserve import NothingToPrint
from todoku.payment.seal import seal
from todoku.payment.tables import Transfer
from todoku.people.actor import SYSTEM
from todoku.sampletown import gifts

URL = GiftUrl("https://gift.example.jp/v1/kD83hZq0xWvB2mNp")


# --- the box -----------------------------------------------------------------------------------------------------------


def test_a_code_comes_out_of_the_box_as_it_went_in_and_is_never_locked_twice_alike() -> None:
    box = CodeBox("secret-of-the-test")
    first, second = box.lock(URL, 1, "Q-1"), box.lock(URL, 1, "Q-1")
    assert box.open(first, 1, "Q-1") == box.open(second, 1, "Q-1") == URL
    assert first != second and b"kD83" not in first
    assert box.digest(URL) == CodeBox("secret-of-the-test").digest(URL) != CodeBox("another").digest(URL)
    assert "secret" not in repr(box) and "kD83" not in repr(URL)


@pytest.mark.parametrize(
    ("secret", "programme", "serial", "flip"),
    [
        ("another", 1, "Q-1", 0), ("secret", 2, "Q-1", 0), ("secret", 1, "Q-2", 0), ("secret", 1, "Q-1", 20),
        ("secret", 1, "Q-1", 1),
    ],
)  # fmt: skip
def test_another_secret_programme_number_or_bit_opens_nothing(
    secret: str, programme: int, serial: str, flip: int
) -> None:
    locked = bytearray(CodeBox("secret").lock(URL, 1, "Q-1"))
    locked[flip] ^= 1 if flip else 0
    with pytest.raises(CodeUnreadable, match="TODOKU_GIFT_CODE_SECRET"):
        CodeBox(secret).open(bytes(locked), programme, serial)


# --- which codes make an amount ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "stock", "codes"),
    [
        (30_000, ((10_000, 5),), ((10_000, 3),)),
        (100_000, ((50_000, 9), (10_000, 9)), ((50_000, 2),)),
        (100_000, ((50_000, 1), (10_000, 9)), ((50_000, 1), (10_000, 5))),
        (6, ((4, 9), (3, 9)), ((3, 2),)),  # the greatest value first would not end
        (100_000, ((50_000, 1), (10_000, 4)), None),
        (0, ((10_000, 1),), ()),
    ],
)
def test_an_amount_is_made_of_what_lies_in_stock(amount, stock, codes) -> None:
    assert made_of(amount, stock) == codes


def test_a_plan_is_whole_or_says_what_to_order() -> None:
    whole = plan({30_000: 4}, {10_000: 12}, (10_000, 50_000))
    assert [(share.codes, share.payments) for share in whole.shares] == [(((10_000, 3),), 4)]
    assert plan({100_000: 3}, {50_000: 4, 10_000: 9}, (10_000, 50_000)) == ((), {50_000: 2})
    assert plan({7: 2}, {}, (10,)) == ((), {7: 2})


# --- the list ------------------------------------------------------------------------------------------------------------


def take(rails: OtherRails, data: bytes, count: int, yen: int, order: str = "A-1", who: str = "maker"):
    return take_gift_list(
        data, programme=rails.programme, order_number=order, count=count, total_yen=yen, actor=rails.staff[who], at=rails.at
    )  # fmt: skip


def test_a_list_is_taken_once_and_whole(rails: OtherRails) -> None:
    data = gifts.gift_list(1, {10_000: 3}, expires_on=EXPIRES)
    made = take(rails, data, 3, 30_000)
    assert (made.count, made.total_yen, made.parcel, made.codes.count()) == (3, 30_000, None, 3)
    assert made.issuer == gifts.ISSUER
    with pytest.raises(CannotTakeList, match="受入れ済み"):
        take(rails, data, 3, 30_000)
    # One code of it on another list, under another number: the keyed digest knows it.
    lines = data.decode("cp932").splitlines()
    other = "\r\n".join([lines[0], lines[2].replace("Q001-", "Q002-")]).encode("cp932")
    with pytest.raises(CannotTakeList, match="前に受け入れた一覧のコードと同じ"):
        take(rails, other, 1, 10_000)
    assert GiftCode.objects.count() == 3


@pytest.mark.parametrize(
    ("counts", "count", "yen", "order", "words"),
    [
        ({10_000: 2}, 3, 30_000, "A-1", "一覧は2枚 20,000円ですが、注文は3枚 30,000円です"),
        ({10_000: 2}, 2, 20_000, " ", "注文番号"),
        ({20_000: 1}, 1, 20_000, "A-1", "実施要綱にない額面（20,000円）"),
        ({}, 0, 0, "A-1", "1枚もありません"),
    ],
)
def test_a_list_that_is_not_the_order_is_not_taken(
    rails: OtherRails, counts, count, yen, order, words
) -> None:
    with pytest.raises(CannotTakeList, match=words):
        take(rails, gifts.gift_list(1, counts, expires_on=EXPIRES), count, yen, order)
    assert not GiftCode.objects.exists()


def test_a_mistake_is_named_by_its_line_and_never_by_the_code(rails: OtherRails) -> None:
    data = gifts.gift_list(1, {10_000: 2}, expires_on=EXPIRES).replace(b"2029/03/31", b"2026/01/01")
    with pytest.raises(CannotTakeList, match="2か所に誤り") as refused:
        take(rails, data, 2, 20_000)
    assert "2行目" in refused.value.sentence and "example" not in refused.value.sentence
    with pytest.raises(CannotTakeList, match="権限がありません"):
        take(rails, data, 2, 20_000, who="reviewer1")


# --- assignment ----------------------------------------------------------------------------------------------------------


def test_each_payment_gets_exactly_its_amount(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.built_over("gift")
    report = assign_codes(batch, actor=rails.staff["maker"], at=rails.at)
    assert report.done == batch.count == 4
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from todoku_transfer t where t.batch_id = %s and t.amount_yen <>"
            " (select sum(g.value_yen) from todoku_giftcode g where g.transfer_id = t.id)",
            [batch.pk],
        )
        assert cursor.fetchone() == (0,)
    assert assign_codes(batch, actor=rails.staff["maker"], at=rails.at).done == 0


def test_too_few_codes_assign_nothing_and_say_what_to_order(rails: OtherRails) -> None:
    rails.list_taken({50_000: 1, 10_000: 1})
    batch = rails.built_over("gift")
    with pytest.raises(CannotAssign, match="50,000円券があと[0-9]+枚必要です"):
        assign_codes(batch, actor=rails.staff["maker"], at=rails.at)
    assert not GiftCode.objects.exclude(state="stock").exists()


def test_a_code_that_expires_soon_is_not_given(rails: OtherRails) -> None:
    rails.list_taken(expires_on=date(2027, 1, 15))
    with pytest.raises(CannotAssign, match="在庫が足りない"):
        assign_codes(rails.built_over("gift"), actor=rails.staff["maker"], at=rails.at)


def test_a_batch_without_its_codes_is_not_sealed(rails: OtherRails) -> None:
    batch = rails.built_over("gift")
    with pytest.raises(DatabaseError, match="gift_codes_add_up_to_the_amount"):
        seal(batch, actor=rails.staff["maker"], at=rails.at)


def test_codes_are_assigned_before_the_seal_alone(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.released_over("gift")
    with pytest.raises(CannotAssign, match="確定前のデジタルギフト"):
        assign_codes(batch, actor=rails.staff["maker"], at=rails.at)


# --- letters ------------------------------------------------------------------------------------------------------------


def test_the_whole_way_of_a_gift(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.released_over("gift")
    assert batch.state == "sent" and rails.stages()["paying"] == 4
    run = rails.posted()
    batch.refresh_from_db()
    assert (run.kind, run.pieces, batch.state) == ("gift", 4, "reconciled")
    assert rails.stages()["paid"] == 4
    assert set(Transfer.objects.filter(batch=batch).values_list("state", flat=True)) == {"settled"}
    assert set(GiftCode.objects.filter(transfer__batch=batch).values_list("state", "delivered_by_way")) == {
        ("delivered", "letter")
    }
    again = deliver_gifts(
        run, posted_on=rails.day, counted=run.pieces, actor=rails.staff["printer"], at=rails.at
    )
    assert again.done == 0


def test_letters_are_printed_by_who_delivers_codes_alone_and_once(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    for username in ("maker", "manager", "approver", "reviewer1", "treasurer"):
        with pytest.raises(CannotPrintCodes, match="印刷・発送の担当者だけ"):
            make_gift_letters(programme=rails.programme, actor=rails.staff[username], at=rails.at)
    run = rails.printed()
    with pytest.raises(CannotPrintCodes, match="待っているギフトコードはありません"):
        make_gift_letters(programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    with pytest.raises(CannotPrintCodes):
        print_file(run, actor=rails.staff["manager"], at=rails.at)
    assert print_file(run, actor=rails.staff["printer"], at=rails.at).startswith(b"%PDF")


def test_letters_that_were_not_counted_settle_nothing(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    run = rails.printed()
    with pytest.raises(Exception, match="数えた通数は3通"):
        deliver_gifts(run, posted_on=rails.day, counted=3, actor=rails.staff["printer"], at=rails.at)
    with pytest.raises(CannotDeliver, match="印刷・発送の担当者だけ"):
        deliver_gifts(run, posted_on=rails.day, counted=4, actor=rails.staff["manager"], at=rails.at)
    assert rails.stages()["paying"] == 4


# --- lost, used, expired --------------------------------------------------------------------------------------------------


def revoked(rails: OtherRails, code: GiftCode) -> GiftCode:
    ask_revoke(code, why="紛失の申出", actor=rails.staff["maker"], at=rails.at)
    return revoke_code(code, actor=rails.staff["approver"], at=rails.at)


def test_two_persons_revoke_a_code_and_another_takes_its_place(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    rails.posted()
    code = GiftCode.objects.filter(state="delivered").order_by("pk").first()
    assert code is not None and code.transfer is not None
    with pytest.raises(CannotRevoke, match="失効の申請がありません"):
        revoke_code(code, actor=rails.staff["approver"], at=rails.at)
    ask_revoke(code, why="紛失の申出", actor=rails.staff["maker"], at=rails.at)
    with pytest.raises(CannotRevoke, match="本人は承認できません"):
        revoke_code(code, actor=rails.staff["maker"], at=rails.at)
    with pytest.raises(CannotReissue, match="失効させたコードだけ"):
        reissue_code(code, actor=rails.staff["maker"], at=rails.at)
    revoke_code(code, actor=rails.staff["approver"], at=rails.at)
    new = reissue_code(code, actor=rails.staff["maker"], at=rails.at)
    assert (new.value_yen, new.transfer_id, new.replaces_id) == (code.value_yen, code.transfer_id, code.pk)
    with pytest.raises(CannotReissue, match="再発行済み"):
        reissue_code(code, actor=rails.staff["maker"], at=rails.at)
    # It has a letter of its own, and the payment is not settled a second time.
    run = rails.posted()
    new.refresh_from_db()
    assert (run.pieces, new.state) == (1, "delivered") and rails.stages()["paid"] == 4


def test_a_code_in_a_letter_not_yet_posted_waits(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    rails.printed()
    code = GiftCode.objects.filter(state="assigned").first()
    with pytest.raises(CannotRevoke, match="まだ差し出していない手紙"):
        ask_revoke(code, why="転出", actor=rails.staff["maker"], at=rails.at)


def test_the_issuers_report_marks_what_was_used(rails: OtherRails) -> None:
    made = rails.list_taken()
    rails.released_over("gift")
    rails.posted()
    serials = list(made.codes.values_list("serial", flat=True))
    sent = list(made.codes.filter(state="delivered").values_list("serial", flat=True))
    data = gifts.use_report(serials, sent[:3], rails.day)
    report = read_gift_report(made, data, actor=rails.staff["maker"], at=rails.at)
    assert (report.done, report.waiting) == (3, len(sent) - 3)
    assert read_gift_report(made, data, actor=rails.staff["maker"], at=rails.at).done == 0
    used = made.codes.filter(state="redeemed").first()
    with pytest.raises(CannotRevoke, match="利用登録済"):
        ask_revoke(used, why="紛失", actor=rails.staff["maker"], at=rails.at)
    stock = made.codes.filter(state="stock").first()
    with pytest.raises(
        GiftReportRefused, match=f"送っていないか失効させたコードが使われています（{stock.serial}"
    ):
        read_gift_report(made, gifts.use_report([stock.serial], [stock.serial], rails.day),
                         actor=rails.staff["maker"], at=rails.at)  # fmt: skip
    with pytest.raises(GiftReportRefused, match="この一覧にない管理番号"):
        read_gift_report(
            made, gifts.use_report(["X-1"], [], rails.day), actor=rails.staff["maker"], at=rails.at
        )
    with pytest.raises(GiftReportRefused, match="URLが入った一覧は取り込めません"):
        read_gift_report(
            made, gifts.gift_list(1, {10_000: 1}, expires_on=EXPIRES), actor=rails.staff["maker"], at=rails.at
        )


def test_what_nobody_used_comes_back_and_is_paid_as_a_retry_to_an_account(rails: OtherRails) -> None:
    rails.list_taken()
    batch = rails.released_over("gift")
    rails.posted()
    partly = Transfer.objects.filter(batch=batch).order_by("pk").first()
    assert partly is not None
    GiftCode.objects.filter(pk=partly.codes.order_by("pk").first().pk).update(
        state="redeemed", redeemed_at=rails.at
    )
    assert return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at).done == 0
    rails.later(900)
    assert expire_codes(programme=rails.programme, actor=rails.staff["maker"], at=rails.at).done > 0
    rails.reported()
    report = return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at)
    assert (report.done, [number for number, _ in report.refused]) == (3, [partly.number])
    assert rails.stages()["failed"] == 3 and rails.stages()["paid"] == 1
    returned = Transfer.objects.filter(batch=batch, state="returned")
    assert returned.count() == 3 and {one.result.reason for one in returned} == {"OTHER"}
    assert return_unclaimed(programme=rails.programme, actor=rails.staff["maker"], at=rails.at).done == 0


def test_only_who_may_take_codes_back_or_the_daily_round_ends_their_use(rails: OtherRails) -> None:
    made = rails.list_taken()
    rails.later(900)
    for nobody in ("printer", "manager", "officer"):
        with pytest.raises(CannotExpire, match="権限がありません"):
            expire_codes(programme=rails.programme, actor=rails.staff[nobody], at=rails.at)
        with pytest.raises(CannotReturn, match="権限がありません"):
            return_unclaimed(programme=rails.programme, actor=rails.staff[nobody], at=rails.at)
    assert not made.codes.filter(state="expired").exists()
    assert expire_codes(programme=rails.programme, actor=SYSTEM, at=rails.at).done == made.count


def test_the_stock_warns_before_it_is_short_and_before_codes_expire(rails: OtherRails) -> None:
    short = gift_stock(rails.programme, on=rails.day)
    assert sum(short.demand.values()) == 4 and any(one.stops for one in short.warnings)
    rails.list_taken()
    stock = gift_stock(rails.programme, on=rails.day)
    assert not stock.warnings and {row.value_yen: row.stock for row in stock.rows} == STOCK
    rails.released_over("gift")
    rails.posted()
    near = gift_stock(rails.programme, on=date(2029, 3, 1))
    assert not near.demand and {one.stops for one in near.warnings} == {False}
    assert any("未登録のまま" in one.sentence for one in near.warnings)


# --- incident T10: codes sent twice, one code to two people ----------------------------------------------------------------


def test_T10_a_letter_with_a_code_is_written_once(rails: OtherRails) -> None:
    """尼崎: the same letter went to people twice. A second letter with the same codes is refused by the database."""
    rails.list_taken()
    rails.released_over("gift")
    run = rails.posted()
    with pytest.raises((CannotPrintCodes, NothingToPrint)):
        make_gift_letters(programme=rails.programme, actor=rails.staff["printer"], at=rails.at)
    letter = run.letters.first()
    with pytest.raises(DatabaseError, match="a_letter_is_written_once_per_occasion"), transaction.atomic():
        run.letters.create(piece_no=99, case_id=letter.case_id, kind="gift", occasion=letter.occasion)


def test_T10_a_code_is_assigned_to_one_payment_for_good(rails: OtherRails) -> None:
    """豊中: one code was sent to two people. Its transfer cannot be changed, and the same address cannot come twice."""
    rails.list_taken()
    rails.released_over("gift")
    code, other = GiftCode.objects.filter(state="assigned").order_by("transfer_id")[::2][:2]
    other_transfer = Transfer.objects.filter(rail="gift").exclude(pk=code.transfer_id).first()
    for change in (
        {"transfer": other_transfer},
        {"state": "stock"},
        {"transfer": None},
        {"digest": other.digest},
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            GiftCode.objects.filter(pk=code.pk).update(**change)
    with pytest.raises(DatabaseError, match="never_deleted|permission denied"), transaction.atomic():
        GiftCode.objects.filter(pk=code.pk).delete()


def test_T10_a_code_sent_by_mistake_is_revoked_while_it_is_unused(rails: OtherRails) -> None:
    rails.list_taken()
    rails.released_over("gift")
    rails.posted()
    code = GiftCode.objects.filter(state="delivered").order_by("pk").first()
    assert revoked(rails, code).state == "revoked"
    with pytest.raises(DatabaseError, match="a_gift_code_moves_only_forward"), transaction.atomic():
        GiftCode.objects.filter(pk=code.pk).update(state="delivered")


# --- a code is seen by nobody --------------------------------------------------------------------------------------------


def test_no_code_stands_in_clear_in_any_table_file_or_log(rails: OtherRails, var_folder, caplog) -> None:
    caplog.set_level("DEBUG")
    rails.list_taken()
    addresses = urls_of(gifts.gift_list(1, STOCK, expires_on=EXPIRES))
    rails.released_over("gift")
    run = rails.posted()
    paths = [address.removeprefix(gifts.SITE) for address in addresses]
    for table, text in texts_of_the_database():
        assert not any(path in text for path in paths), table
    for file in var_folder.rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert not any(path.encode() in data for path in paths), file.name
            assert file.suffix != ".pdf" or "/D0" not in str(file)
    assert not any(path in caplog.text for path in paths)
    assert any(path in print_text(rails, run) for path in paths)


def texts_of_the_database() -> list[tuple[str, str]]:
    """Every row of every table of ours as text, bytes as hexadecimal and as the characters they may be."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select tablename from pg_tables where schemaname = 'public' and tablename like 'todoku_%'"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"select coalesce(string_agg(t::text, '\n'), '') from {table} t")
            text = cursor.fetchone()[0]
            found.append((table, text))
        cursor.execute("select string_agg(encode(sealed_url, 'escape'), '') from todoku_giftcode")
        found.append(("sealed_url", cursor.fetchone()[0]))
    return found


def print_text(rails: OtherRails, run) -> str:
    """What the 2D codes of the printed letters say."""
    pdf = pypdfium2.PdfDocument(print_file(run, actor=rails.staff["printer"], at=rails.at))
    said = []
    for page in range(len(pdf)):
        picture = pdf[page].render(scale=2.5, grayscale=True).to_pil()
        said += [found.text for found in zxingcpp.read_barcodes(picture)]
    return "\n".join(said)
