"""A made-up town (見本の町): from a seed and a size, everything that the outside world would hand over.

Only source of sample people. Takes a seed, a size and a municipality; leaves files as a municipality,
residents and a bank would send them. Knows no database and no page: what it writes comes in by the
ordinary doors.
"""
