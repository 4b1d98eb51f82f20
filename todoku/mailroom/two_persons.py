"""Pure. The rule of two (二人で行う): paper and valuables change hands before two persons, each with an id of their own."""

from todoku.ground.step import Refusal
from todoku.people.access import may
from todoku.people.actor import Actor


class NotTwoPersons(Refusal):
    """The second person is missing, is the first one again, or does not work here."""


def two_persons(first: Actor, second: Actor, *, action: str = "mail.view") -> tuple[int, int]:
    """The ids of both. Raises NotTwoPersons; `action` is what the second must be allowed to do."""
    if first.id is None or second.id is None:
        raise NotTwoPersons("二人で行う作業です。立ち会う職員を選び、本人がパスワードを入力してください。")
    if first.id == second.id:
        raise NotTwoPersons("二人で行う作業です。自分とは別の職員を選んでください。")
    if second.organisation != "office" or not may(second.roles, action):
        raise NotTwoPersons(
            "立ち会えるのは、郵便室の作業ができる事務局の職員だけです。別の職員を選んでください。"
        )
    return first.id, second.id
