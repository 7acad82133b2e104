"""One step of the loop each, across rooms: read, call, store; no rules of their own."""
