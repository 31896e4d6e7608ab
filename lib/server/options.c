#include "server/options.h"
#include "base/buf.h"
#include "base/err.h"
#include "program/opt.h"
#include "program/optfile.h"
#include "server/conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* What one group of the option file says: the general [client] or the specific [client_NAME], which
 * wins. */
struct settings {
	char *host, *port, *socket, *user, *database, *protocol;
	char *ssl_mode, *ssl_ca, *ssl_capath, *ssl_cert, *ssl_key, *ssl_server_name;
	char *server_public_key_path;
	char *ssl_verify; /* the MariaDB client's way to say VERIFY_IDENTITY */
	char *password;
	bool found;
};

struct loading {
	const char *server;
	char *group; /* client_NAME */
	struct settings general, specific;
};

#define PLACE(name, member)                             \
	{                                               \
		name, offsetof(struct settings, member) \
	}
static const struct place {
	const char *name;
	size_t offset;
} places[] = {
    PLACE("host", host),
    PLACE("port", port),
    PLACE("socket", socket),
    PLACE("user", user),
    PLACE("password", password),
    PLACE("database", database),
    PLACE("protocol", protocol),
    PLACE("ssl-mode", ssl_mode),
    PLACE("ssl-ca", ssl_ca),
    PLACE("ssl-capath", ssl_capath),
    PLACE("ssl-cert", ssl_cert),
    PLACE("ssl-key", ssl_key),
    PLACE("ssl-server-name", ssl_server_name),
    PLACE("server-public-key-path", server_public_key_path),
    PLACE("ssl-verify-server-cert", ssl_verify),
};
enum { PLACE_COUNT = sizeof places / sizeof *places };

static char **slot(struct settings *settings, size_t i)
{
	return (char **)(void *)((char *)settings + places[i].offset);
}

static void wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

static void settings_release(struct settings *settings)
{
	for (size_t i = 0; i < PLACE_COUNT; i++)
		wipe(*slot(settings, i));
	*settings = (struct settings){0};
}

static int check_password(const struct mi_optfile_option *option, struct mi_err *err)
{
	if (!option->value) {
		(void)mi_fail(err, MI_CONFIG, "%s:%u: password without a value", option->file,
		              option->line);
		return mi_hint(err, "nobody is asked for it here: write password=... and chmod 600 "
		                    "the file");
	}
	if (!option->world_readable)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "%s:%u: a password in a file that everybody may read",
	              option->file, option->line);
	return mi_hint(err, "chmod 600 %s (and change that password)", option->file);
}

static int take_option(void *arg, const struct mi_optfile_option *option, struct mi_err *err)
{
	struct loading *loading = arg;
	struct settings *into;

	if (strcmp(option->group, "client") == 0)
		into = &loading->general;
	else if (loading->group && strcmp(option->group, loading->group) == 0)
		into = &loading->specific;
	else
		return 0;
	into->found = true;
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		if (strcmp(option->name, places[i].name) != 0)
			continue;
		if (strcmp(option->name, "password") == 0 && check_password(option, err) != 0)
			return -1;
		wipe(*slot(into, i));
		*slot(into, i) = mi_strdup(option->value ? option->value : "");
	}
	return 0;
}

static void overlay(struct settings *general, struct settings *specific)
{
	for (size_t i = 0; i < PLACE_COUNT; i++) {
		char **from = slot(specific, i), **to = slot(general, i);

		if (!*from)
			continue;
		wipe(*to);
		*to = *from;
		*from = NULL;
	}
}

/* The path of ~/.my.cnf if that exists, else NULL; the caller frees it. */
static char *default_config(void)
{
	const char *home = getenv("HOME");
	struct mi_buf path = {0};
	char *found = NULL;

	if (!home || !*home)
		return NULL;
	mi_buf_addf(&path, "%s/.my.cnf", home);
	if (access(mi_buf_cstr(&path), F_OK) == 0)
		found = mi_strdup(path.data);
	mi_buf_release(&path);
	return found;
}

static int read_config(struct mi_conn_options *options, struct loading *loading, struct mi_err *err)
{
	char *fallback = options->config ? NULL : default_config();
	const char *config = options->config ? options->config : fallback;
	int ret = -1;

	if (!config && options->server) {
		(void)mi_fail(err, MI_CONFIG, "no option file to find [%s] in", loading->group);
		(void)mi_hint(err, "name one with -c FILE or MI_CONFIG, or write ~/.my.cnf");
		goto out;
	}
	if (config && mi_optfile_read(config, take_option, loading, err) != 0)
		goto out;
	if (options->server && !loading->specific.found) {
		(void)mi_fail(err, MI_CONFIG, "%s: no group [%s], or nothing in it", config,
		              loading->group);
		(void)mi_hint(err,
		              "write [%s] with host, user and password into it, or name another "
		              "group with -s",
		              loading->group);
		goto out;
	}
	ret = 0;
out:
	free(fallback);
	return ret;
}

/* Copies text into options->owned, where strings lie one after another; *at is the next free
 * byte. */
static char *keep(char **at, const char *text)
{
	size_t size = strlen(text) + 1;
	char *kept = memcpy(*at, text, size);

	*at += size;
	return kept;
}

static void fill(const char **option, char **at, const char *text)
{
	if (!*option && text && *text)
		*option = keep(at, text);
}

static bool is_local(const char *host)
{
	return !host || !*host || strcmp(host, "localhost") == 0;
}

/* Between a host and a socket the command line wins over the file. A host given there drops the
 * file's host, and its socket unless the host is local; a socket given there drops the file's
 * host. */
static void choose_transport(struct mi_conn_options *options, struct settings *file)
{
	bool tcp = file->protocol && strcasecmp(file->protocol, "tcp") == 0;

	if (options->socket && !options->host) {
		wipe(file->host);
		file->host = NULL;
	} else if (options->host) {
		wipe(file->host);
		file->host = NULL;
		if (!is_local(options->host)) {
			wipe(file->socket);
			file->socket = NULL;
		}
	} else if (tcp && is_local(file->host)) {
		wipe(file->host);
		file->host = mi_strdup("127.0.0.1");
	}
}

static bool is_yes(const char *text)
{
	return !*text || strcasecmp(text, "1") == 0 || strcasecmp(text, "on") == 0 ||
	       strcasecmp(text, "true") == 0;
}

/* The ssl-mode that the file says or implies, as the stock clients read it: authorities without a
 * mode mean VERIFY_CA, and the MariaDB client's ssl-verify-server-cert means VERIFY_IDENTITY. */
static const char *implied_mode(const struct mi_conn_options *options, const struct settings *file)
{
	if (file->ssl_mode && *file->ssl_mode)
		return file->ssl_mode;
	if (file->ssl_verify && is_yes(file->ssl_verify))
		return "VERIFY_IDENTITY";
	if (options->ssl_ca || options->ssl_capath || (file->ssl_ca && *file->ssl_ca) ||
	    (file->ssl_capath && *file->ssl_capath))
		return "VERIFY_CA";
	return NULL;
}

static void complete(struct mi_conn_options *options, struct settings *file)
{
	size_t room = 64;
	const char *mode;
	char *at;

	choose_transport(options, file);
	mode = implied_mode(options, file);
	for (size_t i = 0; i < PLACE_COUNT; i++)
		room += *slot(file, i) ? strlen(*slot(file, i)) + 1 : 0;
	options->owned = at = mi_alloc(room);
	fill(&options->host, &at, file->host);
	fill(&options->port, &at, file->port);
	fill(&options->socket, &at, file->socket);
	fill(&options->user, &at, file->user);
	fill(&options->database, &at, file->database);
	fill(&options->ssl_mode, &at, mode);
	fill(&options->ssl_ca, &at, file->ssl_ca);
	fill(&options->ssl_capath, &at, file->ssl_capath);
	fill(&options->ssl_cert, &at, file->ssl_cert);
	fill(&options->ssl_key, &at, file->ssl_key);
	fill(&options->ssl_server_name, &at, file->ssl_server_name);
	fill(&options->server_public_key_path, &at, file->server_public_key_path);
	options->password = file->password;
	file->password = NULL;
}

int mi_conn_options_tls(const struct mi_conn_options *options, enum mi_tls *mode,
                        struct mi_err *err)
{
	static const char *const names[] = {
	    [MI_TLS_DISABLED] = "DISABLED",
	    [MI_TLS_PREFERRED] = "PREFERRED",
	    [MI_TLS_REQUIRED] = "REQUIRED",
	    [MI_TLS_VERIFY_CA] = "VERIFY_CA",
	    [MI_TLS_VERIFY_IDENTITY] = "VERIFY_IDENTITY",
	};

	*mode = MI_TLS_PREFERRED;
	if (!options->ssl_mode)
		return 0;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(options->ssl_mode, names[i]) == 0) {
			*mode = (enum mi_tls)i;
			return 0;
		}
	}
	return mi_fail(err, MI_CONFIG,
	               "ssl-mode=%s is not one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA, "
	               "VERIFY_IDENTITY",
	               options->ssl_mode);
}

int mi_conn_options_files(const struct mi_conn_options *options, struct mi_err *err)
{
	const struct {
		const char *name, *path;
	} files[] = {
	    {"ssl-ca", options->ssl_ca},
	    {"ssl-capath", options->ssl_capath},
	    {"ssl-cert", options->ssl_cert},
	    {"ssl-key", options->ssl_key},
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++)
		if (files[i].path && access(files[i].path, R_OK) != 0)
			return mi_fail_errno(err, MI_CONFIG, errno, "%s=%s cannot be read",
			                     files[i].name, files[i].path);
	return 0;
}

int mi_conn_options_place(const struct mi_conn_options *options, struct mi_conn_place *place,
                          struct mi_err *err)
{
	const char *text = options->port ? options->port : MI_DEFAULT_PORT;
	uint64_t port;

	*place = (struct mi_conn_place){0};
	if (!mi_opt_number(text, &port) || port < 1 || port > 65535)
		return mi_fail(err, MI_CONFIG, "port=%s is not a TCP port", text);
	place->port = (unsigned)port;
	if (is_local(options->host)) {
		place->host = "localhost";
		place->socket = options->socket ? options->socket : MI_DEFAULT_SOCKET;
	} else {
		place->host = options->host;
	}
	return 0;
}

int mi_conn_options_load(struct mi_conn_options *options, struct mi_err *err)
{
	struct loading loading = {.server = options->server};
	struct mi_conn_place place;
	enum mi_tls mode;
	int ret = -1;

	if (options->server) {
		struct mi_buf group = {0};

		mi_buf_addf(&group, "client_%s", options->server);
		loading.group = mi_strdup(mi_buf_cstr(&group));
		mi_buf_release(&group);
	}
	if (read_config(options, &loading, err) != 0)
		goto out;
	overlay(&loading.general, &loading.specific);
	complete(options, &loading.general);
	if (mi_conn_options_tls(options, &mode, err) != 0 ||
	    mi_conn_options_place(options, &place, err) != 0) {
		mi_conn_options_release(options);
		goto out;
	}
	ret = 0;
out:
	settings_release(&loading.general);
	settings_release(&loading.specific);
	free(loading.group);
	return ret;
}

void mi_conn_options_release(struct mi_conn_options *options)
{
	wipe(options->password);
	free(options->owned);
	*options = (struct mi_conn_options){0};
}
