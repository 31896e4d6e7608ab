/* mk_fuzz_seeds FOLDER: writes what the fuzzers begin with into FOLDER/f_..., out of the captures.
 */
#include "base/buf.h"
#include "binlog/event.h"
#include "capture.h"
#include "unhex.h"

#include <sys/stat.h>

static const char *root;
static unsigned number;

static void put(const char *harness, struct mi_span a, struct mi_span b)
{
	char path[4096];
	FILE *file;

	(void)snprintf(path, sizeof path, "%s/%s", root, harness);
	(void)mkdir(path, 0755);
	(void)snprintf(path, sizeof path, "%s/%s/%u", root, harness, number++);
	file = fopen(path, "wb");
	if (!file || fwrite(a.data, 1, a.len, file) != a.len ||
	    fwrite(b.data, 1, b.len, file) != b.len || fclose(file) != 0) {
		perror(path);
		exit(1);
	}
}

/* A FORMAT_DESCRIPTION that says that there are no checksums, and events without any. */
static void take(const char *path)
{
	struct mi_buf all = capture_read(path), log = {0}, format = {0};
	struct mi_span rest = mi_buf_span(&all), bytes;
	unsigned seen[256] = {0};

	while (capture_next(&rest, &bytes)) {
		unsigned type = (unsigned char)bytes.data[4];
		size_t tail = type == MI_EVENT_FORMAT ? 0 : MI_EVENT_CRC;
		struct mi_buf one = {0};

		mi_buf_add(&one, bytes.data, bytes.len - tail);
		mi_put_u32(one.data + 9, (uint32_t)one.len);
		if (type == MI_EVENT_FORMAT) {
			one.data[one.len - MI_EVENT_CRC - 1] = 0;
			mi_buf_reset(&format);
			mi_buf_add_char(&format, 63);
			mi_buf_add_span(&format, mi_buf_span(&one));
		}
		if (type == MI_EVENT_TABLE_MAP)
			mi_buf_reset(&log);
		mi_buf_add_span(&log, mi_buf_span(&one));
		if (one.len < 4096 && seen[type]++ < 8)
			put("f_binlog_event", mi_buf_span(&one), mi_span("", 0));
		if (log.len < 8192 && (type == MI_EVENT_TRANSACTION_PAYLOAD ||
		                       (type > MI_EVENT_TABLE_MAP && type != MI_EVENT_XID)))
			put("f_binlog_reader", mi_buf_span(&format), mi_buf_span(&log));
		mi_buf_release(&one);
	}
	mi_buf_release(&all);
	mi_buf_release(&log);
	mi_buf_release(&format);
}

/* The first byte chooses settings. */
static void put_statements(void)
{
	static const char *const statements[] = {
	    "SELECT a.b, COUNT(*), 'x''y' FROM `t` WHERE id IN (1, 2.5e3, 0x1F) ORDER BY b LIMIT 5",
	    "WITH x AS (SELECT 1 AS n) SELECT n FROM x /* c */ -- d\n UNION (SELECT NOW())",
	    "SET @@session.sql_mode = CONCAT(@@sql_mode, ',ANSI'), NAMES utf8mb4 COLLATE "
	    "utf8mb4_bin",
	    "SELECT @a := GET_LOCK(\"x\", 1) INTO @b FOR UPDATE; /*!50000 DROP TABLE IF EXISTS a, "
	    "b */",
	    "CREATE DEFINER = `a`@`b` TRIGGER t BEFORE INSERT ON shop.x FOR EACH ROW BEGIN END",
	    "START TRANSACTION READ ONLY, WITH CONSISTENT SNAPSHOT",
	    "SELECT /*+ SET_VAR(a=1) */ LAST_INSERT_ID(), @@warning_count",
	    "/* c */ COMMIT AND NO CHAIN NO RELEASE ;",
	    "KILL QUERY 2147483650 -- x",
	    "XA COMMIT X'61',X'',1",
	    "DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `d`.`_mi_a`, db.5t",
	    "ALTER TABLE t RENAME u, EXCHANGE PARTITION p WITH TABLE v",
	    "CREATE OR REPLACE TABLE `t` (a INT DEFAULT (1 + .5)) COMMENT='x' SELECT $a FROM t",
	};

	for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
		for (int settings = '@'; settings <= 'x'; settings += 9)
			put("f_sql_class", mi_span(&(char){(char)settings}, 1),
			    mi_span_str(statements[i]));
}

/* A greeting, a login, OKs with changes, as real peers sent them. */
static void take_logins(void)
{
	static const char *const packets[] = {
	    "0a352e352e352d31302e31312e31392d4d61726961444200120000004261446f2259797700feff2d0200ff"
	    "81150000000000001d0000006a2e45504135265c7e253b39006d7973716c5f6e61746976655f7061737377"
	    "6f726400",
	    "8da6ff19000000014500000000000000000000000000000000000000000000006170700014010203040506"
	    "0708"
	    "090a0b0c0d0e0f101112131473686f70006d7973716c5f6e61746976655f70617373776f72640005016102"
	    "6263",
	    "00000002400000001900100c73746174656d656e745f696402333101020164020131",
	    "00000003400000003200100c73746174656d656e745f6964023335050908545f5f5f5f5f5f5f0413125354"
	    "415254205452414e53414354494f4e3b",
	    "fe636c69656e745f65643235353139004ffe21a72dd89eeafdb129038c98b12a1e139ad38496824f2e3579"
	    "11070c5a7d",
	    "1161707000020102736800ff00636163686900050161026263"};

	for (size_t i = 0; i < sizeof packets / sizeof *packets; i++)
		for (unsigned caps = 0; caps < 8; caps += 7) {
			struct mi_buf bytes = unhex(packets[i]);
			char first = (char)caps;

			put("f_protocol_login", mi_span(&first, 1), mi_buf_span(&bytes));
			mi_buf_release(&bytes);
		}
}

/* Answers: a result of one column and row, a prepare, a file request. */
static void take_answers(void)
{
	static const char *const answers[] = {"0100000101170000020364656600000001610"
	                                      "00c3f000100000003000000000005000003fe00000200"
	                                      "0400000403616263"
	                                      "05000005fe00000200",
	                                      "0c00000100010000000100010000000000170000020364656600"
	                                      "00000161000c3f000100000003000000000005"
	                                      "000003fe000002001700000403646566000000016100"
	                                      "0c3f000100000003000000000005000005fe00000200",
	                                      "0c000001fb2f6574632f70617373776407000003000000020000"
	                                      "00"};

	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		for (unsigned choice = 0; choice < 32; choice++) {
			struct mi_buf bytes = unhex(answers[i]);
			char first = (char)choice;

			put("f_protocol_response", mi_span(&first, 1), mi_buf_span(&bytes));
			mi_buf_release(&bytes);
		}
}

int main(int argc, char **argv)
{
	static const char json[] = "\x0d\x00\x01\x00\x0c\x00\x0b\x00\x01\x00\x04\x01\x00k"
				   "\x01\x04$.aa\x02\x04\x00";

	if (argc != 2)
		return 64;
	root = argv[1];
	for (size_t i = 0; i < CAPTURE_COUNT; i++)
		take(captures[i]);
	put("f_binlog_json", mi_span(json, sizeof json - 1), mi_span("", 0));
	put("f_binlog_json",
	    mi_span_str("[1.10, {\"a\": \"base64:type252:AP8=\"}, \"2024-01-01\", 5e-324]"),
	    mi_span("\0Dod", 4));
	put("f_binlog_json", mi_span_str("\x10[[1.10], [\"\", 5]]"), mi_span_str("[[D.U"));
	take_logins();
	take_answers();
	put("f_gtid", mi_span_str("00000000-0000-0000-0000-000000000001:1-5:7:tag:1,0-1-2"),
	    mi_span("", 0));
	put_statements();
	return 0;
}
