#!/usr/bin/env python3
"""Stands in for a router: listens at the Unix socket PATH and appends each line that it gets to FILE.

    listen.py PATH FILE

Whole lines alone; "connected" and "closed" say when a follower came and went."""
import os
import socket
import sys

path, out = sys.argv[1:3]
if os.path.exists(path):
    os.unlink(path)
server = socket.socket(socket.AF_UNIX)
server.bind(path)
server.listen(1)
with open(out, "a", buffering=1, encoding="ascii") as log:
    while True:
        peer, _ = server.accept()
        log.write("connected\n")
        rest = b""
        while True:
            try:
                got = peer.recv(65536)
            except ConnectionResetError:
                got = b""
            if not got:
                break
            *lines, rest = (rest + got).split(b"\n")
            for line in lines:
                log.write(line.decode("ascii") + "\n")
        log.write("closed\n")
        peer.close()
