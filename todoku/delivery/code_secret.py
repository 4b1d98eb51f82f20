"""The box of this installation's gift codes, with its secret from the settings. Nothing else reads that setting."""

from django.conf import settings

from todoku.delivery.code_box import CodeBox


def code_box() -> CodeBox:
    """Opens and locks gift codes by this installation's secret."""
    return CodeBox(settings.GIFT_CODE_SECRET)
