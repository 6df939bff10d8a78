"""The dbt project as lastro runs, asks and writes it."""
