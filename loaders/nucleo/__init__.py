"""Ground that the rest stands on: errors, settings, keys, files, waiting. It knows nothing else."""
