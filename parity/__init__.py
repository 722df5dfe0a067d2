"""The proof: rows to try, ways to run a bundle, comparison, verdict, report."""
