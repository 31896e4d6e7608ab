#!/usr/bin/env python3
"""turns.py SOCKET SERVER...: an address that leads to several servers in turn: each connection to the Unix socket
SOCKET goes to the next of the servers' Unix sockets. Ends when it is killed."""

import socket
import sys
import threading


def pour(source, into):
    try:
        while data := source.recv(65536):
            into.sendall(data)
        into.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def main():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen()
    count = 0
    while True:
        client, _ = listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(sys.argv[2 + count % (len(sys.argv) - 2)])
        count += 1
        for pair in ((client, server), (server, client)):
            threading.Thread(target=pour, args=pair, daemon=True).start()


main()
