/* The words of mi-stream(5), for the writer and the parser alone. */
#ifndef MI_STREAM_WORDS_H
#define MI_STREAM_WORDS_H

#include "stream/parse.h"

#define MI_TAG_HEADER "MI"
#define MI_TAG_TABLE "TABLE"
#define MI_TAG_COLUMN "COLUMN"
#define MI_TAG_KEY "KEY"
#define MI_TAG_FKEY "FKEY"
#define MI_TAG_EXPECT "EXPECT"
#define MI_TAG_DDL "DDL"
#define MI_TAG_CHUNK "CHUNK"
#define MI_TAG_ROW "R"
#define MI_TAG_TABLE_END "TABLEEND"
#define MI_TAG_BEGIN "BEGIN"
#define MI_TAG_INSERT "I"
#define MI_TAG_UPDATE "U"
#define MI_TAG_DELETE "D"
#define MI_TAG_COMMIT "COMMIT"
#define MI_TAG_ABORT "ABORT"
#define MI_TAG_XA "XA"
#define MI_TAG_STATEMENT "STATEMENT"
#define MI_TAG_SKIP "SKIP"
#define MI_TAG_PAST "PAST"
#define MI_TAG_HEARTBEAT "HEARTBEAT"
#define MI_TAG_END "END"

/* Third field of a BEGIN record. */
#define MI_BEGIN_XA "xa"

/* Attributes of a COLUMN record, blank-separated in one field. */
#define MI_WORD_UNSIGNED "unsigned"
#define MI_WORD_NULLABLE "nullable"
#define MI_WORD_AUTO_INCREMENT "auto_increment"
#define MI_WORD_INVISIBLE "invisible"
#define MI_WORD_VARIABLE "variable"
#define MI_WORD_PROVEN "proven"

/* Words of fields that name one of several. Each array is indexed by an enumeration, and ends with
 * NULL. */
extern const char *const mi_stream_kind_words[4];               /* by enum mi_stream_kind */
extern const char *const mi_key_kind_words[6];                  /* by enum mi_key_kind */
extern const char *const mi_ddl_setting_names[MI_DDL_SETTINGS]; /* by enum mi_ddl_setting: those of
                                                                   the variables */
extern const char *const mi_generated_words[4];                 /* by enum mi_generated */
extern const char *const mi_xa_words[4];                        /* by enum mi_xa_step */

#endif
