"""One file a kind of feature column: how its cells become numbers, and what is remembered of it."""
