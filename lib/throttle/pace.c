#include "throttle/pace.h"

static const double near_limit = 0.8;

enum mi_zone mi_pace_zone(double load)
{
	if (load >= 1)
		return MI_ZONE_PAUSE;
	return load >= near_limit ? MI_ZONE_SLOW : MI_ZONE_GO;
}

unsigned mi_pace_next(unsigned pace, enum mi_zone zone, bool patience_over)
{
	switch (zone) {
	case MI_ZONE_GO:
		return pace < MI_PACE_FULL ? pace + 1 : MI_PACE_FULL;
	case MI_ZONE_SLOW:
		return pace > 1 ? pace - 1 : 1;
	case MI_ZONE_PAUSE:
		return pace / 2;
	case MI_ZONE_BLIND:
		break;
	}
	return patience_over ? 0 : pace;
}

uint64_t mi_pace_rest(unsigned pace, uint64_t worked)
{
	if (pace == 0)
		return UINT64_MAX;
	return pace >= MI_PACE_FULL ? 0 : worked * (MI_PACE_FULL - pace) / pace;
}
