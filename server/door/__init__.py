"""The HTTP listener: Connect and gRPC-Web for browsers and curl, probes, metrics."""
