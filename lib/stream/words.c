#include "stream/words.h"

const char *const mi_stream_kind_words[3] = {"schema", "rows", "events"};
const char *const mi_key_kind_words[5] = {"plain", "unique", "primary", "fulltext", "spatial"};
const char *const mi_generated_words[3] = {"no", "virtual", "stored"};
const char *const mi_xa_words[3] = {"prepare", "commit", "rollback"};
