"""The demonstration: a real PostgreSQL server and a generated SiCooperativeDB to load from."""
