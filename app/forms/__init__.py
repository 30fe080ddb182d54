"""Forms made from JSON schemas: options in, checked values out."""
