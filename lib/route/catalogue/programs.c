#include "route/catalogue/programs.h"
#include "base/buf.h"
#include "sql/class.h"
#include "sql/class_scan.h"
#include "sql/lexer.h"
#include "sql/program.h"
#include "sql/uses.h"

#include <stdint.h>
#include <stdlib.h>

enum { SLOTS_MIN = 64 };

static const char *const kind_names[MI_PROGRAM_KINDS] = {
    [MI_PROGRAM_VIEW] = "view",           [MI_PROGRAM_FUNCTION] = "function",
    [MI_PROGRAM_PROCEDURE] = "procedure", [MI_PROGRAM_TRIGGER] = "trigger",
    [MI_PROGRAM_LEFT_OUT] = "left-out",
};

/* An object, or a database (is_database: db is its name, and name is empty). */
struct entry {
	enum mi_program_kind kind;
	bool is_database, is_imported;
	char *db, *name; /* in lower case as far as ASCII goes */
	char *exact;     /* of a database: its name as it is */
	bool is_ascii;
	struct mi_buf body;
	bool has_body;
	unsigned modes;
	bool changes_itself;
	struct mi_program_effects read, write; /* of a statement that only reads; of another one */
	struct entry **uses;
	size_t use_count;
	struct entry *next; /* in its slot */
};

struct mi_programs {
	struct mi_class_rules server;
	bool any_case;
	struct entry **entries;
	size_t count;
	struct entry **slots; /* by db and name; made by settle */
	size_t slot_count;
	/* what the objects whose names are not all ASCII do together: a client's text may write
	 * them in other bytes */
	struct mi_program_effects foreign_letters;
	bool pins;
};

/* Of a procedure, and of what is run within a statement: functions, triggers and views can neither
 * define anything nor run text that is made as they run. */
static const struct mi_program_effects worst_in_statement = {
    .pins = MI_CLASS_PIN_STATE | MI_CLASS_PIN_USER_LOCK,
    .stays = true,
    .changes = true,
};
static const struct mi_program_effects worst = {
    .pins = MI_CLASS_PIN_STATE | MI_CLASS_PIN_USER_LOCK,
    .stays = true,
    .changes = true,
    .defines = true,
    .hidden = true,
};

static bool join(struct mi_program_effects *all, const struct mi_program_effects *more)
{
	struct mi_program_effects before = *all;

	all->pins |= more->pins;
	all->stays |= more->stays;
	all->changes |= more->changes;
	all->defines |= more->defines;
	all->hidden |= more->hidden;
	return before.pins != all->pins || before.stays != all->stays ||
	       before.changes != all->changes || before.defines != all->defines ||
	       before.hidden != all->hidden;
}

/* ---- Filling in ---- */

struct mi_programs *mi_programs_new(const struct mi_class_rules *server, bool any_case)
{
	struct mi_programs *programs = mi_alloc(sizeof *programs);

	programs->server = *server;
	programs->server.charset = MI_LEX_UTF8;
	programs->server.other_db = (struct mi_span){0};
	programs->server.system_db = false;
	programs->any_case = any_case;
	return programs;
}

void mi_programs_free(struct mi_programs *programs)
{
	if (!programs)
		return;
	for (size_t i = 0; i < programs->count; i++) {
		struct entry *entry = programs->entries[i];

		free(entry->db);
		free(entry->name);
		free(entry->exact);
		free(entry->uses);
		mi_buf_release(&entry->body);
		free(entry);
	}
	free(programs->entries);
	free(programs->slots);
	free(programs);
}

static char *lower(const char *name, bool *is_ascii)
{
	char *copy = mi_strdup(name);

	for (char *c = copy; *c; c++) {
		*is_ascii &= !((unsigned char)*c & 0x80);
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c | 0x20);
	}
	return copy;
}

static struct entry *add(struct mi_programs *programs, const char *db, const char *name)
{
	struct entry *entry = mi_alloc(sizeof *entry), **place;

	place = mi_array_add(&programs->entries, &programs->count, sizeof(void *));
	*place = entry;
	entry->is_ascii = true;
	entry->db = lower(db, &entry->is_ascii);
	entry->name = lower(name, &entry->is_ascii);
	return entry;
}

void mi_programs_add_database(struct mi_programs *programs, const char *name, bool is_imported)
{
	struct entry *entry = add(programs, name, "");

	entry->is_database = true;
	entry->is_imported = is_imported;
	entry->exact = mi_strdup(name);
}

void mi_programs_add(struct mi_programs *programs, enum mi_program_kind kind, const char *db,
                     const char *name, struct mi_span body, unsigned modes)
{
	struct entry *entry = add(programs, db, name);

	entry->kind = kind;
	entry->modes = modes;
	entry->has_body = body.data != NULL;
	mi_buf_add_span(&entry->body, body);
}

/* ---- Finding ---- */

static size_t hash(struct mi_span db, struct mi_span name)
{
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < db.len; i++)
		h = (h ^ (unsigned char)db.data[i]) * 1099511628211u;
	h = (h ^ 0xff) * 1099511628211u;
	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (unsigned char)name.data[i]) * 1099511628211u;
	return (size_t)(h ^ h >> 32);
}

static void make_slots(struct mi_programs *programs)
{
	programs->slot_count = SLOTS_MIN;
	while (programs->slot_count < programs->count * 2)
		programs->slot_count *= 2;
	programs->slots = mi_realloc_array(NULL, programs->slot_count, sizeof *programs->slots);
	memset(programs->slots, 0, programs->slot_count * sizeof *programs->slots);
	for (size_t i = 0; i < programs->count; i++) {
		struct entry *entry = programs->entries[i];
		size_t slot = hash(mi_span_str(entry->db), mi_span_str(entry->name)) &
		              (programs->slot_count - 1);

		entry->next = programs->slots[slot];
		programs->slots[slot] = entry;
	}
}

/* The first entry of that name, or the one after `after`. The names are in lower case. */
static struct entry *find(const struct mi_programs *programs, struct mi_span db,
                          struct mi_span name, const struct entry *after)
{
	struct entry *at =
	    after ? after->next : programs->slots[hash(db, name) & (programs->slot_count - 1)];

	while (at && !(mi_span_is(name, at->name) && mi_span_is(db, at->db)))
		at = at->next;
	return at;
}

/* ---- Databases ---- */

/* Is it imported, as it is written? */
static bool is_imported(const struct mi_programs *programs, struct mi_span exact,
                        struct mi_span lowered)
{
	struct entry *at = NULL;

	while ((at = find(programs, lowered, mi_span("", 0), at)))
		if (at->is_database && at->is_imported &&
		    (programs->any_case || mi_span_is(exact, at->exact)))
			return true;
	return false;
}

static bool is_other(const struct mi_programs *programs, struct mi_span lowered)
{
	struct entry *at = NULL;

	while ((at = find(programs, lowered, mi_span("", 0), at)))
		if (at->is_database && !at->is_imported)
			return true;
	return false;
}

static bool is_known(const struct mi_programs *programs, struct mi_span lowered)
{
	return find(programs, lowered, mi_span("", 0), NULL) != NULL;
}

/* ---- A text ---- */

/* What a text names, one name after another. */
struct look {
	const struct mi_programs *programs;
	struct mi_lexer lexer; /* at the text's beginning */
	struct mi_span db;     /* the default database, in lower case */
	bool reads;
	struct mi_program_effects effects;
	struct entry *user;            /* whose body it is; NULL: a client's statement */
	struct mi_buf qualifier, name; /* the ones in hand, in lower case */
	struct mi_buf passed; /* the last qualifier that was found to be a table or alias */
};

struct declared {
	struct mi_span what;
	struct mi_buf name;
	bool found;
};

static void find_declared(void *user, const struct mi_use *use)
{
	struct declared *declared = user;

	if (declared->found || use->call)
		return;
	mi_buf_reset(&declared->name);
	(void)mi_use_name(&use->name, &declared->name);
	declared->found = declared->name.len == declared->what.len &&
	                  memcmp(declared->name.data, declared->what.data, declared->what.len) == 0;
}

/* Is what stands before a point a table or an alias of the text? That stands there alone too, or
 * behind its database. */
static bool is_declared(const struct look *look, struct mi_span qualifier)
{
	struct declared declared = {.what = qualifier};

	(void)mi_uses_each(look->lexer, find_declared, &declared);
	mi_buf_release(&declared.name);
	return declared.found;
}

static bool is_passed(const struct look *look, struct mi_span qualifier)
{
	return look->passed.len == qualifier.len &&
	       memcmp(look->passed.data, qualifier.data, qualifier.len) == 0;
}

/* DB.NAME: a database that is not imported, or that nobody knows? */
static void look_at_qualifier(struct look *look, const struct mi_use *use)
{
	struct mi_span qualifier = mi_buf_span(&look->qualifier);
	struct mi_buf exact = {0};

	if (qualifier.len && is_passed(look, qualifier))
		return;
	mi_lexeme_value(&use->db, 0, &exact);
	if (is_imported(look->programs, mi_buf_span(&exact), qualifier)) {
		mi_buf_release(&exact);
		return;
	}
	mi_buf_release(&exact);
	if (is_other(look->programs, qualifier) || !is_declared(look, qualifier)) {
		look->effects.stays = true;
	} else {
		mi_buf_reset(&look->passed);
		mi_buf_add_span(&look->passed, qualifier);
	}
}

static void note_use(struct entry *user, struct entry *used)
{
	for (size_t i = 0; i < user->use_count; i++)
		if (user->uses[i] == used)
			return;
	*(struct entry **)mi_array_add(&user->uses, &user->use_count, sizeof(void *)) = used;
}

static bool is_meant(const struct entry *entry, const struct mi_use *use)
{
	if (entry->is_database)
		return false;
	if (entry->kind == MI_PROGRAM_PROCEDURE)
		return use->procedure;
	return entry->kind == MI_PROGRAM_FUNCTION ? use->call : true;
}

static void look_at_name(void *arg, const struct mi_use *use)
{
	struct look *look = arg;
	bool has_db = use->db.kind != MI_LEX_END, is_ascii;
	struct entry *at = NULL;
	struct mi_span db = look->db;
	bool found = false;

	mi_buf_reset(&look->qualifier);
	mi_buf_reset(&look->name);
	is_ascii = mi_use_name(&use->name, &look->name);
	if (has_db) {
		is_ascii &= mi_use_name(&use->db, &look->qualifier);
		db = mi_buf_span(&look->qualifier);
		look_at_qualifier(look, use);
	}
	while ((at = find(look->programs, db, mi_buf_span(&look->name), at))) {
		if (!is_meant(at, use))
			continue;
		found = true;
		if (look->user)
			note_use(look->user, at);
		else
			(void)join(&look->effects, look->reads ? &at->read : &at->write);
	}
	if (found)
		return;
	if (!is_ascii)
		(void)join(&look->effects, &look->programs->foreign_letters);
	if (has_db && (use->call || use->procedure) && !is_known(look->programs, db))
		(void)join(&look->effects, use->procedure ? &worst : &worst_in_statement);
}

static void look_at_text(struct look *look)
{
	if (!mi_uses_each(look->lexer, look_at_name, look))
		look->effects.stays = true;
	mi_buf_release(&look->qualifier);
	mi_buf_release(&look->name);
	mi_buf_release(&look->passed);
}

/* ---- Joining ---- */

/* What an object does by its own text, and which others it uses. */
static void read_entry(const struct mi_programs *programs, struct entry *entry)
{
	struct mi_class_rules rules = programs->server;
	struct mi_program_facts facts = {0};
	struct mi_class_kind kind;
	struct look look = {.programs = programs, .db = mi_span_str(entry->db), .user = entry};
	struct mi_span body = mi_buf_span(&entry->body);
	bool is_view = entry->kind == MI_PROGRAM_VIEW;
	bool is_procedure = entry->kind == MI_PROGRAM_PROCEDURE;

	if (entry->kind == MI_PROGRAM_LEFT_OUT) {
		entry->read.stays = true;
		return;
	}
	if (!entry->has_body) {
		entry->write = is_procedure ? worst : worst_in_statement;
		if (entry->kind != MI_PROGRAM_TRIGGER)
			entry->read = entry->write;
		return;
	}
	rules.modes = entry->modes;
	rules.system_db = mi_class_is_system(mi_span_str(entry->db));
	look.lexer = mi_lexer_for(body, rules.modes, rules.charset, rules.mariadb, rules.version);
	mi_program_read(look.lexer, &facts);
	mi_class_read(body, &rules, &kind);
	look_at_text(&look);
	entry->changes_itself = facts.changes;
	entry->write = look.effects;
	(void)join(&entry->write,
	           &(struct mi_program_effects){.pins = facts.pins,
	                                        .stays = !is_view || kind.class != MI_CLASS_READ,
	                                        .changes = facts.changes,
	                                        .defines = facts.defines && is_procedure,
	                                        .hidden = facts.hidden && is_procedure});
	if (facts.hidden)
		(void)join(&entry->write, is_procedure ? &worst : &worst_in_statement);
	if (entry->kind != MI_PROGRAM_TRIGGER)
		entry->read = entry->write;
}

/* True when something was new. */
static bool join_uses(struct entry *entry)
{
	bool grows = false;

	for (size_t i = 0; i < entry->use_count; i++) {
		const struct entry *used = entry->uses[i];
		struct mi_program_effects more =
		    entry->changes_itself || entry->kind == MI_PROGRAM_VIEW ? used->write
									    : used->read;

		if (entry->kind != MI_PROGRAM_PROCEDURE)
			more.defines = more.hidden = false;
		grows |= join(&entry->write, &more);
		if (entry->kind == MI_PROGRAM_VIEW)
			grows |= join(&entry->read, &used->read);
		else if (entry->kind != MI_PROGRAM_TRIGGER)
			grows |= join(&entry->read, &entry->write);
	}
	return grows;
}

void mi_programs_settle(struct mi_programs *programs)
{
	bool grows = true;

	make_slots(programs);
	for (size_t i = 0; i < programs->count; i++)
		if (!programs->entries[i]->is_database)
			read_entry(programs, programs->entries[i]);
	while (grows) {
		grows = false;
		for (size_t i = 0; i < programs->count; i++)
			grows |= join_uses(programs->entries[i]);
	}
	for (size_t i = 0; i < programs->count; i++) {
		const struct entry *entry = programs->entries[i];

		programs->pins |= entry->write.pins || entry->write.hidden;
		if (!entry->is_ascii)
			(void)join(&programs->foreign_letters, &entry->write);
		mi_buf_release(&programs->entries[i]->body);
	}
}

/* ---- Asking ---- */

struct mi_program_effects mi_programs_of(const struct mi_programs *programs, struct mi_span text,
                                         const struct mi_class_rules *rules, struct mi_span db,
                                         bool reads)
{
	struct mi_buf lowered = {0};
	struct look look = {
	    .programs = programs,
	    .lexer =
		mi_lexer_for(text, rules->modes, rules->charset, rules->mariadb, rules->version),
	    .reads = reads,
	};

	for (size_t i = 0; i < db.len; i++) {
		char c = db.data[i];

		mi_buf_add_char(&lowered, c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c);
	}
	look.db = mi_buf_span(&lowered);
	if (db.len && !is_imported(programs, db, look.db))
		look.effects.stays = true;
	look_at_text(&look);
	mi_buf_release(&lowered);
	return look.effects;
}

bool mi_programs_pin(const struct mi_programs *programs)
{
	return programs->pins;
}

size_t mi_programs_count(const struct mi_programs *programs, size_t *unread)
{
	size_t count = 0;

	*unread = 0;
	for (size_t i = 0; i < programs->count; i++) {
		const struct entry *entry = programs->entries[i];

		if (entry->is_database || entry->kind == MI_PROGRAM_LEFT_OUT)
			continue;
		count++;
		*unread += !entry->has_body;
	}
	return count;
}

static void print_effects(const struct entry *entry, struct mi_buf *text)
{
	const struct mi_program_effects *effects = &entry->write;
	const struct {
		bool on;
		const char *name;
	} flags[] = {
	    {!entry->has_body && entry->kind != MI_PROGRAM_LEFT_OUT, "unread"},
	    {entry->read.stays, "stays"},
	    {effects->changes, "writes"},
	    {effects->pins != 0, "pins"},
	    {effects->defines, "defines"},
	    {effects->hidden, "hidden"},
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (flags[i].on)
			mi_buf_addf(text, " %s", flags[i].name);
}

void mi_programs_print(const struct mi_programs *programs, struct mi_buf *text)
{
	static const struct mi_program_effects nothing = {0};

	for (size_t i = 0; i < programs->count; i++) {
		const struct entry *entry = programs->entries[i];
		struct mi_program_effects all = nothing;

		if (entry->is_database || (!join(&all, &entry->write) && !join(&all, &entry->read)))
			continue;
		mi_buf_addf(text, "%s %s.%s", kind_names[entry->kind], entry->db, entry->name);
		print_effects(entry, text);
		mi_buf_add_char(text, '\n');
	}
}
