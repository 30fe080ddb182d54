"""The picture of a graph or a scatter: plain arrays in, one widget out."""
