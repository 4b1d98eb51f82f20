"""The product's own settings for a door served in a test: the login is named, since a clone of the template database keeps
the template's roles; the clock is the test's; and the door goes to the database of the story at hand.
"""

import os

from tests.clock import follow
from todoku.settings import *  # noqa: F403
from todoku.settings import DATABASES, MIDDLEWARE

DATABASES["default"]["USER"] = os.environ["TODOKU_TEST_USER"]
MIDDLEWARE = ["tests.stories.stands_on.StandsOn", *MIDDLEWARE]

follow()
