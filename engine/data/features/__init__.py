"""One file a kind of feature: how its cells become numbers, and what is remembered of it."""
