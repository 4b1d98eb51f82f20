"""Formats (書式): bytes and written forms in, plain values out. Pure: this room never imports Django."""
