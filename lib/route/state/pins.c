#include "route/state/pins.h"
#include "base/buf.h"
#include "route/state/state.h"
#include "sql/class.h"

static const struct {
	unsigned bit;
	const char *name;
} pin_names[] = {
    {MI_CLASS_PIN_TEMPORARY, "temporary-table"},
    {MI_CLASS_PIN_LOCK_TABLES, "lock-tables"},
    {MI_CLASS_PIN_USER_LOCK, "user-lock"},
    {MI_CLASS_PIN_HANDLER, "handler"},
    {MI_PIN_CURSOR, "cursor"},
    {MI_PIN_LONG_DATA, "long-data"},
    {MI_CLASS_PIN_XA, "xa"},
    {MI_CLASS_PIN_FLUSH_LOCK, "flush-lock"},
    {MI_CLASS_PIN_STATE, "session-state"},
};

void mi_pins_set(struct mi_route_session *session, unsigned bits, bool on)
{
	session->pins = on ? session->pins | bits : session->pins & ~bits;
}

void mi_pins_forget(struct mi_route_session *session)
{
	session->pins = 0;
}

void mi_pins_print(unsigned pins, struct mi_buf *text)
{
	const char *between = "";

	for (size_t i = 0; i < sizeof pin_names / sizeof *pin_names; i++)
		if (pins & pin_names[i].bit) {
			mi_buf_addf(text, "%s%s", between, pin_names[i].name);
			between = ",";
		}
}
