#!/usr/bin/env python3
"""speak.py SOCKET: sends standard input to a Unix socket as it is, and prints all that comes back."""
import socket
import sys

peer = socket.socket(socket.AF_UNIX)
peer.connect(sys.argv[1])
words = sys.stdin.buffer.read()
try:
    peer.sendall(words)
except BrokenPipeError:
    pass
while chunk := peer.recv(4096):
    sys.stdout.buffer.write(chunk)
