/* What is said where a password would have to be shown over a connection that anybody on the way
 * can read or answer: TCP without TLS, and the server's public key not known beforehand. Stock
 * clients say "Authentication requires secure connection" (2061). */
#ifndef MI_PASSWORD_OPEN_LINE_H
#define MI_PASSWORD_OPEN_LINE_H

extern const char mi_auth_open_line[];      /* what is refused, and why */
extern const char mi_auth_open_line_hint[]; /* what to do */

#endif
