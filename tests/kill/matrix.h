/* matrix.h - what the parts of the kill matrix share: cells, steps through the server under fire,
 * and what must hold afterwards. Whatever does not is a violation: printed, counted in its cell,
 * and gone on from. */
#ifndef HONE_TESTS_KILL_MATRIX_H
#define HONE_TESTS_KILL_MATRIX_H

#include "tests/kill/victims.h"

#define SECOND 1000000000ull
#define ACKNOWLEDGED_MAX 4096
#define TASK "algebra/axpby"

enum outcome { PASSED, INFRA_FAILED, CRASHED, OTHER, GONE, NO_STEP, OUTCOMES };

struct cell {
    enum victim victim;
    enum stage stage;
    uint32_t runs, missed, violations, outcomes[OUTCOMES];
};

/* A result that an agent has seen. */
struct acknowledged {
    uint64_t step;
    char verdict[24];
};

struct matrix {
    struct lab lab;
    uint64_t random, sources;
    struct acknowledged *acknowledged; /* by the present server */
    uint32_t acknowledged_count;
    uint64_t step_ns; /* what a whole step takes */
    struct cell *cell;
};

void violate(struct matrix *matrix, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* service.c */
size_t write_source(struct matrix *matrix, char *text, size_t size);
/* As the turn of that number; 0: as the next. */
int send_turn(struct hone *hone, const char *source, size_t bytes, uint64_t turn);
int send_source(struct hone *hone, const char *source, size_t bytes);
void note(struct matrix *matrix, const struct hone_observation *seen);
enum outcome outcome_of(const struct hone_observation *seen);
/* One slot, whose step is answered within a minute. */
bool await(struct matrix *matrix, struct hone *hone, const char *what);
void expect_service(struct matrix *matrix, struct hone *hone, const char *source, size_t bytes);

/* aftermath.c */
uint32_t count_descriptors(void); /* of this process */
uint32_t count_mappings(void);    /* the same: of shared memory */
void finish_server(struct matrix *matrix);
struct usage {
    uint32_t of[VICTIMS];
    int32_t descriptors;
    uint32_t threads;
};
struct usage use(const struct matrix *matrix);
/* resume.c: a new server goes on with the run of the one that was killed. */
struct unfinished {
    uint64_t token;
    uint64_t turn;
    uint64_t step; /* that answered the turn before the kill; 0: none did */
};
void expect_resumed(struct matrix *matrix, const struct unfinished *unfinished, const char *source,
                    size_t bytes);
void begin_server(struct matrix *matrix);

void expect_usage(struct matrix *matrix, const struct usage *before);

#endif
