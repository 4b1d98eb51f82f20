"""The words around a command's own where its readers are clerks and not engineers: its --help is Japanese throughout."""

import argparse
from collections.abc import Iterable
from typing import Any, NoReturn

USED_SO = "使い方: "
# The few complaints of the library that somebody meets who types a command.
COMPLAINTS = {
    "argument ": "", "unknown words": "知らない言葉です", "expected one argument": "すぐ後に値を書いてください",
    "ignored explicit argument": "値は書きません",
}  # fmt: skip


class _Text(argparse.RawDescriptionHelpFormatter):
    """The library's own layout with a Japanese word before the usage; written lines stay as they are."""

    def add_usage(
        self, usage: str | None, actions: Iterable[argparse.Action], groups: Iterable[Any], prefix: str | None = None
    ) -> None:  # fmt: skip
        super().add_usage(usage, actions, groups, USED_SO if prefix is None else prefix)


class JapaneseParser(argparse.ArgumentParser):
    """A parser whose help and complaints are Japanese. A command names it as PARSER and groups all its words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, formatter_class=_Text, **options)
        self.add_argument_group("説明").add_argument(
            "-h", "--help", action="help", help="この説明を表示して終わります"
        )

    def error(self, message: str) -> NoReturn:
        for english, japanese in COMPLAINTS.items():
            message = message.replace(english, japanese)
        self.exit(2, f"書き方を読み取れません（{message}）。\n{self.prog} --help で説明が出ます。\n")
