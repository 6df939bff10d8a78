"""Extracts a PostgreSQL database: what is new, changed or gone since the last time."""
