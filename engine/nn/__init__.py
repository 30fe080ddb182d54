"""Encoders, heads and the sparse operators under them."""
