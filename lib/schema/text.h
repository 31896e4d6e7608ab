/* The text of a definition, read and rewritten without a server: databases renamed, two servers'
 * texts made comparable. Names are quoted with backquotes, as servers print them. */
#ifndef MI_SCHEMA_TEXT_H
#define MI_SCHEMA_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "table/dbmap.h"

#include <stdbool.h>

/* Appends in utf8mb4 what bytes are in charset, as a server says, which user leads to. */
typedef int mi_recode_fn(void *user, struct mi_span charset, struct mi_span bytes,
                         struct mi_buf *text, struct mi_err *err);

/* Appends text with mapped databases renamed, where their name is followed by a dot. A mapped name
 * in quotes without a dot is renamed, too, with alone (for CREATE DATABASE); else it is an alias, a
 * table or a column, and stays; but where it also occurs with a dot, which may then mean either, it
 * is MI_DATA. So is such a name without quotes. Nothing is looked for inside strings. */
MI_MUST int mi_ddltext_rename(const char *text, const struct mi_map *map, bool alone,
                              struct mi_buf *out, struct mi_err *err);

/* Appends text in a form in which two servers' texts of one definition are equal: without DEFINER =
 * ..., without qualifiers that are db or into, without comments and a semicolon at the end, with
 * one blank after each token. Text that cannot be taken apart loses its definer only. */
void mi_ddltext_normalise(const char *text, const char *db, const char *into, struct mi_buf *out);

/* What kind of routine the text makes, by its head: "PROCEDURE", "FUNCTION", MariaDB's "PACKAGE" or
 * "PACKAGE BODY"; NULL: none. */
const char *mi_ddltext_routine(const char *text);

#endif
