"""Finding: the catalogue's list and map, help while typing, and instruments side by side."""
