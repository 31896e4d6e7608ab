#include "schema/script.h"
#include "base/buf.h"
#include "sql/literal.h"
#include "stream/parse.h"
#include "stream/words.h"

/* The session of the tools, as mi(7) lists it, as far as definitions depend on it. */
#define OWN_SQL_MODE \
	"STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES"
#define OWN_NAMES "SET NAMES utf8mb4;\n"
#define OWN_TIME_ZONE "SET time_zone = '+00:00';\n"

void mi_ddl_sql_begin(struct mi_buf *sql, const struct mi_stream_header *header)
{
	mi_buf_addf(sql, "-- %s, from %s %s\n", header->tool, header->flavour, header->version);
	mi_buf_add_str(sql, OWN_NAMES OWN_TIME_ZONE
	               "SET sql_mode = '" OWN_SQL_MODE "';\n"
	               "/*!80030 SET sql_generate_invisible_primary_key = OFF */;\n");
}

void mi_ddl_sql_restrict_fkeys(struct mi_buf *sql, bool restrict_fkeys)
{
	mi_buf_addf(sql, "\n/*!80400 SET restrict_fk_on_non_standard_key = %s */;",
	            restrict_fkeys ? "DEFAULT" : "OFF");
}

static bool is_clause(const struct mi_ddl *ddl)
{
	return *ddl->name != '\0';
}

static bool is_program(const struct mi_ddl *ddl)
{
	return strcmp(ddl->kind, "routine") == 0 || strcmp(ddl->kind, "trigger") == 0 ||
	       strcmp(ddl->kind, "event") == 0;
}

/* A delimiter that the text does not hold. */
static const char *delimiter_for(const char *text)
{
	static const char *const choice[] = {";;", "$$", "//", "~~", "||", "@@@@"};

	for (size_t i = 0; i < sizeof choice / sizeof *choice; i++)
		if (!strstr(text, choice[i]))
			return choice[i];
	return "@MI@END@";
}

static void add_settings(struct mi_buf *sql, const struct mi_ddl *ddl)
{
	for (size_t i = 0; i < MI_DDL_SETTINGS; i++) {
		if (!ddl->settings[i])
			continue;
		mi_buf_addf(sql, "SET %s = ", mi_ddl_setting_names[i]);
		mi_sql_string(sql, ddl->settings[i]);
		mi_buf_add_str(sql, ";\n");
	}
}

static void restore_settings(struct mi_buf *sql, const struct mi_ddl *ddl)
{
	if (ddl->settings[MI_SET_SQL_MODE])
		mi_buf_add_str(sql, "SET sql_mode = '" OWN_SQL_MODE "';\n");
	if (ddl->settings[MI_SET_TIME_ZONE])
		mi_buf_add_str(sql, OWN_TIME_ZONE);
	if (ddl->settings[MI_SET_CLIENT] || ddl->settings[MI_SET_CONNECTION])
		mi_buf_add_str(sql, OWN_NAMES);
}

static void add_program(struct mi_buf *sql, const struct mi_ddl *ddl)
{
	const char *delimiter = delimiter_for(ddl->text);

	/* the delimiter is on a line of its own, because the text may end in a comment */
	mi_buf_addf(sql, "DELIMITER %s\n%s\n%s\nDELIMITER ;\n", delimiter, ddl->text, delimiter);
}

void mi_ddl_sql_add(struct mi_buf *sql, const struct mi_ddl *ddl, const char **db)
{
	mi_buf_add_char(sql, '\n');
	if (*ddl->db && (!*db || strcmp(*db, ddl->db) != 0)) {
		mi_buf_add_str(sql, "USE ");
		mi_sql_ident(sql, ddl->db);
		mi_buf_add_str(sql, ";\n");
		*db = ddl->db;
	}
	add_settings(sql, ddl);
	if (is_program(ddl)) {
		add_program(sql, ddl);
	} else {
		if (is_clause(ddl)) {
			mi_buf_add_str(sql, "ALTER TABLE ");
			mi_sql_ident(sql, ddl->object);
			mi_buf_add_char(sql, ' ');
		}
		mi_buf_add_str(sql, ddl->text);
		mi_buf_add_str(sql, ";\n");
	}
	restore_settings(sql, ddl);
}
