"""Lands the events of a log, which may come by Kafka, by Kinesis or in files, exactly once."""
