/* What mi_conn_open does with servers that lie, or have the wrong certificate: a server of this
 * file's own speaks the first packets of the protocol, refuses every login, and counts them. */
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "server/open.h"
#include "server/options.h"
#include "server/tls_probe.h"
#include "t.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct identity {
	EVP_PKEY *key;
	X509 *certificate;
};

/* --- certificates */

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509_EXTENSION *extension;

	X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	X509_add_ext(certificate, extension, -1);
	X509_EXTENSION_free(extension);
}

/* issuer NULL: an authority that signs itself; names NULL: for no host; days: until it expires. */
static struct identity make_identity(const struct identity *issuer, const char *cn,
                                     const char *names, int days)
{
	static long serial;
	struct identity made = {EVP_EC_gen("P-256"), X509_new()};
	const struct identity *signer = issuer ? issuer : &made;
	X509_NAME *subject = X509_get_subject_name(made.certificate);

	X509_set_version(made.certificate, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), ++serial);
	X509_gmtime_adj(X509_getm_notBefore(made.certificate), -172800);
	X509_time_adj_ex(X509_getm_notAfter(made.certificate), days, 0, NULL);
	X509_set_pubkey(made.certificate, made.key);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)cn, -1, -1,
	                           0);
	X509_set_issuer_name(made.certificate, X509_get_subject_name(signer->certificate));
	if (!issuer)
		add_extension(made.certificate, signer->certificate, NID_basic_constraints,
		              "critical,CA:TRUE");
	if (names)
		add_extension(made.certificate, signer->certificate, NID_subject_alt_name, names);
	X509_sign(made.certificate, signer->key, EVP_sha256());
	return made;
}

static void identity_release(struct identity *identity)
{
	EVP_PKEY_free(identity->key);
	X509_free(identity->certificate);
}

/* --- the server */

static struct {
	int fd;
	unsigned port;
	pthread_t thread;
	const char *greeting; /* raw bytes to send instead of a good greeting */
	size_t greeting_len;
	bool no_tls;
	struct identity plain, named; /* without SNI, and for b.example */
	struct identity *later;       /* from the second connection on, whatever the name */
	atomic_int connections, logins_in_plain, logins_in_tls, with_sni;
} server;

static size_t good_greeting(unsigned char *packet)
{
	static const char version[] = "8.0.99-test";
	unsigned caps = 0x80000 | 0x8000 | 0x200 | (server.no_tls ? 0 : 0x800) | 0x1;
	unsigned char *at = packet + 4;

	*at++ = 10;
	memcpy(at, version, sizeof version);
	at += sizeof version;
	mi_put_u32(at, 7);
	at += 4;
	memset(at, 'x', 8);
	at += 8;
	*at++ = 0;
	mi_put_u16(at, (uint16_t)caps);
	at[2] = 45;
	mi_put_u16(at + 3, 2);
	mi_put_u16(at + 5, (uint16_t)(caps >> 16));
	at[7] = 21;
	memset(at + 8, 0, 10);
	at += 18;
	memset(at, 'y', 12);
	at += 12;
	*at++ = 0;
	memcpy(at, "mysql_native_password", 22);
	at += 22;
	mi_put_u32(packet, (uint32_t)(at - packet - 4));
	return (size_t)(at - packet);
}

static int choose_certificate(SSL *ssl, int *alert, void *arg)
{
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);

	(void)alert;
	(void)arg;
	if (!name)
		return SSL_TLSEXT_ERR_NOACK;
	server.with_sni++;
	if (strcmp(name, "b.example") == 0 && !(server.later && server.connections > 1)) {
		SSL_use_certificate(ssl, server.named.certificate);
		SSL_use_PrivateKey(ssl, server.named.key);
	}
	return SSL_TLSEXT_ERR_OK;
}

static void refuse_login(SSL *ssl, unsigned char seq)
{
	unsigned char error[] = "\x17\0\0\0\xff\x15\x04#28000Access denied";

	error[3] = (unsigned char)(seq + 1);
	error[0] = sizeof error - 1 - 4;
	SSL_write(ssl, error, sizeof error - 1);
}

static void serve_tls(int fd)
{
	const struct identity *own =
	    server.later && server.connections > 1 ? server.later : &server.plain;
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	unsigned char login[4096];
	SSL *ssl;

	SSL_CTX_use_certificate(ctx, own->certificate);
	SSL_CTX_use_PrivateKey(ctx, own->key);
	SSL_CTX_set_tlsext_servername_callback(ctx, choose_certificate);
	ssl = SSL_new(ctx);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, login, sizeof login) > 4) {
		server.logins_in_tls++;
		refuse_login(ssl, login[3]);
		while (SSL_read(ssl, login, sizeof login) > 0)
			;
	}
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

static void serve(int fd)
{
	unsigned char packet[4096];
	size_t len = good_greeting(packet);
	ssize_t n;

	if (server.greeting) {
		(void)!write(fd, server.greeting, server.greeting_len);
		return;
	}
	(void)!write(fd, packet, len);
	n = recv(fd, packet, 36, MSG_WAITALL);
	if (n == 36 && mi_get_u32(packet) == (32u | 1u << 24) && !server.no_tls)
		serve_tls(fd);
	else if (n > 0)
		server.logins_in_plain++;
}

static void *run_server(void *arg)
{
	int fd;

	(void)arg;
	while ((fd = accept(server.fd, NULL, NULL)) >= 0) {
		server.connections++;
		serve(fd);
		(void)close(fd);
	}
	return NULL;
}

static bool start_server(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;

	server.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (server.fd < 0 || bind(server.fd, (struct sockaddr *)&address, len) != 0 ||
	    listen(server.fd, 8) != 0 ||
	    getsockname(server.fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	server.port = ntohs(address.sin_port);
	return pthread_create(&server.thread, NULL, run_server, NULL) == 0;
}

/* --- the tests */

static char ca_path[] = "/tmp/t_side_tls.XXXXXX";
static char port_text[8];

static void forget(void)
{
	server.connections = 0;
	server.logins_in_plain = 0;
	server.logins_in_tls = 0;
	server.with_sni = 0;
}

static struct mi_conn_options options_for(const char *mode, const char *name)
{
	return (struct mi_conn_options){.host = "127.0.0.1",
	                                .port = port_text,
	                                .user = "u",
	                                .ssl_mode = mode,
	                                .ssl_ca = ca_path,
	                                .ssl_server_name = name};
}

/* The code that opening a connection ends with: MI_DENIED when the login got through. */
static int open_code(const char *mode, const char *name, struct mi_err *err)
{
	struct mi_conn_options options = options_for(mode, name);
	struct mi_conn conn = {0};

	forget();
	*err = (struct mi_err){0};
	if (mi_conn_open(&conn, &options, MI_ROLE_PLAIN, err) == 0) {
		mi_conn_close(&conn);
		return MI_OK;
	}
	return err->code;
}

static void expect(const char *mode, const char *name, int code, const char *what)
{
	struct mi_err err;
	int got = open_code(mode, name, &err);

	if (!CHECK(got == code, "%s, %s: %s", mode, name ? name : "by host", what))
		printf("#   got %d: %s\n#   hint: %s\n", got, err.text, err.hint);
	CHECK(server.logins_in_tls == (code == MI_DENIED), "  %s sent inside TLS",
	      code == MI_DENIED ? "the login was" : "nothing of a login was");
	CHECK(server.logins_in_plain == 0, "  and nothing in plain");
}

static void probe_says(const void *greeting, size_t len, int code, const char *what)
{
	struct mi_conn_options options = options_for("REQUIRED", NULL);
	struct mi_conn_place place;
	struct mi_tls_seen seen;
	struct mi_err err = {0};

	server.greeting = greeting;
	server.greeting_len = len;
	if (mi_conn_options_place(&options, &place, &err) == 0)
		(void)!mi_tls_probe(&options, &place, MI_TLS_REQUIRED, &seen, &err);
	if (!CHECK(err.code == code, "%s", what))
		printf("#   got %d: %s\n", err.code, err.text);
	server.greeting = NULL;
}

#define SAYS(bytes, code, what) probe_says(bytes, sizeof bytes - 1, code, what)

static void bad_greetings(void)
{
	unsigned char packet[256];
	size_t len = good_greeting(packet);

	probe_says("", 0, MI_UNAVAILABLE, "a server that hangs up at once");
	SAYS("\x05\0", MI_UNAVAILABLE, "half a header");
	SAYS("\x05\0\0\0\x0a"
	     "8",
	     MI_UNAVAILABLE, "a packet that is cut short");
	SAYS("\0\0\0\0", MI_PROTOCOL, "an empty packet");
	SAYS("SSH-2.0-x\r\n", MI_PROTOCOL, "another protocol");
	SAYS("\xff\xff\xff\0", MI_PROTOCOL, "a claim of 16 MiB");
	SAYS("\x03\0\0\x01\x0a"
	     "8\0",
	     MI_PROTOCOL, "a wrong sequence number");
	SAYS("\x04\0\0\0\x0a"
	     "8.0",
	     MI_PROTOCOL, "a version without an end");
	SAYS("\x03\0\0\0\x0a"
	     "8\0",
	     MI_PROTOCOL, "nothing after the version");
	SAYS("\x11\0\0\0\x0a"
	     "8\0____scramble0\0",
	     MI_PROTOCOL, "capabilities that are cut short");
	SAYS("\x01\0\0\0\xff", MI_PROTOCOL, "an error without a number");
	SAYS("\x03\0\0\0\xff\x10\x04", MI_UNAVAILABLE, "too many connections (1040)");
	SAYS("\x0b\0\0\0\xff\x6a\x04not you.", MI_DENIED, "a host that may not connect (1130)");
	for (size_t cut = 0; cut < len; cut += 7)
		probe_says(packet, cut, MI_UNAVAILABLE, "a greeting that ends early");
}

static void no_tls(void)
{
	struct mi_err err;

	server.no_tls = true;
	expect("REQUIRED", NULL, MI_CONFIG, "no TLS there");
	expect("VERIFY_CA", NULL, MI_CONFIG, "no TLS there");
	expect("VERIFY_IDENTITY", "b.example", MI_CONFIG, "no TLS there");
	(void)open_code("PREFERRED", NULL, &err);
	CHECK(server.logins_in_plain == 1, "PREFERRED falls back to plain");
	(void)open_code("DISABLED", NULL, &err);
	CHECK(server.logins_in_plain == 1, "DISABLED asks for nothing else");
	server.no_tls = false;
	(void)open_code("DISABLED", NULL, &err);
	CHECK(server.logins_in_plain == 1, "not even when there is TLS");
}

static void names(const struct identity *ca)
{
	server.plain = make_identity(ca, "a", "DNS:a.example", 30);
	server.named = make_identity(ca, "b", "DNS:b.example", 30);
	expect("PREFERRED", NULL, MI_DENIED, "takes what there is");
	expect("REQUIRED", NULL, MI_DENIED, "any certificate will do");
	expect("VERIFY_CA", NULL, MI_DENIED, "the authority is known");
	expect("VERIFY_IDENTITY", NULL, MI_CONFIG, "the certificate is not for 127.0.0.1");
	expect("VERIFY_IDENTITY", "b.example", MI_DENIED, "chosen by SNI, and verified");
	CHECK(server.with_sni == server.connections, "SNI in all %d handshakes",
	      server.connections);
	expect("VERIFY_CA", "b.example", MI_DENIED, "SNI is sent with VERIFY_CA too");
	CHECK(server.with_sni == server.connections, "SNI in all %d handshakes",
	      server.connections);
	expect("VERIFY_IDENTITY", "c.example", MI_CONFIG, "no such name there");
	expect("VERIFY_CA", NULL, MI_DENIED, "a name does not stay for the next connection");
	CHECK(server.with_sni == 0, "neither does its SNI");
	identity_release(&server.plain);
	server.plain = make_identity(ca, "ip", "IP:127.0.0.1", 30);
	expect("VERIFY_IDENTITY", NULL, MI_DENIED, "a certificate for an address");
	expect("VERIFY_IDENTITY", "127.0.0.2", MI_CONFIG, "another address");
	identity_release(&server.plain);
	server.plain = make_identity(ca, "wild", "DNS:*.db.example", 30);
	expect("VERIFY_IDENTITY", "d.db.example", MI_DENIED, "a wildcard");
	expect("VERIFY_IDENTITY", "d.e.db.example", MI_CONFIG, "is for one label");
	identity_release(&server.plain);
}

static void chains(const struct identity *ca)
{
	struct identity other = make_identity(NULL, "another authority", NULL, 30);

	server.plain = make_identity(&other, "a", "DNS:a.example", 30);
	expect("REQUIRED", NULL, MI_DENIED, "any authority will do");
	expect("VERIFY_CA", NULL, MI_CONFIG, "an unknown authority");
	expect("VERIFY_IDENTITY", "a.example", MI_CONFIG, "an unknown authority");
	identity_release(&server.plain);
	server.plain = make_identity(NULL, "self", "DNS:a.example", 30);
	expect("VERIFY_CA", NULL, MI_CONFIG, "signed by itself");
	identity_release(&server.plain);
	server.plain = make_identity(ca, "old", "DNS:a.example", -1);
	expect("VERIFY_CA", NULL, MI_CONFIG, "expired");
	expect("VERIFY_IDENTITY", "a.example", MI_CONFIG, "expired");
	identity_release(&server.plain);
#ifdef MARIADB_PACKAGE_VERSION_ID
	/* Somebody who lets the look at the certificate pass, and steps in at the login. */
	server.plain = make_identity(ca, "a", "DNS:a.example", 30);
	server.later = &other;
	expect("VERIFY_CA", NULL, MI_CONFIG, "another certificate at the login");
	expect("REQUIRED", NULL, MI_DENIED, "(which REQUIRED does not mind, looking again)");
	server.later = NULL;
	identity_release(&server.plain);
#endif
	identity_release(&other);
}

static bool write_ca(const struct identity *ca)
{
	int fd = mkstemp(ca_path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

	return file && PEM_write_X509(file, ca->certificate) == 1 && fclose(file) == 0;
}

int main(void)
{
	struct identity ca = make_identity(NULL, "authority", NULL, 30);
	struct mi_err err = {0};

	(void)signal(SIGPIPE, SIG_IGN);
	if (!write_ca(&ca) || !start_server() || mi_conn_init(&err) != 0) {
		printf("Bail out! no server for the test\n");
		return 1;
	}
	(void)snprintf(port_text, sizeof port_text, "%u", server.port);
	bad_greetings();
	no_tls();
	names(&ca);
	chains(&ca);
	(void)shutdown(server.fd, SHUT_RDWR);
	(void)pthread_join(server.thread, NULL);
	(void)close(server.fd);
	(void)unlink(ca_path);
	identity_release(&ca);
	identity_release(&server.named);
	mysql_library_end();
	DONE();
}
