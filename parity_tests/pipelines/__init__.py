"""Fitted pipelines, from literal tables, one file for each family of estimators."""
