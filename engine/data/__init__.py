"""From files to tables, and from tables with roles to graphs, features and splits."""
