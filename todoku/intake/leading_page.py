"""Asks whether the leading page of a key task still belongs to its case: an undo at 読取 may have taken it away."""

from todoku.ground.step import Refusal
from todoku.intake.tables import KeyTask


class PageMoved(Refusal):
    """The paper under the task is another household's by now, or waits at 読取."""


def ask_page_stands(task: KeyTask) -> None:
    """Passes where the leading page is read and the task's case is still its own. Raises PageMoved."""
    if task.page.case_id != task.case_id or task.page.state != "read":
        raise PageMoved(
            "この紙は、いまはこの番号のものではありません（読取で取り消されました）。"
            "「入力できないとき」で保留にし、打鍵の一覧で「処理済みにする」を押してください。"
        )
