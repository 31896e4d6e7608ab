#include "route/state/stmt.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "route/state/pins.h"
#include "route/state/state.h"

#include <stdlib.h>

enum {
	COUNT_AVAILABLE = 8, /* a flag of COM_STMT_EXECUTE: PARAMETER_COUNT_AVAILABLE */
};

struct mi_route_stmts {
	struct mi_route_stmt **items; /* sorted by id */
	size_t count, room;
	uint64_t memory; /* bytes of the kept texts and parameter types */
	char *pending;   /* the text of the prepare that runs */
	size_t pending_len;
};

static struct mi_route_stmts *stmts_of(struct mi_route_session *session)
{
	if (!session->stmts)
		session->stmts = mi_alloc(sizeof *session->stmts);
	return session->stmts;
}

/* The index at which id is, or would be inserted. */
static size_t place(const struct mi_route_stmts *stmts, uint32_t id)
{
	size_t low = 0, high = stmts->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (stmts->items[mid]->id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct mi_route_stmt *mi_route_stmt_find(struct mi_route_session *session, uint32_t id)
{
	struct mi_route_stmts *stmts = session->stmts;
	size_t at;

	if (!stmts)
		return NULL;
	if (id == UINT32_MAX)
		id = session->last_stmt;
	at = place(stmts, id);
	return at < stmts->count && stmts->items[at]->id == id ? stmts->items[at] : NULL;
}

static struct mi_route_stmt *add_stmt(struct mi_route_session *session)
{
	struct mi_route_stmts *stmts = stmts_of(session);
	struct mi_route_stmt *stmt = mi_alloc(sizeof *stmt);

	if (stmts->count == stmts->room) {
		stmts->room = stmts->room ? stmts->room * 2 : 4;
		stmts->items = mi_realloc_array(stmts->items, stmts->room, sizeof *stmts->items);
	}
	stmts->items[stmts->count++] = stmt;
	stmt->id = ++session->last_stmt;
	return stmt;
}

void mi_route_stmt_begin(struct mi_route_session *session, struct mi_span text)
{
	struct mi_route_stmts *stmts = stmts_of(session);

	free(stmts->pending);
	stmts->pending = NULL;
	stmts->pending_len = 0;
	if (!text.data || text.len > session->route->limits.statement_memory - stmts->memory)
		/* too long to keep: the statement can only be executed where it is prepared */
		return;
	stmts->pending = mi_strndup(text.data, text.len);
	stmts->pending_len = text.len;
}

void mi_route_stmt_prepared(struct mi_backend *back, char *packet)
{
	struct mi_route_stmts *stmts = stmts_of(back->session);
	struct mi_route_stmt *stmt = add_stmt(back->session);
	char *payload = packet + MI_PACKET_HEADER;

	stmt->server_id[back->side] = mi_get_u32(payload + 1);
	stmt->columns = mi_get_u16(payload + 5);
	stmt->params = mi_get_u16(payload + 7);
	stmt->home = stmt->last = back->side;
	stmt->text = stmts->pending;
	stmt->text_len = stmts->pending_len;
	stmt->fixed = !stmt->text;
	stmts->memory += stmt->text_len;
	stmts->pending = NULL;
	mi_put_u32(payload + 1, stmt->id);
}

bool mi_route_stmt_prepared_again(struct mi_backend *back, const char *packet)
{
	struct mi_route_stmt *stmt = mi_route_stmt_find(back->session, back->prepared.asked_stmt);
	const char *payload = packet + MI_PACKET_HEADER;

	if (!stmt)
		return true;
	stmt->server_id[back->side] = mi_get_u32(payload + 1);
	stmt->types_sent[back->side] = false;
	if (stmt->params == mi_get_u16(payload + 7))
		return true;
	if (mi_back_is_writer(back))
		stmt->fixed = true;
	else
		stmt->writer_only = true;
	return false;
}

void mi_route_stmts_pin(struct mi_route_session *session)
{
	struct mi_route_stmts *stmts = session->stmts;
	bool cursor = false, long_data = false;

	for (size_t i = 0; stmts && i < stmts->count; i++) {
		cursor |= stmts->items[i]->cursor;
		long_data |= stmts->items[i]->long_data;
	}
	mi_pins_set(session, MI_PIN_CURSOR, cursor);
	mi_pins_set(session, MI_PIN_LONG_DATA, long_data);
}

void mi_route_stmt_executed(struct mi_route_session *session, uint32_t id, uint16_t status)
{
	struct mi_route_stmt *stmt = mi_route_stmt_find(session, id);

	if (!stmt)
		return;
	stmt->cursor = status & MI_STATUS_CURSOR_EXISTS && !(status & MI_STATUS_LAST_ROW_SENT);
	mi_route_stmts_pin(session);
}

static void free_stmt(struct mi_route_stmt *stmt)
{
	free(stmt->text);
	free(stmt->types);
	free(stmt);
}

void mi_route_stmt_forget(struct mi_route_session *session, struct mi_route_stmt *stmt)
{
	struct mi_route_stmts *stmts = session->stmts;
	size_t at = place(stmts, stmt->id);

	stmts->count--;
	memmove(stmts->items + at, stmts->items + at + 1,
	        (stmts->count - at) * sizeof *stmts->items);
	stmts->memory -= stmt->text_len + stmt->types_len;
	free_stmt(stmt);
}

void mi_route_stmts_lost(struct mi_backend *back)
{
	struct mi_route_stmts *stmts = back->session->stmts;

	for (size_t i = 0; stmts && i < stmts->count; i++) {
		struct mi_route_stmt *stmt = stmts->items[i];

		stmt->server_id[back->side] = 0;
		stmt->types_sent[back->side] = false;
		if (stmt->last == back->side)
			stmt->cursor = false;
		if (stmt->home == back->side)
			stmt->long_data = false;
	}
	mi_route_stmts_pin(back->session);
}

void mi_route_stmts_free(struct mi_route_session *session)
{
	struct mi_route_stmts *stmts = session->stmts;

	if (!stmts)
		return;
	for (size_t i = 0; i < stmts->count; i++)
		free_stmt(stmts->items[i]);
	free(stmts->items);
	free(stmts->pending);
	free(stmts);
	session->stmts = NULL;
}

/* ---- COM_STMT_EXECUTE ---- */

/* How long a block of count types is: two bytes each, and a name each with QUERY_ATTRIBUTES. */
static bool types_length(struct mi_bytes in, uint64_t count, bool names, size_t *len)
{
	size_t before = in.len;

	for (uint64_t i = 0; i < count && !in.bad; i++) {
		(void)mi_take_u16(&in);
		if (names)
			(void)mi_take_string(&in);
	}
	*len = before - in.len;
	return !in.bad;
}

enum mi_route_types mi_route_stmt_types(const struct mi_route_stmt *stmt, struct mi_span packet,
                                        uint64_t caps, size_t *at, size_t *len)
{
	size_t end = MI_PACKET_HEADER + mi_packet_len(packet.data);
	bool names = caps & MI_CAP_QUERY_ATTRIBUTES, whole = packet.len >= end;
	size_t have = whole ? end : packet.len; /* what follows the packet is another command */
	struct mi_bytes in = mi_bytes(mi_span(packet.data, have));
	uint64_t count = stmt->params;
	uint8_t flags, bound;

	(void)mi_take(&in, MI_PACKET_HEADER + 5);
	flags = mi_take_u8(&in);
	(void)mi_take(&in, 4);
	if (names && flags & COUNT_AVAILABLE)
		count = mi_take_lenenc(&in);
	if (in.bad || (count > 0 && in.len < (count + 7) / 8 + 1))
		return whole ? MI_TYPES_BAD : MI_TYPES_SHORT;
	if (count == 0)
		return MI_TYPES_NO_PARAMS;
	(void)mi_take(&in, (count + 7) / 8);
	bound = mi_take_u8(&in);
	*at = have - in.len;
	*len = 0;
	if (!bound)
		return MI_TYPES_NONE;
	if (types_length(in, count, names, len))
		return MI_TYPES_GIVEN;
	return whole ? MI_TYPES_BAD : MI_TYPES_SHORT;
}

void mi_route_stmt_keep_types(struct mi_route_session *session, struct mi_route_stmt *stmt,
                              struct mi_span types, enum mi_route_side side)
{
	struct mi_route_stmts *stmts = session->stmts;

	if (stmt->types && mi_span_eq(types, mi_span(stmt->types, stmt->types_len)))
		return;
	free(stmt->types);
	stmts->memory -= stmt->types_len;
	stmt->types = NULL;
	stmt->types_len = 0;
	/* what was sent to the other side before are other types */
	stmt->types_sent[side == MI_ROUTE_SOURCE ? MI_ROUTE_TARGET : MI_ROUTE_SOURCE] = false;
	if (types.len > session->route->limits.statement_memory - stmts->memory) {
		/* too long to keep: only this server is told them */
		stmt->home = side;
		stmt->fixed = true;
		return;
	}
	stmt->types = mi_strndup(types.data, types.len);
	stmt->types_len = types.len;
	stmts->memory += types.len;
}
