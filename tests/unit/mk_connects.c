/* mk_connects PORT USER PASSWORD DATABASE CLIENTS SECONDS: CLIENTS threads connect to 127.0.0.1,
 * without TLS, SELECT 1 and close, again and again. Prints how many of that were done in a second.
 * For scripts/bench-route. */
#include <mysql.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MAX_CLIENTS = 1000 };

static char **words; /* main's argv */
static atomic_int done, failed;
static time_t end;

static void without_tls(MYSQL *mysql)
{
#ifdef MARIADB_PACKAGE_VERSION_ID
	my_bool off = 0;

	(void)mysql_options(mysql, MYSQL_OPT_SSL_ENFORCE, &off);
	(void)mysql_options(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &off);
#else
	unsigned mode = SSL_MODE_DISABLED;

	(void)mysql_options(mysql, MYSQL_OPT_SSL_MODE, &mode);
#endif
}

static MYSQL *connect_once(void)
{
	MYSQL *mysql = mysql_init(NULL);

	without_tls(mysql);
	if (mysql_real_connect(mysql, "127.0.0.1", words[2], words[3], words[4],
	                       (unsigned)atoi(words[1]), NULL, 0))
		return mysql;
	(void)fprintf(stderr, "mk_connects: %s\n", mysql_error(mysql));
	mysql_close(mysql);
	return NULL;
}

static void *client(void *arg)
{
	(void)arg;
	while (time(NULL) < end && !failed) {
		MYSQL *mysql = connect_once();
		MYSQL_RES *rows;

		if (!mysql || mysql_query(mysql, "SELECT 1") != 0 ||
		    !(rows = mysql_store_result(mysql))) {
			failed = 1;
			return NULL;
		}
		mysql_free_result(rows);
		mysql_close(mysql);
		done++;
	}
	return NULL;
}

int main(int argc, char **argv)
{
	static pthread_t threads[MAX_CLIENTS];
	int clients, seconds, started = 0;

	if (argc != 7 || (clients = atoi(argv[5])) < 1 || clients > MAX_CLIENTS ||
	    (seconds = atoi(argv[6])) < 1)
		return 64;
	words = argv;
	end = time(NULL) + seconds + 1; /* the first second is a part of one */
	while (time(NULL) == end - seconds - 1)
		;
	done = 0;
	while (started < clients && pthread_create(&threads[started], NULL, client, NULL) == 0)
		started++;
	for (int i = 0; i < started; i++)
		(void)pthread_join(threads[i], NULL);
	(void)printf("%d\n", done / seconds);
	return failed || started < clients;
}
