"""Measurements: the bulk steps as they are, the way of one object at a time, and the limit of the machine, side by side.

`./run bench` runs them in a sample database of their own. Nothing in todoku's rooms imports from here.
"""
