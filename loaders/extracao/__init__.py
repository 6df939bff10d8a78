"""Lands sources in raw: an engine for each kind of source, told by its contract."""
