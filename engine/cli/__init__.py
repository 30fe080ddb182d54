"""The shell commands: the same jobs as the window's, with text for people and JSON for machines."""
