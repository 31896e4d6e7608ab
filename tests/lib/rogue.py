"""A server that is after passwords: rogue.py FOLDER. It offers no TLS, and asks for the password in one of the ways
that MySQL's protocol has, each at a port of its own. Writes FOLDER/ports, a line "WAY PORT" each, and FOLDER/WAY: what
each client sent after it was asked, a line of hexadecimal digits each."""
import os
import socket
import sys
import threading

from wire import *

NONCE = b'abcdefghij0123456789'
SWITCHES = {'sha256': b'sha256_password', 'clear': b'mysql_clear_password', 'dialog': b'dialog',
            'old': b'mysql_old_password'}
KEY = open(os.environ['ROGUE_KEY'], 'rb').read()


def read(stream):
    head = stream.read(4)
    if len(head) < 4:
        raise Gone()
    return head[3], stream.read(head[0] | head[1] << 8 | head[2] << 16)


def talk(stream, way, log):
    def send(seq, payload):
        stream.write(packet(seq + 1, payload))
        stream.flush()

    def take():
        seq, payload = read(stream)
        log.write(payload.hex() + '\n')
        log.flush()
        return seq, payload

    caps = PLAIN | WITH_DB | SESSION_TRACK | 0x2 | 0x4 | CONNECT_ATTRS | 0x200000
    hello = b'\x0a8.4.0\0' + struct.pack('<I', 7) + NONCE[:8] + b'\0'
    hello += struct.pack('<HBHHB10x', caps & 0xffff, 45, 2, caps >> 16, 21) + NONCE[8:] + b'\0'
    send(-1, hello + b'caching_sha2_password\0')
    seq, login = read(stream)
    if way == 'full':
        send(seq, b'\1\4')
    elif way == 'dialog':
        send(seq, b'\xfedialog\0\4Password: ')
    else:
        send(seq, b'\xfe' + SWITCHES[way] + b'\0' + NONCE + b'\0')
    seq, payload = take()
    if payload in (b'\1', b'\2'):  # asks for the key
        send(seq, b'\1' + KEY)
        seq, payload = take()
    send(seq, b'\xff\x15\x04#28000Access denied')


def serve(listener, way, log):
    while True:
        sock, _ = listener.accept()
        try:
            talk(sock.makefile('rwb'), way, log)
        except (Gone, OSError):
            pass
        sock.close()


ports = []
for way in ['full', *SWITCHES]:
    listener = socket.socket()
    listener.bind(('127.0.0.1', 0))
    listener.listen(16)
    ports.append('%s %d\n' % (way, listener.getsockname()[1]))
    log = open(os.path.join(sys.argv[1], way), 'w')
    threading.Thread(target=serve, args=(listener, way, log)).start()
with open(os.path.join(sys.argv[1], 'ports.new'), 'w') as out:
    out.writelines(ports)
os.rename(os.path.join(sys.argv[1], 'ports.new'), os.path.join(sys.argv[1], 'ports'))
