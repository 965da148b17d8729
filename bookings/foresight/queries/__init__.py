"""What a lab looks at before it changes its terms, and who is concerned when it has."""
