/* Whether a server will purge its binary logs before a follower has read them, as far as can be
 * told from how long it keeps them. It purges a file once its last change is that old, so what was
 * committed at a time t may be gone at t + keeps, and not before. All times are seconds since 1970
 * by the server's clock. */
#ifndef MI_BINLOG_RETENTION_H
#define MI_BINLOG_RETENTION_H

#include <stdbool.h>

/* Zero it to begin. */
struct mi_retention {
	double keeps;   /* seconds for which logs are kept; 0: for ever */
	double now;     /* when it was looked at; 0: not yet */
	double reached; /* all that was committed up to here has been read */
	double speed;   /* seconds of the server's time that are read in one, of late */
	bool has_speed; /* it has been looked at twice */
};

/* Another look: keeps may have been changed. */
void mi_retention_look(struct mi_retention *r, double keeps, double now, double reached);

/* Seconds until what comes next may be purged; 0 when it may be already, INFINITY when never. */
double mi_retention_left(const struct mi_retention *r);

/* Seconds until that catches up with the reader at the present speed; INFINITY when never. */
double mi_retention_lasts(const struct mi_retention *r);

/* Little is left (an eighth), or at the present speed it ends within half of the time for which
 * logs are kept. */
bool mi_retention_warns(const struct mi_retention *r);

#endif
