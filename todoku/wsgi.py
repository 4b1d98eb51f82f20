"""The WSGI application of one door; TODOKU_DOOR says which."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoku.settings")
application = get_wsgi_application()
