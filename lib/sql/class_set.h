/* SET statements: what sql/class.c asks, and nobody else. The settings themselves are walked with
 * mi_class_set_next (sql/class.h). */
#ifndef MI_SQL_CLASS_SET_H
#define MI_SQL_CLASS_SET_H

#include "base/buf.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <stdbool.h>

struct mi_set_facts {
	enum mi_class class; /* SET, GLOBAL, ACCOUNT, or WRITE: not understood, or it pins */
	unsigned pins;
	bool next_only; /* one is of the next transaction alone */
	bool trackers;  /* session trackers are set */
};

/* settings begins after the word SET. */
void mi_set_read(struct mi_lexer settings, const struct mi_class_rules *rules,
                 struct mi_set_facts *facts);

/* The next setting of a MI_CLASS_SET statement's kind.settings; false at the end. */
bool mi_class_set_next(struct mi_lexer *settings, struct mi_class_setting *setting);

/* session_track_*. */
bool mi_class_is_tracker(struct mi_span name);

#endif
