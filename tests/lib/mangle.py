#!/usr/bin/env python3
"""mangle.py PORT-FILE SERVER-PORT ACTION NUMBER: stands between a reader of binary logs and its server
(127.0.0.1, without TLS) and does ACTION once, to the rows event of that NUMBER; everything else
passes. Writes the port that it listens on to PORT-FILE. Runs until it is killed."""
import os
import socket
import struct
import sys
import threading
import zlib

COM_DUMPS = (18, 30)
ROWS = set(range(23, 26)) | set(range(30, 33)) | {39}
UNKNOWN, START_ENCRYPTION = 99, 164
ACTIONS = ('unknown', 'ignorable', 'encryption', 'checksum', 'truncate', 'longer', 'cut', 'empty', 'lost')

port_file, server_port, action, number = sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
assert action in ACTIONS
done = threading.Event()


def packet(seq, payload):
    return struct.pack('<I', len(payload))[:3] + bytes([seq]) + payload


def signed(event):
    """The event with its size and checksum corrected."""
    event = event[:9] + struct.pack('<I', len(event)) + event[13:]
    return event[:-4] + struct.pack('<I', zlib.crc32(event[:-4]))


def mangled(event):
    """What is sent in the event's place: events, and whether the connection then ends."""
    other = event[:4] + bytes([UNKNOWN]) + event[5:]
    if action == 'unknown':
        return [signed(other)], False
    if action == 'ignorable':
        return [signed(other[:17] + struct.pack('<H', 0x80) + other[19:]), event], False
    if action == 'encryption':
        return [signed(event[:4] + bytes([START_ENCRYPTION]) + event[5:19] + b'\x01' + bytes(16) + event[-4:]), event], False
    if action == 'checksum':
        return [event[:25] + bytes([event[25] ^ 4]) + event[26:]], False
    if action == 'truncate':
        return [event[:-10]], False
    if action == 'longer':
        return [event + b'more'], False
    if action == 'empty':
        return [b''], False
    return [event], True  # cut: the caller sends half of the event; lost: the whole event, and nothing after it


def take(source, size):
    data = b''
    while len(data) < size:
        got = source.recv(size - len(data))
        if not got:
            raise EOFError
        data += got
    return data


def from_server(server, client, dumping):
    rows = 0
    try:
        while True:
            head = take(server, 4)
            payload = take(server, int.from_bytes(head[:3], 'little'))
            event = payload[1:]
            if dumping.is_set() and payload[:1] == b'\0' and len(event) > 19 and event[4] in ROWS:
                rows += 1
                if rows == number and not done.is_set():
                    done.set()
                    events, end = mangled(event)
                    for n, one in enumerate(events):
                        out = packet((head[3] + n) % 256, b'\0' + one)
                        client.sendall(out[:len(out) // 2] if action == 'cut' else out)
                    if end:
                        break
                    continue
            client.sendall(head + payload)
    except (EOFError, OSError):
        pass
    for one in (server, client):
        try:
            one.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def from_client(client, server, dumping):
    try:
        while True:
            head = take(client, 4)
            payload = take(client, int.from_bytes(head[:3], 'little'))
            if head[3] == 0 and payload and payload[0] in COM_DUMPS:
                dumping.set()
            server.sendall(head + payload)
    except (EOFError, OSError):
        pass


listener = socket.create_server(('127.0.0.1', 0))
with open(port_file + '.new', 'w') as out:
    print(listener.getsockname()[1], file=out)
os.rename(port_file + '.new', port_file)
while True:
    near, _ = listener.accept()
    far = socket.create_connection(('127.0.0.1', server_port))
    flag = threading.Event()
    threading.Thread(target=from_server, args=(far, near, flag), daemon=True).start()
    threading.Thread(target=from_client, args=(near, far, flag), daemon=True).start()
