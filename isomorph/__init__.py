"""The face of the project: everything public is named here."""
