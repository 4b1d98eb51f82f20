"""`needs`: prints every unmet need, one line each. Installs and changes nothing."""

import argparse

from todoku.ground import needs

HELP = "Say what this machine lacks, one line for each need, with what to install."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--browser", action="store_true", help="count the browser of the tests as a need")


def run(options: argparse.Namespace) -> int:
    found = needs.unmet()
    if options.browser and needs.chromium() is None:
        found.append(needs.Need("テスト用のブラウザー（Chromium）", needs.chromium_remedy()))
    for need in found:
        print(need)
    if not found:
        print("足りないものはありません。")
    return 1 if found else 0
