#include "schema/collation.h"
#include "base/buf.h"

#include <string.h>

/* Languages: MySQL's code in utf8mb4_CODE_0900_..., MariaDB's word in uca1400_WORD_... (also the
 * word in both servers' older utf8mb4_WORD_ci). From MariaDB to MySQL the first row with a word
 * counts. "" is the root order: the languages with it only move whole scripts, or differ from it by
 * order alone. */
struct language {
	const char *code, *word;
};

static const struct language languages[] = {
    {"cs", "czech"},     {"da", "danish"},     {"de_pb", "german2"},
    {"eo", "esperanto"}, {"es", "spanish"},    {"es_trad", "spanish2"},
    {"et", "estonian"},  {"hr", "croatian"},   {"hu", "hungarian"},
    {"is", "icelandic"}, {"la", "roman"},      {"lt", "lithuanian"},
    {"lv", "latvian"},   {"pl", "polish"},     {"ro", "romanian"},
    {"sk", "slovak"},    {"sl", "slovenian"},  {"sv", "swedish"},
    {"tr", "turkish"},   {"vi", "vietnamese"}, {"nb", "danish"},
    {"nn", "danish"},    {"bs", "croatian"},   {"sr_latn", "croatian"},
    {"gl", "spanish"},   {"bg", ""},           {"ru", ""},
    {"mn_cyrl", ""},     {"zh", ""},           {"ja", ""},
};

enum { LANGUAGES = sizeof languages / sizeof *languages };

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static bool ends(const char *text, const char *with)
{
	size_t len = strlen(text), tail = strlen(with);

	return len >= tail && strcmp(text + len - tail, with) == 0;
}

static bool span_is(const char *at, size_t len, const char *text)
{
	return mi_span_is(mi_span(at, len), text);
}

/* "utf8_bin" is the old name of "utf8mb3_bin": both servers have given it up for the new one (MySQL
 * 8.0.30, MariaDB 10.6). */
static enum mi_schema_collation_fate modern_name(const char *name, struct mi_buf *near)
{
	if (!starts(name, "utf8_"))
		return MI_SCHEMA_COLLATION_SAME;
	mi_buf_addf(near, "utf8mb3_%s", name + strlen("utf8_"));
	return MI_SCHEMA_COLLATION_NEAR;
}

/* utf8mb4_0900_ai_ci, utf8mb4_de_pb_0900_as_cs, ... */
static enum mi_schema_collation_fate from_0900(const char *name, const char *at, unsigned version,
                                               struct mi_buf *near)
{
	static const char prefix[] = "utf8mb4_";
	const char *code = name + sizeof prefix - 1;
	const char *what = at + strlen("0900_");
	size_t len = at > code ? (size_t)(at - code) - 1 : 0;
	const char *word = len ? NULL : "";

	if (strcmp(what, "bin") == 0) {
		mi_buf_add_str(near, "utf8mb4_nopad_bin");
		return MI_SCHEMA_COLLATION_NEAR;
	}
	if (strcmp(what, "as_cs_ks") == 0)
		what = "as_cs";
	for (size_t i = 0; i < LANGUAGES && !word; i++)
		if (span_is(code, len, languages[i].code))
			word = languages[i].word;
	if (!word)
		return MI_SCHEMA_COLLATION_NONE;
	if (version >= 101000) {
		mi_buf_addf(near, "utf8mb4_uca1400_%s%snopad_%s", word, *word ? "_" : "", what);
		return MI_SCHEMA_COLLATION_NEAR;
	}
	if (strcmp(what, "ai_ci") != 0)
		return MI_SCHEMA_COLLATION_NONE;
	if (*word)
		mi_buf_addf(near, "utf8mb4_%s_ci", word);
	else
		mi_buf_add_str(near, "utf8mb4_unicode_520_nopad_ci");
	return MI_SCHEMA_COLLATION_NEAR;
}

enum mi_schema_collation_fate mi_schema_collation_to_mariadb(const char *name, unsigned version,
                                                             struct mi_buf *near)
{
	const char *at = strstr(name, "0900_");

	mi_buf_reset(near);
	if (starts(name, "utf8mb4_") && at)
		return from_0900(name, at, version, near);
	if (starts(name, "gb18030_") || strcmp(name, "utf8mb3_tolower_ci") == 0)
		return MI_SCHEMA_COLLATION_NONE;
	return modern_name(name, near);
}

/* The parts of CHARSET_uca1400_[WORD_][nopad_](ai|as)_(ci|cs). */
struct uca1400 {
	const char *charset;
	size_t charset_len;
	const char *word;
	size_t word_len;
	bool nopad;
	const char *what; /* ai_ci, ai_cs, as_ci, as_cs */
};

static bool parse_uca1400(const char *name, const char *at, struct uca1400 *uca)
{
	const char *rest = at + strlen("uca1400_");
	const char *nopad = strstr(rest, "nopad_");
	size_t len = strlen(rest);

	if (len < 5 || at == name)
		return false;
	uca->charset = name;
	uca->charset_len = (size_t)(at - name) - 1;
	uca->what = rest + len - 5;
	uca->nopad = nopad != NULL;
	uca->word = rest;
	uca->word_len = (size_t)((nopad ? nopad : uca->what) - rest);
	if (uca->word_len)
		uca->word_len--; /* the underscore */
	return strcmp(uca->what, "ai_ci") == 0 || strcmp(uca->what, "ai_cs") == 0 ||
	       strcmp(uca->what, "as_ci") == 0 || strcmp(uca->what, "as_cs") == 0;
}

/* MySQL's collations that ignore trailing blanks are the old ones; all of them are in effect
 * _ai_ci. */
static void old_name(const struct uca1400 *uca, struct mi_buf *near)
{
	mi_buf_addf(near, "%.*s_", (int)uca->charset_len, uca->charset);
	if (uca->word_len)
		mi_buf_addf(near, "%.*s_ci", (int)uca->word_len, uca->word);
	else
		mi_buf_add_str(near, "unicode_520_ci");
}

static enum mi_schema_collation_fate from_uca1400(const char *name, const char *at,
                                                  struct mi_buf *near)
{
	struct uca1400 uca;
	const char *code = NULL, *what;
	bool ai_ci;

	if (!parse_uca1400(name, at, &uca))
		return MI_SCHEMA_COLLATION_NONE;
	ai_ci = strcmp(uca.what, "ai_ci") == 0;
	for (size_t i = 0; i < LANGUAGES && uca.word_len && !code; i++)
		if (span_is(uca.word, uca.word_len, languages[i].word))
			code = languages[i].code;
	if (!span_is(uca.charset, uca.charset_len, "utf8mb4") && !ai_ci)
		return MI_SCHEMA_COLLATION_NONE;
	if (!span_is(uca.charset, uca.charset_len, "utf8mb4") || (ai_ci && !uca.nopad) ||
	    (uca.word_len && !code && ai_ci)) {
		old_name(&uca, near);
		return MI_SCHEMA_COLLATION_NEAR;
	}
	if (uca.word_len && !code)
		return MI_SCHEMA_COLLATION_NONE; /* persian, sinhala: MySQL has them as _ci only */
	what = ai_ci ? "ai_ci" : "as_cs";
	if (strcmp(uca.what, "as_ci") == 0 && !uca.word_len)
		what = "as_ci";
	mi_buf_addf(near, "utf8mb4_%s%s0900_%s", code ? code : "", code ? "_" : "", what);
	return MI_SCHEMA_COLLATION_NEAR;
}

static enum mi_schema_collation_fate from_nopad(const char *name, const char *at,
                                                struct mi_buf *near)
{
	if (strcmp(name, "utf8mb4_nopad_bin") == 0) {
		mi_buf_add_str(near, "utf8mb4_0900_bin");
	} else if (starts(name, "utf8mb4_unicode_")) {
		mi_buf_add_str(near, "utf8mb4_0900_ai_ci");
	} else {
		/* the name without "nopad_": trailing blanks do not count there */
		mi_buf_add(near, name, (size_t)(at - name));
		mi_buf_add_str(near, at + strlen("nopad_"));
	}
	return MI_SCHEMA_COLLATION_NEAR;
}

enum mi_schema_collation_fate mi_schema_collation_to_mysql(const char *name, unsigned version,
                                                           struct mi_buf *near)
{
	const char *at;

	mi_buf_reset(near);
	if ((at = strstr(name, "uca1400_")))
		return version < 80000 ? MI_SCHEMA_COLLATION_NONE : from_uca1400(name, at, near);
	if ((at = strstr(name, "nopad_")))
		return version < 80000 ? MI_SCHEMA_COLLATION_NONE : from_nopad(name, at, near);
	if ((at = strstr(name, "_croatian_mysql561_ci"))) {
		mi_buf_addf(near, "%.*s_croatian_ci", (int)(at - name), name);
		return MI_SCHEMA_COLLATION_NEAR;
	}
	if (ends(name, "_myanmar_ci") || ends(name, "_thai_520_w2"))
		return MI_SCHEMA_COLLATION_NONE;
	return modern_name(name, near);
}

bool mi_schema_collation_is_alias(const char *from, const char *to)
{
	return starts(from, "utf8_") && starts(to, "utf8mb3_") &&
	       strcmp(from + strlen("utf8_"), to + strlen("utf8mb3_")) == 0;
}
