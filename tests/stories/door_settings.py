"""The product's own settings for a door served in a test: only the login is named, since a clone of the template
database keeps the template's roles.
"""

import os

from todoku.settings import *  # noqa: F403
from todoku.settings import DATABASES

DATABASES["default"]["USER"] = os.environ["TODOKU_TEST_USER"]
