"""Item models over plain tables: lazy, exact about rows, sorted away from the GUI thread."""
