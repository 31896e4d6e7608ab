/* Who calls at a loop's doors: of each address, how many of its connections have not logged in, and
 * of each address, and each user from there, how often a password was wrong lately. Addresses are
 * kept as numbers by a secret hash, and a bounded number of them. One thread uses it. */
#ifndef MI_ROUTE_AUTH_CALLERS_H
#define MI_ROUTE_AUTH_CALLERS_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct mi_callers;

struct mi_callers *mi_callers_new(void);
void mi_callers_free(struct mi_callers *callers); /* harmless on NULL */

/* The number of a client's address: of an IPv6 address the first 64 bits count, which are one
 * network's. A Unix socket's client is known by its user id. */
uint64_t mi_callers_address(const struct mi_callers *callers, const struct sockaddr *address,
                            socklen_t len);
uint64_t mi_callers_local(const struct mi_callers *callers, uid_t uid);

/* A connection that has not logged in has come from address, or is one no more. Returns how many
 * there are now. */
unsigned mi_callers_come(struct mi_callers *callers, uint64_t address);
unsigned mi_callers_go(struct mi_callers *callers, uint64_t address);

/* How long, in ms, a login of user from address is to wait before it is looked at: nothing as long
 * as passwords were wrong but a few times lately, else up to a second. A user who has logged in
 * from there waits only for mistakes made with that user's name. now: ms. */
unsigned mi_callers_delay(struct mi_callers *callers, uint64_t address, struct mi_span user,
                          uint64_t now);
void mi_callers_failed(struct mi_callers *callers, uint64_t address, struct mi_span user,
                       uint64_t now);
void mi_callers_logged_in(struct mi_callers *callers, uint64_t address, struct mi_span user,
                          uint64_t now);

#endif
