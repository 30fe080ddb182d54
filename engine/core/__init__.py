"""The words everybody uses: errors, events, cancelling, components. Standard library and pydantic only."""
