/* Whether a server has made what it was told to make. It prints a definition in a form of its own:
 * other blanks, brackets, words. But it must name the same things and hold the same texts and
 * numbers, in the same order; what is lost or changed in silence is one of these. */
#ifndef MI_SCHEMA_MEANT_H
#define MI_SCHEMA_MEANT_H

#include "base/buf.h"
#include "base/err.h"
#include "schema/text.h"

#include <stdbool.h>

/* meant is the CREATE TABLE statement that ran, made what SHOW CREATE TABLE says after it. Looked
 * at: each column's attributes (not its type), keys, CHECKs, the comment and partitions.
 * MI_DATA when they differ, naming the part and both texts. A statement that is not in the form of
 * SHOW CREATE TABLE, which all of mi-schema's are, is not compared. recode is the server's, for
 * texts in other character sets, which MySQL prints as they are; its errors come through. */
MI_MUST int mi_meant_table(const char *meant, const char *made, mi_recode_fn *recode, void *user,
                           struct mi_err *err);

/* The same of one clause of an ALTER TABLE, "ADD KEY ..."; made is what SHOW CREATE TABLE says
 * after it. */
MI_MUST int mi_meant_key(const char *meant, const char *made, mi_recode_fn *recode, void *user,
                         struct mi_err *err);

/* The same of a view, routine, trigger or event: both hold the same texts. (Heads are printed anew,
 * and views altogether; the bodies of programs servers keep as they are.) modes: enum mi_lex_mode
 * of its sql_mode. may_add: the server adds texts of its own, such as an event's STARTS. */
MI_MUST int mi_meant_object(const char *meant, const char *made, unsigned modes, bool may_add,
                            struct mi_err *err);

#endif
