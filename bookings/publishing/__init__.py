"""What others may take along: the open catalogue as data, and where search engines find the public pages."""
