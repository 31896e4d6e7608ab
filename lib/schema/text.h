/* What can be said about the text of a definition without a server. Names are quoted with
 * backquotes, as servers print them. */
#ifndef MI_SCHEMA_TEXT_H
#define MI_SCHEMA_TEXT_H

#include "base/buf.h"
#include "base/err.h"
#include "table/dbmap.h"

#include <stdbool.h>

/* Appends text with mapped databases renamed: names that are followed by a dot. alone: quoted ones
 * that stand alone too (for CREATE DATABASE); otherwise such a name is MI_DATA, because it may be
 * an alias or a table, and then its dots are not the database's. Without quotes a name that stands
 * alone is that only when it is also followed by a dot elsewhere. Nothing is looked for inside
 * strings. */
MI_MUST int mi_ddltext_rename(const char *text, const struct mi_map *map, bool alone,
                              struct mi_buf *out, struct mi_err *err);

/* Appends text so that two servers' texts of one definition are equal: without DEFINER = ...,
 * without qualifiers that are db or into, blanks outside quotes as one blank. */
void mi_ddltext_normalise(const char *text, const char *db, const char *into, struct mi_buf *out);

/* True when word (upper case) is the first of PROCEDURE and FUNCTION in the text. */
bool mi_ddltext_makes(const char *text, const char *word);

#endif
