"""Apache Superset as code: its assets, how it is set up, and how it is served."""
