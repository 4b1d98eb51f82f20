"""`assets`: collects the packages of pages and letters and compiles translations, or locks them anew."""

import argparse

from todoku.ground import assets
from todoku.ground.places import var

HELP = "Collect design tokens, font and test tools into var/assets and compile translations into var/locale."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--lock", action="store_true", help="make package-lock.json anew from package.json")


def run(options: argparse.Namespace) -> int:
    if options.lock:
        assets.lock()
    done = assets.collect()
    compiled = assets.compile_catalogues()
    print(f"{var('assets')}: {'collected' if done else 'up to date'}; {compiled} translations compiled")
    return 0
