#include "server/link.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/msg.h"
#include "base/stop.h"
#include "server/conn.h"
#include "server/open.h"

#include <poll.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 50, LONGEST_WAIT_MS = 5000 };

int mi_link_open(struct mi_link *link, struct mi_err *err)
{
	if (link->is_open)
		return 0;
	if (mi_conn_open(&link->conn, link->options->conn, MI_ROLE_WRITER, err) != 0) {
		if (link->was_open)
			err->code = MI_UNAVAILABLE;
		return -1;
	}
	link->is_open = link->was_open = true;
	link->opened++;
	if (link->options->no_binlog &&
	    mi_conn_exec(&link->conn, err, "SET SESSION sql_log_bin=0") != 0) {
		mi_link_close(link);
		return mi_hint(err, "--no-binlog needs the privilege to set sql_log_bin "
		                    "(SYSTEM_VARIABLES_ADMIN, BINLOG ADMIN or SUPER)");
	}
	return 0;
}

void mi_link_close(struct mi_link *link)
{
	if (link->is_open)
		mi_conn_close(&link->conn);
	link->is_open = false;
}

/* xorshift64*: random enough to keep several threads from trying again at the same moments. */
static uint64_t next_random(struct mi_link *link)
{
	if (link->random == 0)
		link->random = (mi_now_ms() << 20 ^ (uint64_t)getpid() ^ (uintptr_t)link) | 1;
	link->random ^= link->random >> 12;
	link->random ^= link->random << 25;
	link->random ^= link->random >> 27;
	return link->random * 0x2545f4914f6cdd1du >> 16;
}

/* Waits at least half of this try's longest wait, which doubles with each failure. Ends early when
 * somebody asks to stop. */
static void wait_before_try(struct mi_link *link, unsigned failures)
{
	uint64_t longest = (uint64_t)FIRST_WAIT_MS << (failures < 8 ? failures : 8);
	struct pollfd stop = {.fd = mi_stop_fd(), .events = POLLIN};

	if (longest > LONGEST_WAIT_MS)
		longest = LONGEST_WAIT_MS;
	(void)poll(&stop, 1, (int)(longest / 2 + next_random(link) % (longest / 2)));
}

/* Leaves the link without a transaction: rolled back, or closed. */
static void clear(struct mi_link *link)
{
	if (link->is_open && mysql_rollback(link->conn.mysql) != 0)
		mi_link_close(link);
}

int mi_link_run(struct mi_link *link, mi_link_step *step, void *user, struct mi_err *err)
{
	uint64_t since = 0;

	for (unsigned failures = 0;; failures++) {
		*err = (struct mi_err){0};
		if (mi_link_open(link, err) == 0 && step(user, link, err) == 0)
			return 0;
		clear(link);
		if ((err->code != MI_UNAVAILABLE && err->code != MI_AGAIN) || mi_stop_asked())
			return -1;
		if (since == 0)
			since = mi_now_ms();
		if (mi_now_ms() - since >= link->options->retry_seconds * 1000)
			return mi_within(err, "gave up after %llu s of trying",
			                 (unsigned long long)link->options->retry_seconds);
		mi_detail("trying again: %s", err->text);
		wait_before_try(link, failures);
	}
}
