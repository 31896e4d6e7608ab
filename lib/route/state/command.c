#include "route/state/command.h"
#include "base/buf.h"
#include "protocol/caps.h"
#include "protocol/packet.h"
#include "protocol/query.h"
#include "route/state/state.h"
#include "route/state/stmt.h"

uint32_t mi_command_payload_len(struct mi_span data)
{
	return mi_packet_len(data.data);
}

bool mi_command_is_whole(struct mi_span data)
{
	return data.len - MI_PACKET_HEADER >= mi_command_payload_len(data);
}

struct mi_span mi_command_payload(struct mi_span data)
{
	size_t have = data.len - MI_PACKET_HEADER, len = mi_command_payload_len(data);

	return mi_span(data.data + MI_PACKET_HEADER, have < len ? have : len);
}

struct mi_span mi_command_text(struct mi_route_session *session)
{
	struct mi_span data = mi_buf_span(&session->command.kept), text = {0};
	struct mi_route_stmt *stmt;

	if (session->command.code == MI_COM_STMT_EXECUTE) {
		stmt = mi_route_stmt_find(session, session->command.stmt);
		return stmt ? mi_span(stmt->text, stmt->text_len) : text;
	}
	if (data.len <= MI_PACKET_HEADER || session->command.code != MI_COM_QUERY ||
	    !mi_query_text(mi_command_payload(data), session->caps, &text))
		return (struct mi_span){0};
	return text;
}
