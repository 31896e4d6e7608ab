/* The names of scratch databases, and events that must not run in them. */
#include "base/buf.h"
#include "schema/object.h"
#include "t.h"
#include "trial/name.h"

#include <stdio.h>
#include <string.h>

static void names(void)
{
	static const char *const not_ours[] = {
	    "",
	    "mi_trial_",
	    "mi_trial_x_1",
	    "mi_trial_1_shop",
	    "mi_trial_0123456789abcdefu_1",
	    "mi_trial_00000000000000000_1",
	    "mi_trial_0123456789abcdefu_1; DROP DATABASE x",
	};

	char run[MI_SCRATCH_RUN + 1], name[64];

	mi_scratch_run((const unsigned char *)"\x01\x23\xab\xff", "server", true, run);
	(void)snprintf(name, sizeof name, "mi_trial_%s_12", run);
	CHECK(strncmp(run, "0123abff", 8) == 0 && run[16] == 'l', "%s is a run's", run);
	CHECK(mi_scratch_is_ours(name, "server"), "%s is ours", name);
	CHECK(!mi_scratch_is_ours(name, "other"), "but not another server's");
	CHECK(!mi_scratch_is_ours(name, ""), "nor that of one without identity");
	for (size_t i = 0; i < sizeof not_ours / sizeof *not_ours; i++)
		CHECK(!mi_scratch_is_ours(not_ours[i], "server"), "%s is not ours", not_ours[i]);
}

static void unnaming(void)
{
	char first[] = "a=b=mi_trial_x_1", eleventh[] = "shop=mi_trial_x_11";
	char *pairs[] = {first, eleventh};
	struct mi_buf out = {0};

	mi_scratch_unname_pairs(pairs, 2, "'mi_trial_x_11.t' and mi_trial_x_1.t, mi_trial_y_1",
	                        &out);
	CHECK_STR(mi_buf_cstr(&out), "'shop.t' and a=b.t, mi_trial_y_1", "names put back");
	mi_buf_release(&out);
}

static void check_off(const char *text, bool can, const char *want)
{
	struct mi_buf event = {0};

	mi_buf_add_str(&event, text);
	CHECK(mi_ddl_switch_off(&event) == can, "%s: its state is %s", text,
	      can ? "found" : "not found");
	CHECK_STR(mi_buf_cstr(&event), want, "and the text");
	mi_buf_release(&event);
}

static void events(void)
{
	check_off(
	    "CREATE EVENT `ENABLE` ON SCHEDULE EVERY 1 DAY ENABLE COMMENT 'ENABLE' DO SELECT 1",
	    true,
	    "CREATE EVENT `ENABLE` ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'ENABLE' DO SELECT 1");
	check_off("CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO SET @enable = 1",
	          true,
	          "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DISABLE ON SLAVE DO SET @enable = 1");
	check_off("CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO ALTER EVENT x ENABLE", false,
	          "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY DO ALTER EVENT x ENABLE");
}

int main(void)
{
	names();
	unnaming();
	events();
	DONE();
}
