/* Whether a server will purge its binary logs before a follower has read them, as far as can be
 * told from how long the server keeps them. It purges a file once the file's last change is that
 * old, so what was committed at a time t may be purged at t + keeps, and not before. All times are
 * seconds since 1970 by the server's clock. */
#ifndef MI_BINLOG_RETENTION_H
#define MI_BINLOG_RETENTION_H

#include <stdbool.h>

/* {0} before the first look. */
struct mi_retention {
	double keeps;   /* seconds for which logs are kept; 0: for ever */
	double now;     /* time of the last look; 0: none yet */
	double reached; /* all that was committed up to this time has been read */
	double speed;   /* seconds of commits that have been read per second, of late */
	bool has_speed; /* there have been two looks */
};

/* Takes another look. keeps is given each time, as the server's setting may have been changed. */
void mi_retention_look(struct mi_retention *r, double keeps, double now, double reached);

/* Seconds until the changes to be read next may be purged; 0: they may be purged already; INFINITY:
 * never. */
double mi_retention_left(const struct mi_retention *r);

/* Seconds until purging catches up with the reader, if it goes on at the present speed; INFINITY:
 * never. */
double mi_retention_lasts(const struct mi_retention *r);

/* True when less than an eighth of keeps is left, or when, at the present speed, purging catches up
 * with the reader within half of keeps. */
bool mi_retention_warns(const struct mi_retention *r);

#endif
