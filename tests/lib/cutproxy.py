#!/usr/bin/env python3
"""cutproxy.py PORT PORT-FILE [SEED [TEXT COUNT [PID-FILE]]]: a TCP proxy on 127.0.0.1 in front of PORT, for tests of lost
connections. Its own port goes into PORT-FILE once it listens. SIGUSR1 cuts every connection: a few
thousand bytes later, or after a tenth of a second of silence, in the middle of whatever is on its
way; every second cut is a reset, the others an end. With TEXT, what a client sends that contains it
is answered by the server, but the answer is lost, and the connection with it: COUNT times. With
PID-FILE the server is killed, too: the first time when its answer has come, the next time a moment
after it was asked, and so on in turn."""
import os
import random
import selectors
import signal
import socket
import struct
import sys
import time

MOST_BYTES, SILENCE, BLOCK = 8000, 0.1, 65536

upstream = int(sys.argv[1])
chance = random.Random(sys.argv[3] if len(sys.argv) > 3 else 0)
wait = selectors.DefaultSelector()
pairs = set()
asked = cuts = 0
text, to_lose = (sys.argv[4].encode(), int(sys.argv[5])) if len(sys.argv) > 5 else (None, 0)
pid_file = sys.argv[6] if len(sys.argv) > 6 else None
kills_when_asked = False


def kill_server():
    with open(pid_file, encoding='ascii') as file:  # the file is read each time: after a restart it names another process
        os.kill(int(file.read()), signal.SIGKILL)


class Pair:
    """Both sockets of one connection. left: bytes until the cut, None while there is none. loses: the
    server's answers are thrown away."""

    def __init__(self, client):
        server = socket.create_connection(('127.0.0.1', upstream), timeout=10)
        self.other = {client: server, server: client}
        self.client, self.loses = client, False
        self.left, self.until = None, 0
        for end in self.other:
            end.settimeout(30)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            wait.register(end, selectors.EVENT_READ, self)
        pairs.add(self)

    def close(self, reset=False):
        if self not in pairs:
            return
        pairs.discard(self)
        for end in self.other:
            wait.unregister(end)
            if reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            end.close()

    def cut(self):
        global cuts
        cuts += 1
        self.close(reset=cuts % 2 == 0)

    def look_for_text(self, data):
        global to_lose
        if to_lose > 0 and text in data:
            to_lose -= 1
            self.loses = True

    def lose_server(self):
        global kills_when_asked
        kills_when_asked = not kills_when_asked
        kill_server()
        self.cut()

    def move(self, end):
        try:
            data = end.recv(BLOCK)
            if not data:
                self.close()
                return
            if end is self.client:
                self.look_for_text(data)
                if self.loses and kills_when_asked:
                    self.other[end].sendall(data)
                    time.sleep(chance.randrange(2000) / 1e6)
                    self.lose_server()
                    return
            elif self.loses and pid_file:
                self.lose_server()
                return
            elif self.loses:
                # the answer is complete when the server has been silent for a while
                self.left, self.until = 0, time.monotonic() + SILENCE
                return
            if self.left is not None:
                data = data[:self.left]
                self.left -= len(data)
            self.other[end].sendall(data)
            if self.left == 0:
                self.cut()
        except OSError:
            self.close()


def ask(*_):
    global asked
    asked += 1


def main():
    global asked
    signal.signal(signal.SIGUSR1, ask)
    wake = socket.socketpair()
    for end in wake:
        end.setblocking(False)
    signal.set_wakeup_fd(wake[1].fileno())
    listener = socket.create_server(('127.0.0.1', 0), backlog=64)
    for end in (listener, wake[0]):
        wait.register(end, selectors.EVENT_READ)
    with open(sys.argv[2] + '.new', 'w', encoding='ascii') as file:
        file.write('%d\n' % listener.getsockname()[1])
    os.rename(sys.argv[2] + '.new', sys.argv[2])
    parent = os.getppid()
    while os.getppid() == parent:  # ends with its test, even one that fails
        for key, _ in wait.select(SILENCE / 2):
            if key.fileobj is wake[0]:
                wake[0].recv(64)
            elif key.fileobj is listener:
                client = listener.accept()[0]
                try:
                    Pair(client)
                except OSError:
                    client.close()  # the server cannot be reached: the client is hung up upon
            elif key.data in pairs:
                key.data.move(key.fileobj)
        now = time.monotonic()
        if asked:
            asked = 0
            for pair in pairs:
                if pair.left is None:
                    pair.left, pair.until = chance.randrange(1, MOST_BYTES), now + SILENCE
        for pair in [p for p in pairs if p.left is not None and now > p.until]:
            pair.cut()


main()
