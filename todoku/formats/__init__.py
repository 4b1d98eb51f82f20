"""Pure. Formats (書式): bytes and written forms in, plain values out. No room before this one but `ground`."""
