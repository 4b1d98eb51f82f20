"""Passwords of tests: the same algorithm with the least work, so that a thousand sample accounts cost no minutes.

A hash carries its own parameters: the doors that a story serves, with the product's settings, read it as any other.
"""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    """Argon2 with one round over eight kibibytes. Never named outside the tests."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
