"""Bundle in, answers over HTTP out. Never imports a training library."""
