"""What an instrument can measure: quantity, range, unit, uncertainty; comparable across units."""
