#!/usr/bin/env python3
"""meddle.py PORT-FILE SERVER-PORT PATTERN SQL [COUNT]: stands between a client and its server (127.0.0.1,
without TLS). Before a statement in which PATTERN is found passes, SQL runs in the same session, and its
answer is swallowed: COUNT times (1). So a test changes what a session has written behind its back. Writes the
port that it listens on to PORT-FILE. Runs until it is killed."""
import os
import re
import socket
import sys
import threading

port_file, server_port = sys.argv[1], int(sys.argv[2])
pattern, sql = re.compile(sys.argv[3].encode(), re.DOTALL), sys.argv[4].encode()
left = int(sys.argv[5]) if len(sys.argv) > 5 else 1
guard = threading.Lock()
COM_QUERY, ERR = 3, 0xff


class Session:
    def __init__(self, client):
        self.client = client
        self.server = socket.create_connection(('127.0.0.1', server_port))
        self.swallow = threading.Event()
        self.swallowed = threading.Event()

    def exactly(self, end, n):
        out = b''
        while len(out) < n:
            more = end.recv(n - len(out))
            if not more:
                raise EOFError
            out += more
        return out

    def down(self):
        """From the server. A swallowed answer is one packet, and nothing else is on its way then."""
        try:
            while data := self.server.recv(1 << 16):
                if not self.swallow.is_set():
                    self.client.sendall(data)
                    continue
                while len(data) < 4 or len(data) < 4 + int.from_bytes(data[:3], 'little'):
                    data += self.server.recv(1 << 16)
                if data[4] == ERR:
                    print('meddle:', data[13:].decode(errors='replace'), file=sys.stderr, flush=True)
                self.swallow.clear()
                self.swallowed.set()
        except (OSError, EOFError):
            pass
        self.close()

    def meddle(self):
        self.swallowed.clear()
        self.swallow.set()
        self.server.sendall(len(sql + b'x').to_bytes(3, 'little') + b'\0' + bytes([COM_QUERY]) + sql)
        self.swallowed.wait(60)

    def up(self):
        global left
        try:
            while True:
                head = self.exactly(self.client, 4)
                body = self.exactly(self.client, int.from_bytes(head[:3], 'little'))
                if head[3] == 0 and body[:1] == bytes([COM_QUERY]) and pattern.search(body[:1 << 16]):
                    with guard:
                        now, left = left > 0, left - 1
                    if now:
                        self.meddle()
                self.server.sendall(head + body)
        except (OSError, EOFError):
            pass
        self.close()

    def close(self):
        for end in (self.client, self.server):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


listener = socket.create_server(('127.0.0.1', 0))
with open(port_file + '.new', 'w', encoding='ascii') as file:
    file.write('%d\n' % listener.getsockname()[1])
os.rename(port_file + '.new', port_file)
while True:
    session = Session(listener.accept()[0])
    threading.Thread(target=session.down, daemon=True).start()
    threading.Thread(target=session.up, daemon=True).start()
