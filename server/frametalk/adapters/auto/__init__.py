"""Adapters that choose the best engine that is installed, pulled and fast enough, else the embedded one."""
