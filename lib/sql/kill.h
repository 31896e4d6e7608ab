/* KILL: the one statement that names a connection by its id, which is the router's towards its
 * clients. */
#ifndef MI_SQL_KILL_H
#define MI_SQL_KILL_H

#include "base/buf.h"
#include "sql/class_head.h"

#include <stdbool.h>
#include <stdint.h>

/* True for a text that is KILL [CONNECTION | QUERY] number and nothing else but white space,
 * comments and a semicolon at the end. *query: the second of them. Other forms (MariaDB's HARD,
 * SOFT, USER, QUERY ID; an expression) name nothing that is known here: false.
 *
 * Source: "KILL Statement" in the MySQL manual, "KILL" in the MariaDB knowledge base. */
bool mi_kill_text(struct mi_span text, bool *query, uint64_t *id);

/* What follows the word KILL, up to the statement's end: the number; 0: it has another form. */
uint64_t mi_head_kill(struct mi_head *head, bool *query);

#endif
