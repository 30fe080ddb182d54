"""The compiled renderer: a process of its own that turns arrays into pictures. Nothing here loads Qt."""
