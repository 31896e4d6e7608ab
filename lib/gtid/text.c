/* GTID sets, single transactions and the rows of _mi_checkpoint as text. */
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "gtid/gtid.h"
#include "gtid/set.h"

#include <ctype.h>

/* ---- Parsing ---- */

struct reader {
	const char *at, *end, *begin;
};

static void skip_blanks(struct reader *in)
{
	while (in->at < in->end && isspace((unsigned char)*in->at))
		in->at++;
}

static bool take_char(struct reader *in, char c)
{
	skip_blanks(in);
	if (in->at == in->end || *in->at != c)
		return false;
	in->at++;
	return true;
}

static bool take_number(struct reader *in, uint64_t max, uint64_t *number)
{
	const char *start;

	skip_blanks(in);
	start = in->at;
	*number = 0;
	while (in->at < in->end && isdigit((unsigned char)*in->at)) {
		uint64_t digit = (uint64_t)(*in->at - '0');

		if (*number > (max - digit) / 10)
			return false;
		*number = *number * 10 + digit;
		in->at++;
	}
	return in->at > start;
}

/* 32 hex digits, with dashes after the 8th, 12th, 16th and 20th. This is not mi_uuid_read, because
 * in->at must be left at the character that is wrong, for the message. */
static bool take_uuid(struct reader *in, unsigned char *uuid)
{
	skip_blanks(in);
	for (int i = 0; i < MI_GTID_UUID; i++) {
		int high, low;

		if ((i == 4 || i == 6 || i == 8 || i == 10) &&
		    (in->at == in->end || *in->at++ != '-'))
			return false;
		if (in->end - in->at < 2)
			return false;
		high = mi_hex_digit(in->at[0]);
		low = mi_hex_digit(in->at[1]);
		if (high < 0 || low < 0)
			return false;
		uuid[i] = (unsigned char)(high << 4 | low);
		in->at += 2;
	}
	return true;
}

/* A letter or underscore, then letters, digits, underscores; up to 32 in all; made lower case. */
static bool take_tag(struct reader *in, char *tag)
{
	size_t len = 0;

	while (in->at < in->end && (isalnum((unsigned char)*in->at) || *in->at == '_') &&
	       len < MI_GTID_TAG)
		tag[len++] = (char)tolower((unsigned char)*in->at++);
	tag[len] = '\0';
	return len > 0 &&
	       (in->at == in->end || !(isalnum((unsigned char)*in->at) || *in->at == '_'));
}

static bool take_interval(struct reader *in, struct mi_gtid_source *source)
{
	struct mi_gtid_interval interval;

	if (!take_number(in, MI_GTID_MAX_NUMBER, &interval.first) || interval.first == 0)
		return false;
	interval.last = interval.first;
	if (take_char(in, '-') && (!take_number(in, MI_GTID_MAX_NUMBER, &interval.last) ||
	                           interval.last < interval.first))
		return false;
	mi_gtid_source_append_raw(source, interval.first, interval.last);
	return true;
}

/* One uuid with what follows it: tags, each before its intervals, as in uuid:tag:1-3:5:tag2:7-9. */
static bool take_mysql(struct reader *in, struct mi_gtid_set *raw)
{
	struct mi_gtid_source like = {0};
	struct mi_gtid_source *source = NULL;

	if (!take_uuid(in, like.uuid))
		return false;
	while (take_char(in, ':')) {
		skip_blanks(in);
		if (in->at < in->end && (isalpha((unsigned char)*in->at) || *in->at == '_')) {
			if (!take_tag(in, like.tag))
				return false;
			source = NULL;
			continue;
		}
		if (!source)
			source = mi_gtid_set_append(raw, &like);
		if (!take_interval(in, source))
			return false;
	}
	return source != NULL;
}

static bool take_mariadb(struct reader *in, struct mi_gtid_set *raw)
{
	uint64_t domain, server, seq;

	if (!take_number(in, UINT32_MAX, &domain) || !take_char(in, '-') ||
	    !take_number(in, UINT32_MAX, &server) || !take_char(in, '-') ||
	    !take_number(in, UINT64_MAX, &seq))
		return false;
	mi_gtid_set_append_position(
	    raw, (struct mi_gtid_position){(uint32_t)domain, (uint32_t)server, seq});
	return true;
}

/* A UUID has dashes after its 8th, 12th and 16th digit; domain-server-seq has only two dashes. */
static bool looks_like_mysql(const struct reader *in)
{
	return in->end - in->at > 18 && in->at[8] == '-' && in->at[13] == '-' &&
	       in->at[18] == '-' && !memchr(in->at, ',', 18);
}

static int bad_place(const struct reader *in, struct mi_err *err)
{
	int rest = in->end - in->at < 40 ? (int)(in->end - in->at) : 40;

	return mi_fail(err, MI_USAGE, "bad GTID set at character %td: '%.*s'",
	               in->at - in->begin + 1, rest, rest ? in->at : "");
}

static int take_set(struct reader *in, struct mi_gtid_set *set, struct mi_err *err)
{
	skip_blanks(in);
	while (in->at < in->end) {
		bool mysql = looks_like_mysql(in);
		bool ok = mysql ? take_mysql(in, set) : take_mariadb(in, set);

		skip_blanks(in);
		if (!ok || (in->at < in->end && *in->at != ','))
			return bad_place(in, err);
		if (set->source_count && set->position_count)
			return mi_fail(err, MI_USAGE, "bad GTID set: it mixes MySQL and MariaDB");
		(void)take_char(in, ','); /* servers accept one at the end, too */
		skip_blanks(in);
	}
	if (!mi_gtid_set_normalize(set))
		return mi_fail(err, MI_USAGE, "bad GTID set: it names a domain twice");
	return 0;
}

int mi_gtid_parse(struct mi_span text, struct mi_gtid_set **set, struct mi_err *err)
{
	const char *data = text.data ? text.data : "";
	struct reader in = {data, data + text.len, data};
	struct mi_gtid_set *made = mi_gtid_new();

	if (text.len > 0 && take_set(&in, made, err) != 0) {
		mi_gtid_free(made);
		return -1;
	}
	*set = made;
	return 0;
}

/* ---- Printing ---- */

static void print_uuid(const unsigned char *uuid, struct mi_buf *out)
{
	char text[MI_UUID_TEXT];

	mi_uuid_write(text, uuid);
	mi_buf_add(out, text, sizeof text);
}

static void print_sid(const unsigned char *uuid, const char *tag, struct mi_buf *out)
{
	print_uuid(uuid, out);
	if (*tag)
		mi_buf_addf(out, ":%s", tag);
}

static void print_intervals(const struct mi_gtid_source *source, struct mi_buf *out)
{
	for (size_t i = 0; i < source->count; i++) {
		const struct mi_gtid_interval *interval = &source->intervals[i];

		mi_buf_addf(out, "%s%llu", i ? ":" : "", (unsigned long long)interval->first);
		if (interval->last > interval->first)
			mi_buf_addf(out, "-%llu", (unsigned long long)interval->last);
	}
}

void mi_gtid_print(const struct mi_gtid_set *set, struct mi_buf *out)
{
	for (size_t i = 0; i < set->source_count; i++) {
		const struct mi_gtid_source *source = &set->sources[i];

		if (i > 0)
			mi_buf_add_char(out, ',');
		print_sid(source->uuid, source->tag, out);
		mi_buf_add_char(out, ':');
		print_intervals(source, out);
	}
	for (size_t i = 0; i < set->position_count; i++) {
		const struct mi_gtid_position *position = &set->positions[i];

		mi_buf_addf(out, "%s%u-%u-%llu", i ? "," : "", position->domain, position->server,
		            (unsigned long long)position->seq);
	}
}

/* ---- One transaction ---- */

int mi_gtid_parse_one(struct mi_span text, struct mi_gtid *gtid, struct mi_err *err)
{
	struct mi_gtid_set *set;
	bool one;

	if (mi_gtid_parse(text, &set, err) != 0)
		return -1;
	*gtid = (struct mi_gtid){.family = mi_gtid_family(set)};
	one = set->source_count + set->position_count == 1;
	if (one && set->source_count) {
		const struct mi_gtid_source *source = set->sources;

		memcpy(gtid->uuid, source->uuid, MI_GTID_UUID);
		memcpy(gtid->tag, source->tag, sizeof gtid->tag);
		gtid->number = source->intervals->first;
		one = source->count == 1 && source->intervals->last == gtid->number;
	} else if (one) {
		gtid->domain = set->positions->domain;
		gtid->server = set->positions->server;
		gtid->number = set->positions->seq;
	}
	mi_gtid_free(set);
	return one ? 0
	           : mi_fail(err, MI_USAGE, "'%.*s' is not one GTID",
	                     text.len < 80 ? (int)text.len : 80, text.len ? text.data : "");
}

void mi_gtid_print_one(const struct mi_gtid *gtid, struct mi_buf *out)
{
	if (gtid->family == MI_GTID_MYSQL) {
		print_sid(gtid->uuid, gtid->tag, out);
		mi_buf_addf(out, ":%llu", (unsigned long long)gtid->number);
	} else if (gtid->family == MI_GTID_MARIADB) {
		mi_buf_addf(out, "%u-%u-%llu", gtid->domain, gtid->server,
		            (unsigned long long)gtid->number);
	}
}

/* ---- Rows ---- */

static void print_source_row(const struct mi_gtid_source *source, struct mi_buf *sid,
                             struct mi_buf *intervals)
{
	print_sid(source->uuid, source->tag, sid);
	print_intervals(source, intervals);
}

static void print_position_row(const struct mi_gtid_position *position, struct mi_buf *sid,
                               struct mi_buf *intervals)
{
	mi_buf_addf(sid, "%u", position->domain);
	mi_buf_addf(intervals, "%u-%llu", position->server, (unsigned long long)position->seq);
}

int mi_gtid_each(const struct mi_gtid_set *set, mi_gtid_row *row, void *user, struct mi_err *err)
{
	struct mi_buf sid = {0}, intervals = {0};
	int ret = 0;

	for (size_t i = 0; i < set->source_count + set->position_count && ret == 0; i++) {
		mi_buf_reset(&sid);
		mi_buf_reset(&intervals);
		if (i < set->source_count)
			print_source_row(&set->sources[i], &sid, &intervals);
		else
			print_position_row(&set->positions[i - set->source_count], &sid,
			                   &intervals);
		ret = row(user, mi_buf_span(&sid), mi_buf_span(&intervals), err);
	}
	mi_buf_release(&sid);
	mi_buf_release(&intervals);
	return ret;
}

void mi_gtid_join_row(struct mi_buf *text, struct mi_span sid, struct mi_span intervals)
{
	bool mysql = sid.len > 0 && memchr(sid.data, '-', sid.len);

	if (text->len)
		mi_buf_add_char(text, ',');
	mi_buf_add_span(text, sid);
	mi_buf_add_char(text, mysql ? ':' : '-');
	mi_buf_add_span(text, intervals);
}
