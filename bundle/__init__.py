"""The bundle: the format on disk, and the types both sides speak. See SPEC.md."""
