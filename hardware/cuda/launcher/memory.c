#include "hardware/cuda/launcher/launcher.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#define BAND_BYTES 4096u

static uint64_t round_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) / unit * unit;
}

static struct cuda_memory memory_of(const struct launcher *launcher) {
    return (struct cuda_memory){.type = CUDA_MEMORY_PINNED,
                                .location = {CUDA_LOCATION_DEVICE, launcher->ordinal}};
}

/* Map the buffer's memory somewhere, with as much unmapped on both sides. 0: no. */
static uint64_t map_view(struct launcher *launcher, const struct buffer *buffer, uint64_t unit,
                         int access) {
    const struct cuda_driver *driver = &launcher->driver;
    const struct cuda_access wanted = {{CUDA_LOCATION_DEVICE, launcher->ordinal}, access};
    const uint64_t whole = buffer->bytes + 2 * unit;
    uint64_t base = 0;
    if (driver->reserve(&base, whole, 0, 0, 0))
        return 0;
    if (driver->map(base + unit, buffer->bytes, 0, buffer->handle, 0) == 0) {
        if (driver->set_access(base + unit, buffer->bytes, &wanted, 1) == 0)
            return base;
        driver->unmap(base + unit, buffer->bytes);
    }
    driver->unreserve(base, whole);
    return 0;
}

static void unmap_view(struct launcher *launcher, const struct buffer *buffer, uint64_t base,
                       uint64_t unit) {
    launcher->driver.unmap(base + unit, buffer->bytes);
    launcher->driver.unreserve(base, buffer->bytes + 2 * unit);
}

static uint64_t unit_of(struct launcher *launcher) {
    const struct cuda_memory memory = memory_of(launcher);
    size_t unit = 0;
    return launcher->driver.granularity(&unit, &memory, 0) ? 0 : unit;
}

/* Inputs get two views: one that copies write to, and one that kernels can only read. */
static bool open_virtual(struct launcher *launcher, struct buffer *buffer) {
    const struct cuda_memory memory = memory_of(launcher);
    const uint64_t unit = launcher->device.has_virtual_memory ? unit_of(launcher) : 0;
    if (!unit)
        return false;
    buffer->bytes = round_up(buffer->region.bytes, unit);
    if (launcher->driver.create(&buffer->handle, buffer->bytes, &memory, 0))
        return false;
    buffer->base = map_view(launcher, buffer, unit, CUDA_ACCESS_READ_WRITE);
    if (!buffer->base) {
        launcher->driver.release(buffer->handle);
        return false;
    }
    if (!buffer->region.writable)
        buffer->alias = map_view(launcher, buffer, unit, CUDA_ACCESS_READ);
    buffer->is_virtual = true;
    buffer->before = buffer->bytes - buffer->region.bytes;
    buffer->upload = buffer->base + unit + buffer->before;
    buffer->kernel = (buffer->alias ? buffer->alias : buffer->base) + unit + buffer->before;
    buffer->unprotected = !buffer->region.writable && !buffer->alias;
    return true;
}

static int open_plain(struct launcher *launcher, struct buffer *buffer,
                      struct hone_launcher_reply *reply) {
    buffer->before = buffer->after = BAND_BYTES;
    buffer->bytes = buffer->region.bytes + 2 * BAND_BYTES;
    int result = launcher->driver.memory_alloc(&buffer->base, buffer->bytes);
    if (result && launcher->spare_count) {
        buffer_drop_spares(launcher);
        result = launcher->driver.memory_alloc(&buffer->base, buffer->bytes);
    }
    if (result)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                             "no %llu bytes of device memory", (unsigned long long)buffer->bytes);
    buffer->upload = buffer->kernel = buffer->base + BAND_BYTES;
    buffer->unprotected = !buffer->region.writable;
    return 0;
}

/* Memory of the program before that fits: reserving and mapping takes longer than most calls. A
 * pair's sides are started in random order, so that each gets the other's launcher, and memory, as
 * often as its own. */
static bool take_spare(struct launcher *launcher, struct buffer *buffer) {
    const struct hone_launcher_region region = buffer->region;
    for (uint32_t i = 0; i < launcher->spare_count; i++) {
        const struct hone_launcher_region *old = &launcher->spares[i].region;
        if (old->bytes != region.bytes || old->writable != region.writable)
            continue;
        *buffer = launcher->spares[i];
        buffer->region = region;
        launcher->spares[i] = launcher->spares[--launcher->spare_count];
        return true;
    }
    return false;
}

static int open_new(struct launcher *launcher, struct buffer *buffer,
                    struct hone_launcher_reply *reply) {
    if (open_virtual(launcher, buffer))
        return 0;
    if (launcher->device.has_virtual_memory && launcher->spare_count) {
        buffer_drop_spares(launcher); /* they may be what is missing */
        if (open_virtual(launcher, buffer))
            return 0;
    }
    return open_plain(launcher, buffer, reply);
}

int buffer_open(struct launcher *launcher, struct buffer *buffer, int fd,
                struct hone_launcher_reply *reply) {
    const struct hone_launcher_region region = buffer->region;
    const int access = region.writable ? PROT_READ | PROT_WRITE : PROT_READ;
    *buffer = (struct buffer){.region = region};
    if (!take_spare(launcher, buffer) && open_new(launcher, buffer, reply))
        return -1;
    if (getrandom(&buffer->band, 1, 0) != 1)
        buffer->band = 0xa5;
    buffer->host = mmap(NULL, region.bytes, access, MAP_SHARED, fd, (off_t)region.offset);
    if (buffer->host == MAP_FAILED) {
        buffer->host = NULL;
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0,
                             "no %llu bytes of address space", (unsigned long long)region.bytes);
    }
    /* The region too: nothing of who had the memory before is to be found in it. */
    int result =
        launcher->driver.fill(buffer->upload - buffer->before, buffer->band,
                              buffer->before + region.bytes + buffer->after, launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "cannot fill device memory")
                  : 0;
}

static void close_memory(struct launcher *launcher, struct buffer *buffer) {
    if (buffer->is_virtual) {
        const uint64_t unit = buffer->upload - buffer->before - buffer->base;
        if (buffer->alias)
            unmap_view(launcher, buffer, buffer->alias, unit);
        unmap_view(launcher, buffer, buffer->base, unit);
        launcher->driver.release(buffer->handle);
    } else if (buffer->base) {
        launcher->driver.memory_free(buffer->base);
    }
    *buffer = (struct buffer){0};
}

void buffer_close(struct launcher *launcher, struct buffer *buffer) {
    if (buffer->host)
        munmap(buffer->host, buffer->region.bytes);
    buffer->host = NULL;
    buffer->made = false;
    if (buffer->base && launcher->spare_count < HONE_LAUNCHER_REGIONS_MAX)
        launcher->spares[launcher->spare_count++] = *buffer;
    else
        close_memory(launcher, buffer);
    *buffer = (struct buffer){0};
}

void buffer_drop_spares(struct launcher *launcher) {
    while (launcher->spare_count)
        close_memory(launcher, &launcher->spares[--launcher->spare_count]);
}

int buffer_upload(struct launcher *launcher, struct buffer *buffer,
                  struct hone_launcher_reply *reply) {
    int result = launcher->driver.copy_in(buffer->upload, buffer->host, buffer->region.bytes,
                                          launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "cannot copy to the device")
                  : 0;
}

static int fetch(struct launcher *launcher, void *to, uint64_t from, uint64_t bytes,
                 struct hone_launcher_reply *reply) {
    int result = launcher->driver.copy_out(to, from, bytes, launcher->stream);
    if (result == 0)
        result = launcher->driver.stream_wait(launcher->stream);
    return result ? launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, result,
                                  "cannot copy from the device")
                  : 0;
}

int launcher_report_write(struct hone_launcher_reply *reply, uint64_t address) {
    reply->status = HONE_LAUNCHER_CRASHED;
    reply->address = address;
    reply->write_fault = 1;
    return -1;
}

/* `bytes` of the device at `from` against `wanted`, or against the band's byte when that is NULL.
 * `address` is the first of them in the program's address space. */
static int compare(struct launcher *launcher, const struct buffer *buffer, uint64_t from,
                   uint64_t bytes, const uint8_t *wanted, uint64_t address,
                   struct hone_launcher_reply *reply) {
    for (uint64_t done = 0; done < bytes; done += HONE_LAUNCHER_SCRATCH) {
        const uint64_t left = bytes - done;
        const uint64_t part = left < HONE_LAUNCHER_SCRATCH ? left : HONE_LAUNCHER_SCRATCH;
        if (fetch(launcher, launcher->scratch, from + done, part, reply))
            return -1;
        if (wanted && memcmp(launcher->scratch, wanted + done, part) == 0)
            continue;
        for (uint64_t i = 0; i < part; i++)
            if (launcher->scratch[i] != (wanted ? wanted[done + i] : buffer->band))
                return launcher_report_write(reply, address + done + i);
    }
    return 0;
}

int buffer_fetch(struct launcher *launcher, struct buffer *buffer,
                 struct hone_launcher_reply *reply) {
    if (!buffer->region.writable)
        return launcher_fail(launcher, reply, HONE_LAUNCHER_BROKEN, 0, "an input is not fetched");
    return fetch(launcher, buffer->host, buffer->upload, buffer->region.bytes, reply);
}

int buffer_download(struct launcher *launcher, struct buffer *buffer,
                    struct hone_launcher_reply *reply) {
    const struct hone_launcher_region *region = &buffer->region;
    const uint64_t before = buffer->before < BAND_BYTES ? buffer->before : BAND_BYTES;
    if (region->writable && buffer_fetch(launcher, buffer, reply))
        return -1;
    if (buffer->unprotected && compare(launcher, buffer, buffer->upload, region->bytes,
                                       buffer->host, region->address, reply))
        return -1;
    if (!region->writable && !buffer->unprotected)
        return 0;
    if (compare(launcher, buffer, buffer->upload - before, before, NULL, region->address - before,
                reply))
        return -1;
    return compare(launcher, buffer, buffer->upload + region->bytes, buffer->after, NULL,
                   region->address + region->bytes, reply);
}
