"""Graphs as arrays, and the kernels that run on them."""
