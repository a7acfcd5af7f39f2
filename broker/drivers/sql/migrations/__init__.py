"""How the tables of a store became what they are: a folder for each store, a file for each revision (Alembic)."""
