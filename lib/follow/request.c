#include "follow/request.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "gtid/gtid.h"
#include "protocol/reply.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/mysql_errors.h"
#include "server/name.h"
#include "follow/link.h"
#include "follow/packets.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef MARIADB_PACKAGE_VERSION_ID
#define CONNECTOR_C 1
typedef unsigned char uchar; /* a header of the library uses the type without defining it */
#else
#define CONNECTOR_C 0
#endif

enum {
	COM_DUMP = 18, /* COM_BINLOG_DUMP */
	COM_DUMP_GTID = 30,
	START = 4,        /* the first event's position in a file */
	PACKET_OK = 0x00, /* an event follows */
};

struct mi_binlog_dump {
	struct mi_conn *conn;
	struct mi_buf gtids;               /* since, as MySQL's command encodes it */
	int socket;                        /* a duplicate of the library's */
	struct mi_binlog_packets *packets; /* NULL: the library reads the packets */
#if !CONNECTOR_C
	MYSQL_RPL rpl;
#endif
};

/* ---- What the session has to say first ---- */

static int make_uuid(char text[MI_UUID_TEXT + 1], struct mi_err *err)
{
	unsigned char b[MI_UUID];

	if (RAND_bytes(b, sizeof b) != 1)
		return mi_fail(err, MI_AGAIN, "no random numbers for a replica's id");
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	mi_uuid_write(text, b);
	text[MI_UUID_TEXT] = '\0';
	return 0;
}

/* Says who we are, and what we want, by user variables. MySQL since 8.0.26 looks first for those
 * whose names have source and replica in them, before for those with master and slave. */
static int introduce(struct mi_conn *conn, unsigned heartbeat_seconds, struct mi_err *err)
{
	uint64_t heartbeat = heartbeat_seconds * (uint64_t)1000000000;
	char uuid[37];

	if (make_uuid(uuid, err) != 0)
		return -1;
	if (conn->flavour == MI_FLAVOUR_MARIADB)
		return mi_conn_execf(conn, err,
		                     "SET @master_binlog_checksum = 'CRC32', "
		                     "@master_heartbeat_period = %" PRIu64 ", @slave_uuid = '%s', "
		                     "@mariadb_slave_capability = 4",
		                     heartbeat, uuid);
	return mi_conn_execf(
	    conn, err,
	    "SET @source_binlog_checksum = 'CRC32', @master_binlog_checksum = 'CRC32', "
	    "@source_heartbeat_period = %" PRIu64 ", @master_heartbeat_period = %" PRIu64 ", "
	    "@replica_uuid = '%s', @slave_uuid = '%s'",
	    heartbeat, heartbeat, uuid, uuid);
}

static int set_position(struct mi_conn *conn, const struct mi_gtid_set *since, struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_add_str(&sql, "SET @slave_gtid_strict_mode = 1, @slave_gtid_ignore_duplicates = 0, "
	                     "@slave_connect_state = '");
	mi_gtid_print(since, &sql);
	mi_buf_add_str(&sql, "'");
	ret = mi_conn_exec_span(conn, err, mi_buf_span(&sql));
	mi_buf_release(&sql);
	return ret;
}

/* ---- The command ---- */

#if CONNECTOR_C

static void add_u16(struct mi_buf *out, uint16_t number)
{
	char bytes[2];

	mi_put_u16(bytes, number);
	mi_buf_add(out, bytes, sizeof bytes);
}

static void add_u32(struct mi_buf *out, uint32_t number)
{
	char bytes[4];

	mi_put_u32(bytes, number);
	mi_buf_add(out, bytes, sizeof bytes);
}

static void put_gtid_command(struct mi_buf *out, uint32_t server_id, struct mi_span gtids)
{
	add_u16(out, 0);
	add_u32(out, server_id);
	add_u32(out, 0); /* no file name */
	add_u32(out, START);
	add_u32(out, 0); /* the position's upper half */
	add_u32(out, (uint32_t)gtids.len);
	mi_buf_add_span(out, gtids);
}

static void put_command(struct mi_buf *out, uint32_t server_id)
{
	add_u32(out, START);
	add_u16(out, 0);
	add_u32(out, server_id);
}

static int send_command(struct mi_binlog_dump *dump, uint32_t server_id, struct mi_err *err)
{
	MYSQL *mysql = dump->conn->mysql;
	bool gtid = dump->conn->flavour != MI_FLAVOUR_MARIADB;
	struct mi_buf command = {0};
	int failed;

	if (gtid)
		put_gtid_command(&command, server_id, mi_buf_span(&dump->gtids));
	else
		put_command(&command, server_id);
	failed = mysql->methods->db_command(
	    mysql, (enum enum_server_command)(gtid ? COM_DUMP_GTID : COM_DUMP), command.data,
	    command.len, 1, NULL);
	mi_buf_release(&command);
	return failed ? mi_conn_fail(dump->conn, err, "asking for the binary log") : 0;
}

/* -1: mysql_errno says what happened. */
static int read_packet(struct mi_binlog_dump *dump, struct mi_span *packet)
{
	MYSQL *mysql = dump->conn->mysql;
	unsigned long len = mysql_net_read_packet(mysql);

	if (len == packet_error)
		return -1;
	*packet = mi_span(mysql->net.read_pos, len);
	return 0;
}

static void end_command(struct mi_binlog_dump *dump)
{
	(void)dump;
}

#else

static int send_command(struct mi_binlog_dump *dump, uint32_t server_id, struct mi_err *err)
{
	bool gtid = dump->conn->flavour != MI_FLAVOUR_MARIADB;

	dump->rpl = (MYSQL_RPL){.file_name = "",
	                        .start_position = START,
	                        .server_id = server_id,
	                        .flags = gtid ? MYSQL_RPL_GTID : 0,
	                        .gtid_set_encoded_size = dump->gtids.len,
	                        .gtid_set_arg = dump->gtids.data};
	if (mysql_binlog_open(dump->conn->mysql, &dump->rpl) != 0)
		return mi_conn_fail(dump->conn, err, "asking for the binary log");
	return 0;
}

static int read_packet(struct mi_binlog_dump *dump, struct mi_span *packet)
{
	if (mysql_binlog_fetch(dump->conn->mysql, &dump->rpl) != 0)
		return -1;
	/* size 0 is an EOF packet */
	*packet = dump->rpl.size ? mi_span(dump->rpl.buffer, dump->rpl.size) : mi_span("\xfe", 1);
	return 0;
}

static void end_command(struct mi_binlog_dump *dump)
{
	mysql_binlog_close(dump->conn->mysql, &dump->rpl);
}

#endif

static void release(struct mi_binlog_dump *dump)
{
	mi_binlog_packets_free(dump->packets);
	if (dump->socket >= 0)
		(void)close(dump->socket);
	mi_buf_release(&dump->gtids);
	free(dump);
}

int mi_binlog_dump_open(struct mi_binlog_dump **out, struct mi_conn *conn,
                        const struct mi_binlog_request *request, struct mi_err *err)
{
	struct mi_binlog_dump *dump = mi_alloc(sizeof *dump);

	dump->conn = conn;
	/* a duplicate: the library may close its socket at any time, and another file would get
	 * the number */
	dump->socket = fcntl((int)conn->mysql->net.fd, F_DUPFD_CLOEXEC, 0);
	if (dump->socket < 0) {
		(void)mi_fail_errno(err, MI_AGAIN, errno, "cannot hold the connection's socket");
		goto fail;
	}
	if (introduce(conn, request->heartbeat_seconds, err) != 0 ||
	    (conn->flavour == MI_FLAVOUR_MARIADB
	         ? set_position(conn, request->since, err)
	         : mi_gtid_encode(request->since, &dump->gtids, err)) != 0 ||
	    send_command(dump, request->server_id, err) != 0)
		goto fail;
	dump->packets = mi_binlog_packets_new(conn, dump->socket);
	*out = dump;
	return 0;
fail:
	release(dump);
	return -1;
}

void mi_binlog_dump_close(struct mi_binlog_dump *dump)
{
	if (!dump)
		return;
	end_command(dump);
	release(dump);
}

int mi_binlog_dump_socket(const struct mi_binlog_dump *dump)
{
	return dump->socket;
}

/* ---- The answer ---- */

static enum mi_log_state fail_purged(struct mi_binlog_dump *dump, const char *text,
                                     struct mi_err *err)
{
	(void)mi_fail(err, MI_CONFIG, "%s has purged transactions that are still needed: %s",
	              mi_conn_name(dump->conn), text);
	(void)mi_hint(err, "they cannot be had any more: copy anew, or name a server that still "
	                   "has them; and let the source keep its binary logs for longer");
	return MI_LINK_REFUSED;
}

/* What an error of the server means. MI_ER_SOURCE_FATAL_ERROR_READING_BINLOG has many reasons,
 * which only its text distinguishes. */
static enum mi_log_state explain(struct mi_binlog_dump *dump, unsigned number, const char *text,
                                 struct mi_err *err)
{
	if (number == MI_ER_SOURCE_HAS_PURGED_REQUIRED_GTIDS ||
	    (number == MI_ER_SOURCE_FATAL_ERROR_READING_BINLOG && strstr(text, "purged")))
		return fail_purged(dump, text, err);
	(void)mi_conn_fail_number(dump->conn, err, "reading the binary log", number, text);
	if (number == MI_ER_QUERY_INTERRUPTED || number == MI_ER_CONNECTION_KILLED ||
	    number == MI_ER_SESSION_WAS_KILLED || mi_conn_is_transient(number))
		return MI_LINK_LOST;
	if (number == MI_ER_SOURCE_FATAL_ERROR_READING_BINLOG && strstr(text, "same server_")) {
		err->code = MI_CONFIG;
		(void)mi_hint(err, "another replica has this server id: choose one by --server-id");
	}
	return MI_LINK_REFUSED;
}

/* A packet that is no event ends the log: which state, and err. */
static enum mi_log_state end_of_log(struct mi_binlog_dump *dump, struct mi_span packet,
                                    struct mi_err *err)
{
	struct mi_reply_err reply;
	char text[512];

	if (mi_reply_is_eof(packet)) {
		(void)mi_fail(err, MI_UNAVAILABLE, "%s has ended the sending of its binary log",
		              mi_conn_name(dump->conn));
		return MI_LINK_LOST;
	}
	if (mi_reply_is_err(packet)) {
		if (mi_reply_err_parse(&reply, packet, err) != 0)
			return MI_LINK_REFUSED;
		(void)snprintf(text, sizeof text, "%.*s", (int)reply.text.len, reply.text.data);
		return explain(dump, reply.code, text, err);
	}
	(void)mi_fail(err, MI_PROTOCOL, "%s: a packet that is no event", mi_conn_name(dump->conn));
	return MI_LINK_REFUSED;
}

static enum mi_log_state next_by_library(struct mi_binlog_dump *dump, struct mi_span *piece,
                                         bool *last, struct mi_err *err)
{
	MYSQL *mysql = dump->conn->mysql;

	if (read_packet(dump, piece) != 0)
		return explain(dump, mysql_errno(mysql), mysql_error(mysql), err);
	if (piece->len == 0 || piece->data[0] != PACKET_OK)
		return end_of_log(dump, *piece, err);
	*piece = mi_span(piece->data + 1, piece->len - 1);
	*last = true;
	return MI_LINK_EVENT;
}

enum mi_log_state mi_binlog_dump_next(struct mi_binlog_dump *dump, struct mi_span *piece,
                                      bool *last, struct mi_err *err)
{
	if (!dump->packets)
		return next_by_library(dump, piece, last, err);
	switch (mi_binlog_packets_next(dump->packets, piece, last, err)) {
	case MI_PACKETS_EVENT:
		return MI_LINK_EVENT;
	case MI_PACKETS_ANSWER:
		return end_of_log(dump, *piece, err);
	case MI_PACKETS_LOST:
		return MI_LINK_LOST;
	case MI_PACKETS_BROKEN:
		break;
	}
	return MI_LINK_REFUSED;
}
