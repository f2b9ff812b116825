/* facts.h - what every result of a run has in common, as one JSON text: the device with its
 * fingerprint, the protocol, and each plugin that has a say, with version, hash of its file and
 * resolved settings. It is stored with the run, and is part of the key of the result cache. */
#ifndef HONE_CORE_FACTS_H
#define HONE_CORE_FACTS_H

#include "core/rewards.h"

/* The caller frees. NULL with a text when a plugin cannot be read. */
char *hone_facts(const struct hone_settings *settings, const struct hone_device *device,
                 const char *protocol, const struct hone_instance *hardware,
                 const struct hone_rewards *rewards, struct hone_error *error);

#endif
