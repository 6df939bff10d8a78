"""The lake: Iceberg tables that Spark builds from, written by pyiceberg without a JVM."""
