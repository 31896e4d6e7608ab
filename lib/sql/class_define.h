/* CREATE, ALTER, DROP, RENAME and TRUNCATE, classified. Part of sql/class.c; nobody else includes
 * this header. */
#ifndef MI_SQL_CLASS_DEFINE_H
#define MI_SQL_CLASS_DEFINE_H

#include "sql/class.h"
#include "sql/class_head.h"

#include <stdbool.h>

/* Appends a name, perhaps with its database's before it, to those of the statement. */
bool mi_head_add_name(struct mi_head *head);

/* CREATE, ALTER, DROP, RENAME, TRUNCATE: head is behind the verb. */
void mi_define_create(struct mi_head *head);
void mi_define_alter(struct mi_head *head);
void mi_define_drop(struct mi_head *head);
void mi_define_rename(struct mi_head *head);
void mi_define_truncate(struct mi_head *head);

/* May it change what views, programs and triggers there are, or which tables have triggers? */
bool mi_define_redefines(const struct mi_class_kind *kind);

/* Do statements follow that have semicolons of their own? */
bool mi_define_has_body(const struct mi_class_kind *kind);

#endif
