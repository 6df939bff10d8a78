"""The demonstration: a real PostgreSQL server and generated databases and files to load from."""
