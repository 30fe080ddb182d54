"""Kith's window: shows what the engine knows and sends it work. It contains no science."""
