#include "server/tls_probe.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/hex.h"
#include "base/unix_socket.h"
#include "server/conn.h"
#include "server/errors.h"
#include "server/name.h"
#include "server/options.h"
#include "server/tls_files.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	SECONDS = 20,
	MAX_GREETING = 4096,
	CAP_PROTOCOL_41 = 0x200,
	CAP_SSL = 0x800,
	CAP_SECURE_CONNECTION = 0x8000,
	CAP_PLUGIN_AUTH = 0x80000,
	COLLATION = 45, /* utf8mb4_general_ci; no text follows in which it would matter */
};

struct probe {
	const struct mi_conn_options *options;
	const struct mi_conn_place *place;
	enum mi_tls mode;
	int fd;
	SSL_CTX *ctx;
	SSL *ssl;
};

static const char *place_text(const struct probe *probe)
{
	return mi_conn_place_text(probe->options);
}

static void set_timeouts(int fd)
{
	struct timeval limit = {.tv_sec = SECONDS};

	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

static int cannot_connect(const struct probe *probe, const char *why, struct mi_err *err)
{
	(void)mi_fail(err, MI_UNAVAILABLE, "%s: cannot connect: %s", place_text(probe), why);
	return mi_hint(err,
	               "is the server running, is %s right, and does a firewall let this machine "
	               "in?",
	               probe->place->socket ? "the socket's path" : "host and port");
}

static int connect_socket(struct probe *probe, struct mi_err *err)
{
	struct sockaddr_un address;

	if (mi_unix_address(&address, probe->place->socket, err) != 0)
		return -1;
	probe->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (probe->fd < 0)
		return mi_fail_errno(err, MI_AGAIN, errno, "cannot make a socket");
	set_timeouts(probe->fd);
	if (connect(probe->fd, (struct sockaddr *)&address, sizeof address) != 0)
		return cannot_connect(probe, strerror(errno), err);
	return 0;
}

static int connect_tcp(struct probe *probe, struct mi_err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	char port[8];
	int why = 0, code;

	(void)snprintf(port, sizeof port, "%u", probe->place->port);
	code = getaddrinfo(probe->place->host, port, &hints, &list);
	if (code != 0) {
		(void)mi_fail(err, MI_UNAVAILABLE, "%s: unknown host: %s", place_text(probe),
		              gai_strerror(code));
		return mi_hint(err,
		               "check host=, and that its name resolves here (getent hosts %s)",
		               probe->place->host);
	}
	for (struct addrinfo *at = list; at && probe->fd < 0; at = at->ai_next) {
		int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);

		if (fd < 0) {
			why = errno;
			continue;
		}
		set_timeouts(fd);
		if (connect(fd, at->ai_addr, at->ai_addrlen) == 0) {
			probe->fd = fd;
		} else {
			why = errno;
			(void)close(fd);
		}
	}
	freeaddrinfo(list);
	return probe->fd < 0 ? cannot_connect(probe, strerror(why), err) : 0;
}

static int receive(struct probe *probe, unsigned char *into, size_t len, struct mi_err *err)
{
	for (size_t got = 0; got < len;) {
		ssize_t n = recv(probe->fd, into + got, len - got, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return cannot_connect(
			    probe, n < 0 ? strerror(errno) : "the server closed the connection",
			    err);
		got += (size_t)n;
	}
	return 0;
}

/* The server sent an error packet for a greeting: number, "#" and SQLSTATE (optional), text. */
static int refused(const struct probe *probe, const unsigned char *packet, size_t len,
                   struct mi_err *err)
{
	size_t at = len >= 9 && packet[3] == '#' ? 9 : 3;
	char text[256];

	(void)snprintf(text, sizeof text, "%.*s", (int)(len - at < 200 ? len - at : 200),
	               (const char *)packet + at);
	return mi_conn_explain_number(probe->options, probe->place, mi_get_u16(packet + 1), text,
	                              err);
}

/* "Protocol::HandshakeV10" in the MySQL internals manual. */
static int read_greeting(struct probe *probe, struct mi_err *err)
{
	unsigned char head[4], packet[MAX_GREETING];
	const unsigned char *version_end;
	size_t len, at;

	if (receive(probe, head, sizeof head, err) != 0)
		return -1;
	len = head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16;
	if (len < 1 || len > sizeof packet || head[3] != 0)
		return mi_fail(err, MI_PROTOCOL, "%s: no MySQL greeting", place_text(probe));
	if (receive(probe, packet, len, err) != 0)
		return -1;
	if (packet[0] == 0xff && len >= 3)
		return refused(probe, packet, len, err);
	version_end = packet[0] == 10 ? memchr(packet + 1, '\0', len - 1) : NULL;
	if (!version_end)
		return mi_fail(err, MI_PROTOCOL, "%s: no MySQL greeting", place_text(probe));
	at = (size_t)(version_end + 1 - packet) + 4 + 8 + 1; /* thread id, scramble, filler */
	if (at > len || len - at < 2)
		return mi_fail(err, MI_PROTOCOL, "%s: the greeting is cut short",
		               place_text(probe));
	if (mi_get_u16(packet + at) & CAP_SSL)
		return 0;
	(void)mi_fail(err, MI_CONFIG, "%s: TLS is required, and the server offers none",
	              place_text(probe));
	return mi_hint(err,
	               "set up TLS on the server, or lower ssl-mode if the network is trusted");
}

static int ask_for_tls(struct probe *probe, struct mi_err *err)
{
	unsigned char packet[36] = {32, 0, 0, 1};

	mi_put_u32(packet + 4, CAP_PROTOCOL_41 | CAP_SSL | CAP_SECURE_CONNECTION | CAP_PLUGIN_AUTH);
	mi_put_u32(packet + 8, 1u << 24);
	packet[12] = COLLATION;
	if (send(probe->fd, packet, sizeof packet, MSG_NOSIGNAL) != sizeof packet)
		return cannot_connect(probe, strerror(errno), err);
	return 0;
}

static int set_up_tls(struct probe *probe, struct mi_err *err)
{
	if (mi_tls_files_ctx(probe->options, probe->mode, &probe->ctx, err) != 0 ||
	    mi_tls_files_ssl(probe->ctx, probe->options, probe->place, probe->mode, &probe->ssl,
	                     err) != 0)
		return -1;
	if (SSL_set_fd(probe->ssl, probe->fd) != 1)
		return mi_fail(err, MI_AGAIN, "cannot start TLS: %s", mi_tls_reason());
	return 0;
}

/* The names that a certificate is for, for a message that also has the expected name. */
static void certificate_names(X509 *certificate, char *text, size_t size)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
	size_t len = 0;

	*text = '\0';
	if (names)
		for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
			const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

			if (name->type == GEN_DNS && len < size)
				len += (size_t)snprintf(
				    text + len, size - len, "%s%.*s", len ? ", " : "",
				    ASN1_STRING_length(name->d.dNSName),
				    (const char *)ASN1_STRING_get0_data(name->d.dNSName));
		}
	else
		(void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
		                                text, (int)size);
	GENERAL_NAMES_free(names);
}

static int not_trusted(struct probe *probe, X509 *certificate, long why, struct mi_err *err)
{
	const char *name =
	    probe->options->ssl_server_name ? probe->options->ssl_server_name : probe->place->host;
	char names[256];

	(void)mi_fail(err, MI_CONFIG, "%s: TLS certificate refused: %s", place_text(probe),
	              X509_verify_cert_error_string(why));
	if (why == X509_V_ERR_HOSTNAME_MISMATCH || why == X509_V_ERR_IP_ADDRESS_MISMATCH) {
		if (certificate)
			certificate_names(certificate, names, sizeof names);
		else
			names[0] = '\0';
		return mi_hint(err,
		               "it is for '%s', not '%s': connect by that name, or set "
		               "ssl-server-name if that server is the right one",
		               names, name);
	}
	if (why == X509_V_ERR_CERT_HAS_EXPIRED)
		return mi_hint(err, "the server needs a new certificate");
	return mi_hint(err, "give the authority that signed it in ssl-ca");
}

/* Called by OpenSSL while it verifies. Keeps the peer's certificate, which OpenSSL forgets when the
 * handshake fails. */
static int remember_certificate(int ok, X509_STORE_CTX *store)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	X509 **kept = SSL_get_app_data(ssl);

	if (!*kept) {
		*kept = X509_STORE_CTX_get0_cert(store);
		X509_up_ref(*kept);
	}
	return ok;
}

/* Did the peer break off, as a server does that is shutting down, rather than refuse? */
static bool broke_off(const struct probe *probe, int result)
{
	return SSL_get_error(probe->ssl, result) == SSL_ERROR_SYSCALL ||
	       ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

static int shake_hands(struct probe *probe, struct mi_err *err)
{
	X509 *certificate = NULL;
	int result, ret = 0;

	SSL_set_app_data(probe->ssl, &certificate);
	if (probe->mode >= MI_TLS_VERIFY_CA)
		SSL_set_verify(probe->ssl, SSL_VERIFY_PEER, remember_certificate);
	ERR_clear_error();
	result = SSL_connect(probe->ssl);
	if (result != 1) {
		long why = SSL_get_verify_result(probe->ssl);

		if (probe->mode >= MI_TLS_VERIFY_CA && why != X509_V_OK)
			ret = not_trusted(probe, certificate, why, err);
		else if (broke_off(probe, result))
			ret = cannot_connect(probe, mi_tls_reason(), err);
		else
			ret = mi_fail(err, MI_CONFIG, "%s: TLS failed: %s", place_text(probe),
			              mi_tls_reason());
	}
	X509_free(certificate);
	return ret;
}

static int hexadecimal(X509 *certificate, const EVP_MD *kind, char *text, struct mi_err *err)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len;

	if (X509_digest(certificate, kind, digest, &len) != 1)
		return mi_fail(err, MI_BUG, "no digest of a certificate: %s", mi_tls_reason());
	mi_hex_write(text, digest, len, mi_hex_upper);
	text[2 * len] = '\0';
	return 0;
}

static int look(struct probe *probe, struct mi_tls_seen *seen, struct mi_err *err)
{
	X509 *certificate = SSL_get1_peer_certificate(probe->ssl);
	int ret = -1;

	if (!certificate)
		return mi_fail(err, MI_CONFIG, "%s: TLS without a certificate", place_text(probe));
	if (hexadecimal(certificate, EVP_sha1(), seen->sha1, err) == 0 &&
	    hexadecimal(certificate, EVP_sha256(), seen->sha256, err) == 0)
		ret = 0;
	X509_free(certificate);
	return ret;
}

int mi_tls_probe(const struct mi_conn_options *options, const struct mi_conn_place *place,
                 enum mi_tls mode, struct mi_tls_seen *seen, struct mi_err *err)
{
	struct probe probe = {.options = options, .place = place, .mode = mode, .fd = -1};
	int ret = -1;

	if ((place->socket ? connect_socket(&probe, err) : connect_tcp(&probe, err)) == 0 &&
	    read_greeting(&probe, err) == 0 && ask_for_tls(&probe, err) == 0 &&
	    set_up_tls(&probe, err) == 0 && shake_hands(&probe, err) == 0 &&
	    look(&probe, seen, err) == 0)
		ret = 0;
	if (ret == 0)
		(void)SSL_shutdown(probe.ssl); /* a courtesy: the answer is not waited for */
	SSL_free(probe.ssl);
	SSL_CTX_free(probe.ctx);
	if (probe.fd >= 0)
		(void)close(probe.fd);
	return ret;
}
