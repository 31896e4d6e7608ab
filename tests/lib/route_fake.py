"""A server that lets everybody in and then misbehaves as the statement says; prints its port, and a
line for each statement of the application's."""
import sys

from wire import *


def on_command(sock, payload):
    text = payload[1:].decode(errors='replace')
    print('got', text, flush=True)
    if payload == b'':
        return packet(3, OK)  # the OK that follows the client's file
    if 'FILE' in text:
        return packet(1, b'\xfb/etc/passwd')
    if 'DIE' in text:
        return None
    if 'GARBAGE' in text:
        return packet(1, b'\x00')
    if 'HALF' in text:
        sock.sendall(packet(1, b'\x01') + packet(2, b'x' * 100)[:50])
        return None
    return packet(1, OK)


server = FakeServer(on_command)
print(server.port, flush=True)
server.serve()
