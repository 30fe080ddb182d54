"""One file for each shell command."""
