/* station.h - one device and the thread that measures on it: callers queue, one at a time is
 * served.
 *
 * The thread is pinned to the device's measuring core and lives as long as the station. Idle time
 * goes into pools of inputs. hone_station_measure() is for any thread, and blocks.
 */
#ifndef HONE_CORE_STATION_H
#define HONE_CORE_STATION_H

#include "core/measure.h"

struct hone_station;

/* Starts the thread, which opens the meter; -errno and a text when it could not. */
int hone_station_create(const struct hone_instance *hardware, uint32_t device,
                        struct hone_scorer *scorer, const struct hone_meter_options *options,
                        struct hone_station **station, struct hone_error *error);
void hone_station_destroy(struct hone_station *station);

const char *hone_station_protocol(const struct hone_station *station);
int hone_station_measure(struct hone_station *station, const struct hone_measure_request *request,
                         struct hone_measure_result *result, struct hone_error *error);

/* Let the calling thread, and the compilers it starts, keep off the measuring core while somebody
 * is timed. */
void hone_station_make_way(struct hone_station *station);

#endif
