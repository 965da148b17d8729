"""How fast the platform is, each figure beside the bare SQL that does the same: `make bench`."""
