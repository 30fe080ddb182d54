"""One file for each kind of field."""
