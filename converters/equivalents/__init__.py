"""Fitted models rewritten into equal ones that JPMML's converter takes."""
