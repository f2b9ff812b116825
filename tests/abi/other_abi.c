/* A plugin of another age. */
#include "plugins/plugin.h"

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI + 1, .size = sizeof hone_plugin};
