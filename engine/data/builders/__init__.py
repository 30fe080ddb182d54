"""From tables with roles to graphs."""
