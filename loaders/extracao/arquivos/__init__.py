"""Delivered files: where they lie, what their bytes are, which rows they hold, how they write."""
