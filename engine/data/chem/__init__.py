"""Molecules: RDKit does the chemistry here and nowhere else, and what leaves this room is arrays and text."""
