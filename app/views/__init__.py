"""One file for each view; a view gets the session and nothing else."""
