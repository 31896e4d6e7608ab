#include "wire/ddl_convert.h"
bool mi_convert_is_needed(const struct mi_convert *c){return c->from!=c->to;}
int mi_convert_table(struct mi_convert *c, struct mi_ddl_table *d, const char *db, struct mi_err *e){(void)c;(void)d;(void)db;(void)e;return 0;}
int mi_convert_statement(struct mi_convert *c, struct mi_buf *d, const char *db, struct mi_err *e){(void)c;(void)d;(void)db;(void)e;return 0;}
char *mi_convert_collation(struct mi_convert *c, const char *x, const char *w){(void)c;(void)w;return mi_strdup(x);}
char *mi_convert_sql_mode(struct mi_convert *c, const char *x, const char *w){(void)c;(void)w;return mi_strdup(x);}
void mi_convert_release(struct mi_convert *c){(void)c;}
bool mi_convert_target(struct mi_convert *c, const char *t){(void)c;(void)t;return true;}
