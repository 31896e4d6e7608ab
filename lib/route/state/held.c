#include "route/state/held.h"
#include "base/buf.h"
#include "route/state/pins.h"
#include "route/state/state.h"
#include "sql/class.h"
#include "sql/lexer.h"

#include <stdlib.h>
#include <string.h>

enum {
	NAMED = MI_CLASS_PIN_TEMPORARY | MI_CLASS_PIN_HANDLER,
	ITEMS_MAX = 256, /* of a session; what goes beyond is held without a name */
};

static void empty(struct mi_held_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i].name);
	free(list->items);
	*list = (struct mi_held_list){0};
}

static bool is(const struct mi_held_item *a, const struct mi_held_item *b)
{
	return a->pin == b->pin && strcmp(a->name, b->name) == 0;
}

/* ---- The plan ---- */

/* A temporary table is known by its database and name; a handler by one word. */
static void plan_one(struct mi_route_session *session, unsigned pin,
                     const struct mi_class_name *name)
{
	struct mi_held_list *plan = &session->held.plan;
	struct mi_held_item *item = mi_array_add(&plan->items, &plan->count, sizeof *item);
	unsigned modes = session->settings.modes;
	struct mi_buf text = {0};

	if (pin == MI_CLASS_PIN_TEMPORARY) {
		if (name->db.kind == MI_LEX_END)
			mi_buf_add_span(&text, mi_buf_span(&session->database.name));
		else
			mi_lexeme_value(&name->db, modes, &text);
		mi_buf_add_char(&text, '.');
	}
	mi_lexeme_value(&name->name, modes, &text);
	item->pin = pin;
	item->name = mi_strdup(mi_buf_cstr(&text));
	mi_buf_release(&text);
}

/* It may give a temporary table another name. */
static bool is_renaming(const struct mi_class_kind *kind)
{
	return kind->class == MI_CLASS_DEFINITION &&
	       (strcmp(kind->verb, "ALTER") == 0 || strcmp(kind->verb, "RENAME") == 0);
}

void mi_held_plan(struct mi_route_session *session, const struct mi_class_kind *kind)
{
	unsigned pin = (kind->pins | kind->releases) & NAMED;

	empty(&session->held.plan);
	session->held.gives_up = kind->releases & NAMED;
	if (session->pins & MI_CLASS_PIN_TEMPORARY && is_renaming(kind))
		session->held.unnamed |= MI_CLASS_PIN_TEMPORARY;
	/* one of several statements, or more than one kind: the names are not all */
	if (!pin || pin & (pin - 1) || kind->several || kind->more_names)
		return;
	for (unsigned i = 0; i < kind->name_count; i++)
		plan_one(session, pin, &kind->names[i]);
}

/* ---- What is held ---- */

static void drop(struct mi_held_list *has, const struct mi_held_item *item)
{
	for (size_t i = 0; i < has->count; i++) {
		if (!is(&has->items[i], item))
			continue;
		free(has->items[i].name);
		has->items[i] = has->items[--has->count];
		return;
	}
}

/* Takes the planned item over, unless it is there already. */
static void hold(struct mi_held *held, struct mi_held_item *item)
{
	struct mi_held_item *new;

	drop(&held->has, item);
	if (held->has.count >= ITEMS_MAX) {
		held->unnamed |= item->pin;
		return;
	}
	new = mi_array_add(&held->has.items, &held->has.count, sizeof *new);
	*new = *item;
	item->name = NULL;
}

static bool is_held(const struct mi_held *held, unsigned pin)
{
	for (size_t i = 0; i < held->has.count; i++)
		if (held->has.items[i].pin == pin)
			return true;
	return held->unnamed & pin;
}

void mi_held_done(struct mi_route_session *session, bool well)
{
	const struct mi_effects *effects = &session->command.effects;
	struct mi_held *held = &session->held;
	unsigned planned = 0;

	for (size_t i = 0; well && i < held->plan.count; i++) {
		struct mi_held_item *item = &held->plan.items[i];

		planned |= item->pin;
		if (!held->gives_up)
			hold(held, item);
		else
			drop(&held->has, item);
		if (held->gives_up && !is_held(held, item->pin))
			mi_pins_set(session, item->pin, false);
	}
	held->unnamed |= (well ? effects->pins & ~planned : effects->pins_failed) & NAMED;
	empty(&held->plan);
}

void mi_held_forget(struct mi_route_session *session)
{
	empty(&session->held.has);
	empty(&session->held.plan);
	session->held.unnamed = 0;
}
