"""What a value may be: dates, primitives, patterns, types of resources, units."""
