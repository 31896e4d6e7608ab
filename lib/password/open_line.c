#include "password/open_line.h"

const char mi_auth_open_line[] =
    "the server asks for the password itself, over a connection without TLS: whoever answers there "
    "in its place would learn it, so it was not sent";
const char mi_auth_open_line_hint[] =
    "set ssl-mode=REQUIRED or stricter, or connect by the Unix socket, or give the server's own "
    "key "
    "(public_key.pem of its data directory) in server-public-key-path";
