"""What touches the world: sockets, wall clock, threads."""

__all__: list[str] = []
