#include "binlog/retention.h"

#include <math.h>

/* The newest look's weight in speed: a load that comes and goes shall not raise a warning. */
static const double fresh = 0.5;

void mi_retention_look(struct mi_retention *r, double keeps, double now, double reached)
{
	double step = now - r->now, speed;

	r->keeps = keeps;
	if (r->now > 0 && step > 0) {
		speed = (reached - r->reached) / step;
		r->speed = r->has_speed ? r->speed * (1 - fresh) + speed * fresh : speed;
		r->has_speed = true;
	}
	r->now = now;
	r->reached = reached;
}

double mi_retention_left(const struct mi_retention *r)
{
	double left = r->keeps - (r->now - r->reached);

	if (r->keeps <= 0)
		return INFINITY;
	return left < 0 ? 0 : left < r->keeps ? left : r->keeps;
}

double mi_retention_lasts(const struct mi_retention *r)
{
	double left = mi_retention_left(r);

	if (left <= 0)
		return 0;
	return r->has_speed && r->speed < 1 ? left / (1 - r->speed) : INFINITY;
}

bool mi_retention_warns(const struct mi_retention *r)
{
	return r->keeps > 0 && r->now > 0 &&
	       (mi_retention_left(r) < r->keeps / 8 || mi_retention_lasts(r) < r->keeps / 2);
}
