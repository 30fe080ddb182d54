"""Work as plain data: one job kind a file, run by an executor."""
