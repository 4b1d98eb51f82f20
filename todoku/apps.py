"""The one Django app; its rooms are packages, its tables are gathered in models.py."""

from django.apps import AppConfig


class TodokuConfig(AppConfig):
    name = "todoku"
    label = "todoku"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "todoku"
