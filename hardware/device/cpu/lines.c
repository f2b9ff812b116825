/* Which line of the source a piece of code was made of: the table that compilers leave for
 * debuggers (DWARF 4, section 6.2), which the linker script keeps beside the code of the checking
 * build. Of what headers of ours bring along, the line is that of the source before it. */
#include "hardware/device/cpu/checks.h"

#define VERSION 4u

enum {
    COPY = 1,
    ADVANCE,
    ADVANCE_LINE,
    SET_FILE,
    SET_COLUMN,
    NEGATE,
    BLOCK,
    ADD_PART,
    ADVANCE_FIXED
};
enum { END_OF_SEQUENCE = 1, SET_ADDRESS };

/* Made by the linker script. */
extern const unsigned char hone_lines[], hone_lines_end[];

struct reader {
    const unsigned char *at, *end;
};

struct table {
    struct reader program;
    uint32_t minimum, range, first_special, source; /* file */
    int32_t base;
    unsigned char lengths[256]; /* of the standard opcodes */
};

static uint64_t take(struct reader *reader, uint32_t bytes) {
    uint64_t value = 0;
    for (uint32_t i = 0; i < bytes && reader->at < reader->end; i++)
        value |= (uint64_t)*reader->at++ << 8 * i;
    return value;
}

static uint64_t take_number(struct reader *reader) {
    uint64_t value = 0, byte = 0x80;
    for (uint32_t shift = 0; byte & 0x80 && reader->at < reader->end; shift += 7) {
        byte = *reader->at++;
        value |= shift < 64 ? (byte & 0x7f) << shift : 0;
    }
    return value;
}

static int64_t take_signed(struct reader *reader) {
    uint64_t value = 0, byte = 0x80;
    uint32_t shift = 0;
    for (; byte & 0x80 && reader->at < reader->end; shift += 7) {
        byte = *reader->at++;
        value |= shift < 64 ? (byte & 0x7f) << shift : 0;
    }
    return (int64_t)(byte & 0x40 && shift < 64 ? value | ~0ull << shift : value);
}

static bool is_source(const unsigned char *name) {
    const char *wanted = "solve.cu";
    while (*wanted && *name == (unsigned char)*wanted)
        name++, wanted++;
    return !*wanted && !*name;
}

static void skip_name(struct reader *reader) {
    while (reader->at < reader->end && *reader->at++)
        ;
}

/* The head of one table, whose bytes are `reader`'s. */
static bool read_head(struct reader *reader, struct table *table) {
    if (take(reader, 2) != VERSION)
        return false;
    const uint64_t head = take(reader, 4);
    if (head > (uint64_t)(reader->end - reader->at))
        return false;
    table->program = (struct reader){reader->at + head, reader->end};
    table->minimum = (uint32_t)take(reader, 1);
    take(reader, 2); /* operations of an instruction; whether a row begins a statement */
    table->base = (int8_t)take(reader, 1);
    table->range = (uint32_t)take(reader, 1);
    table->first_special = (uint32_t)take(reader, 1);
    for (uint32_t i = 1; i < table->first_special; i++)
        table->lengths[i] = (unsigned char)take(reader, 1);
    while (reader->at < table->program.at && *reader->at)
        skip_name(reader); /* directories */
    reader->at++;
    table->source = 0;
    for (uint32_t file = 1; reader->at < table->program.at && *reader->at; file++) {
        table->source = is_source(reader->at) ? file : table->source;
        skip_name(reader);
        for (int i = 0; i < 3; i++)
            take_number(reader);
    }
    return table->range && table->first_special && table->source;
}

/* What a row says, and the last line of the source in its sequence. */
struct state {
    uint64_t address;
    uint32_t file, line, source_line;
};

static const struct state beginning = {.file = 1, .line = 1};

static void extend(struct table *table, struct state *state) {
    const uint64_t bytes = take_number(&table->program);
    struct reader rest = table->program;
    table->program.at +=
        bytes < (uint64_t)(rest.end - rest.at) ? bytes : (uint64_t)(rest.end - rest.at);
    const uint64_t opcode = take(&rest, 1);
    if (opcode == END_OF_SEQUENCE)
        *state = beginning;
    else if (opcode == SET_ADDRESS)
        state->address = take(&rest, 8);
}

static void step(struct table *table, uint32_t opcode, struct state *state) {
    struct reader *program = &table->program;
    switch (opcode) {
    case ADVANCE:
        state->address += take_number(program) * table->minimum;
        break;
    case ADVANCE_LINE:
        state->line += (uint32_t)take_signed(program);
        break;
    case SET_FILE:
        state->file = (uint32_t)take_number(program);
        break;
    case ADD_PART:
        state->address += (255 - table->first_special) / table->range * table->minimum;
        break;
    case ADVANCE_FIXED:
        state->address += take(program, 2);
        break;
    default:
        for (uint32_t i = 0; i < table->lengths[opcode]; i++)
            take_number(program);
    }
}

/* A row ends where the next begins: the line of the last one that begins at or before `address`. */
static uint32_t run(struct table *table, uint64_t address) {
    struct state state = beginning;
    while (table->program.at < table->program.end) {
        const uint64_t begun = state.address;
        const uint32_t source_line = state.source_line;
        const uint32_t opcode = (uint32_t)take(&table->program, 1);
        const bool special = opcode >= table->first_special;
        uint64_t now = state.address;
        if (special) {
            const uint32_t by = opcode - table->first_special;
            state.address += by / table->range * table->minimum;
            state.line += (uint32_t)(table->base + (int32_t)(by % table->range));
        } else if (opcode == 0) {
            extend(table, &state);
        } else if (opcode != COPY) {
            step(table, opcode, &state);
        }
        now = state.address;
        if (source_line && begun <= address && address < now)
            return source_line;
        if ((special || opcode == COPY) && state.file == table->source)
            state.source_line = state.line;
    }
    return 0;
}

uint32_t hone_line_at(uint32_t at) {
    struct reader all = {hone_lines, hone_lines_end};
    if (at & HONE_AT_LINE)
        return at & ~(HONE_AT_LINE | HONE_CHECK_OF_BLOCK | HONE_CHECK_COMPARES);
    while (all.end - all.at > 4) {
        struct table table;
        const uint64_t bytes = take(&all, 4);
        if (bytes > (uint64_t)(all.end - all.at))
            return 0;
        struct reader one = {all.at, all.at + bytes};
        all.at += bytes;
        const uint32_t line = read_head(&one, &table) ? run(&table, at - 1) : 0;
        if (line)
            return line;
    }
    return 0;
}
