"""Recipes, runs and projects on disk."""
