#include "server/recode.h"
#include "base/buf.h"
#include "base/err.h"
#include "server/conn.h"
#include "sql/literal.h"

int mi_recode(void *conn, struct mi_span charset, struct mi_span bytes, struct mi_buf *text,
              struct mi_err *err)
{
	struct mi_buf sql = {0};
	int ret;

	mi_buf_addf(&sql, "SELECT CONVERT(_%.*s ", (int)charset.len, charset.data);
	mi_sql_hex(&sql, bytes);
	mi_buf_add_str(&sql, " USING utf8mb4)");
	ret = mi_conn_value((struct mi_conn *)conn, err, mi_buf_cstr(&sql), text, NULL);
	mi_buf_release(&sql);
	return ret < 0 ? -1 : 0;
}
