"""Scan (読取): a scanner's files become pages with their code, ticks, pictures of fields and what is wrong with them.

Nothing here decides about a case: whose page it is, what stands in it and whether it counts is for intake and a person.
"""
