"""What every process of the bench has loaded before its work begins: imported once, then each step is a fork of it."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoku.settings")
django.setup()

import benches.steps  # noqa: E402, F401
