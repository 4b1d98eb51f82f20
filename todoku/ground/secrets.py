"""Puts the installation's secrets where settings.py and the doors read them: into the environment of this process.

Comes in: variables that the operator set, which win, or files of secret_files. A secret has no default.
"""

import os

from todoku.ground.secret_files import secret

NAMES = (
    "TODOKU_SECRET_KEY",
    "TODOKU_LOOKUP_SECRET",
    "TODOKU_LETTER_KEY_SECRET",
    "TODOKU_GIFT_CODE_SECRET",
    "TODOKU_OWNER_PASSWORD",
    "TODOKU_OFFICE_PASSWORD",
    "TODOKU_PUBLIC_PASSWORD",
)
# What the public door's process must not hold: with the secret of the letters it could make keys, with that of the codes
# open them, with the others sign in.
NOT_FOR_RESIDENT_DOOR = (
    "TODOKU_LETTER_KEY_SECRET",
    "TODOKU_GIFT_CODE_SECRET",
    "TODOKU_OWNER_PASSWORD",
    "TODOKU_OFFICE_PASSWORD",
)


def load() -> None:
    """Sets every name of NAMES that the environment does not hold yet."""
    for name in NAMES:
        if not os.environ.get(name):
            os.environ[name] = secret(name.lower().replace("_", "-"))
