"""What a lab writes at its desk."""
