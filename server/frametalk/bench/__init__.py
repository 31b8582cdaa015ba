"""The latency instrument: real sockets, real time, engines of known cost, honest percentiles."""
