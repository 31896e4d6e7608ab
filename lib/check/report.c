#include "check/report.h"
#include "base/buf.h"
#include "check/check.h"
#include "check/table.h"

#include <stdio.h>

static const char *const side_names[] = {
    [MI_CHECK_SOURCE] = "source", [MI_CHECK_TARGET] = "target", [MI_CHECK_PAIR] = "pair"};
static const char *const level_names[] = {
    [MI_CHECK_OK] = "ok", [MI_CHECK_WARN] = "warning", [MI_CHECK_BLOCK] = "blocker"};
static const char *const signs[] = {
    [MI_CHECK_OK] = "✓", [MI_CHECK_WARN] = "!", [MI_CHECK_BLOCK] = "✗"};
static const char *const colours[] = {
    [MI_CHECK_OK] = "\033[32m", [MI_CHECK_WARN] = "\033[33m", [MI_CHECK_BLOCK] = "\033[31m"};

/* Bytes of the UTF-8 character at the beginning of text; 0 when there is none. */
static size_t utf8_length(const unsigned char *text)
{
	size_t len = *text < 0x80   ? 1
	             : *text < 0xc2 ? 0
	             : *text < 0xe0 ? 2
	             : *text < 0xf0 ? 3
	             : *text < 0xf5 ? 4
	                            : 0;

	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* Servers' texts may hold anything: control characters and broken UTF-8 are written as escapes. */
static void add_escaped(struct mi_buf *out, const char *text, bool json)
{
	for (const unsigned char *c = (const unsigned char *)text; *c;) {
		size_t len = utf8_length(c);

		if (len == 0 || *c < 0x20 || *c == 0x7f) {
			mi_buf_addf(out, "\\%s%02x", json ? "u00" : "x", *c);
			c++;
			continue;
		}
		if (json && (*c == '"' || *c == '\\'))
			mi_buf_add_char(out, '\\');
		mi_buf_add(out, c, len);
		c += len;
	}
}

static void add_text(struct mi_buf *out, const char *text)
{
	add_escaped(out, text, false);
}

static void add_json(struct mi_buf *out, const char *name, const char *text)
{
	mi_buf_addf(out, "\"%s\":", name);
	if (!text) {
		mi_buf_add_str(out, "null");
		return;
	}
	mi_buf_add_char(out, '"');
	add_escaped(out, text, true);
	mi_buf_add_char(out, '"');
}

static void add_mend(struct mi_buf *out, const struct mi_finding *finding)
{
	if (finding->ignored) {
		mi_buf_add_str(out, "      ignored: ");
		add_text(out, finding->check->risk);
		mi_buf_add_char(out, '\n');
	}
	if (!finding->fix)
		return;
	mi_buf_add_str(out, "      fix: ");
	add_text(out, finding->fix);
	mi_buf_add_char(out, '\n');
}

static void add_finding(struct mi_buf *out, const struct mi_finding *finding, bool colour)
{
	mi_buf_addf(out, "  %s%s%s %-18s ", colour ? colours[finding->level] : "",
	            signs[finding->level], colour ? "\033[0m" : "", finding->check->id);
	add_text(out, finding->text);
	mi_buf_add_char(out, '\n');
	add_mend(out, finding);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

void mi_check_print_text(const struct mi_check_run *run, bool colour, struct mi_buf *out)
{
	size_t blockers = mi_check_tally(run, MI_CHECK_BLOCK);
	size_t warnings = mi_check_tally(run, MI_CHECK_WARN);

	for (int side = 0; side < MI_CHECK_SIDES; side++) {
		bool headed = false;

		for (size_t i = 0; i < run->count; i++) {
			if (run->findings[i].side != (enum mi_check_side)side)
				continue;
			if (!headed)
				mi_buf_addf(out, "%s\n", side_names[side]);
			headed = true;
			add_finding(out, &run->findings[i], colour);
		}
	}
	mi_buf_addf(out, "%s: %zu blocker%s, %zu warning%s\n", blockers ? "no" : "go", blockers,
	            plural(blockers), warnings, plural(warnings));
}

void mi_check_print_tsv(const struct mi_check_run *run, struct mi_buf *out)
{
	for (size_t i = 0; i < run->count; i++) {
		const struct mi_finding *finding = &run->findings[i];

		mi_buf_addf(out, "%s\t%s\t%s\t", side_names[finding->side], finding->check->id,
		            finding->ignored ? "ignored" : level_names[finding->level]);
		add_text(out, finding->text);
		mi_buf_add_char(out, '\t');
		add_text(out, finding->fix ? finding->fix : "");
		mi_buf_add_char(out, '\n');
	}
}

void mi_check_print_json(const struct mi_check_run *run, struct mi_buf *out)
{
	mi_buf_addf(out, "{\"blockers\":%zu,\"warnings\":%zu,\"findings\":[",
	            mi_check_tally(run, MI_CHECK_BLOCK), mi_check_tally(run, MI_CHECK_WARN));
	for (size_t i = 0; i < run->count; i++) {
		const struct mi_finding *finding = &run->findings[i];

		mi_buf_add_str(out, i ? ",\n{" : "\n{");
		add_json(out, "side", side_names[finding->side]);
		mi_buf_add_char(out, ',');
		add_json(out, "id", finding->check->id);
		mi_buf_add_char(out, ',');
		add_json(out, "level", finding->ignored ? "ignored" : level_names[finding->level]);
		mi_buf_add_char(out, ',');
		add_json(out, "text", finding->text);
		mi_buf_add_char(out, ',');
		add_json(out, "fix", finding->fix);
		mi_buf_add_char(out, '}');
	}
	mi_buf_add_str(out, "\n]}\n");
}

void mi_check_print_list(struct mi_buf *out)
{
	for (const struct mi_check *check = mi_checks; check->id; check++)
		mi_buf_addf(out, "%s\t%s\t%s\n", check->id, check->what, check->risk);
}
