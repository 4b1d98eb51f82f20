"""A step reports what it did, or refuses in a sentence."""

from todoku.ground.step import Refusal, Report, total


def test_a_report_accounts_for_everything_that_came_in() -> None:
    report = Report(done=7, waiting=2, refused=(("行 3", "金融機関コードがありません。"),))
    assert report.came_in == 10


def test_chunks_of_one_step_add_up_to_one_report() -> None:
    chunks = [
        Report(done=3),
        Report(done=4, waiting=1, note="後半"),
        Report(refused=(("行 9", "二重です。"),)),
    ]
    assert total(chunks) == Report(done=7, waiting=1, refused=(("行 9", "二重です。"),), note="後半")


def test_a_refusal_says_its_sentence_and_its_remedy() -> None:
    refusal = Refusal("締切を過ぎています。", remedy="市に延長を確かめてください。")
    assert (refusal.sentence, refusal.remedy, str(refusal)) == (
        "締切を過ぎています。",
        "市に延長を確かめてください。",
        "締切を過ぎています。",
    )
