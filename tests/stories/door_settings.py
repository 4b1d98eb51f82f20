"""The product's own settings for a door served in a test: only the login is named, since a clone of the template
database keeps the template's roles; and its clock is the test's.
"""

import os

from tests.clock import follow
from todoku.settings import *  # noqa: F403
from todoku.settings import DATABASES

DATABASES["default"]["USER"] = os.environ["TODOKU_TEST_USER"]

follow()
