"""A lifelike demo: invented labs, instruments and people of Guangzhou, and how they come into the database."""
