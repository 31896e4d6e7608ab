#include "route/shared/names.h"
#include "route/auth/users.h"

const char *const mi_route_mode_names[MI_MODES] = {
    [MI_MODE_SOURCE] = "source",
    [MI_MODE_REPLICA] = "replica",
    [MI_MODE_PRIMARY] = "primary",
    [MI_MODE_TARGET] = "target",
};

const char *const mi_route_side_names[MI_ROUTE_SIDES] = {"source", "target"};
