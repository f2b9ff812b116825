/* environment_ledger.c - who wrote how much into the run's journal, and who has to wait. */
#include "core/environment_private.h"

#include <errno.h>
#include <stdlib.h>

/* Agents of one user together have so many times what one has: more of them, or one that attaches
 * again and again, gains no more. */
#define USER_FACTOR 8

static struct hone_allowance_limits limits_of_user(const struct hone_environment *environment) {
    const struct hone_allowance_limits *one = &environment->journal_limits;
    return (struct hone_allowance_limits){USER_FACTOR * one->bytes, USER_FACTOR * one->rate};
}

struct account *hone_environment_account(struct hone_environment *environment, uid_t uid) {
    struct account *account = environment->accounts;
    while (account && account->uid != uid)
        account = account->next;
    if (account || !(account = calloc(1, sizeof *account)))
        return account;
    const struct hone_allowance_limits limits = limits_of_user(environment);
    account->uid = uid;
    account->next = environment->accounts;
    hone_allowance_init(&account->allowance, &limits, hone_now_ns());
    environment->accounts = account;
    return account;
}

uint64_t hone_environment_written(const struct hone_environment *environment) {
    return environment->store ? hone_store_written(environment->store) : 0;
}

void hone_environment_charge(struct hone_environment *environment, struct agent *agent,
                             struct account *account, uint64_t before) {
    const uint64_t bytes = hone_environment_written(environment) - before;
    if (!bytes)
        return;
    const struct hone_allowance_limits limits = limits_of_user(environment);
    const uint64_t now = hone_now_ns();
    hone_allowance_spend(&account->allowance, &limits, bytes, now);
    if (agent)
        hone_allowance_spend(&agent->allowance, &environment->journal_limits, bytes, now);
}

bool hone_environment_may_write(struct hone_environment *environment, struct agent *agent,
                                const struct hone_request *request) {
    if (!environment->store)
        return true;
    const struct hone_allowance_limits limits = limits_of_user(environment);
    const uint64_t now = hone_now_ns();
    const double own = hone_allowance_wait(&agent->allowance, &environment->journal_limits, now);
    const double user = hone_allowance_wait(&agent->account->allowance, &limits, now);
    if (own <= 0 && user <= 0)
        return true;
    const struct hone_allowance_limits *met = own > 0 ? &environment->journal_limits : &limits;
    hone_environment_refuse(
        agent->lane, request, -EDQUOT,
        "%s filled the run's journal faster than %.0f KiB a second after the first %.0f MiB; wait "
        "%.3g s, or raise limits.journal_bytes and limits.journal_rate of the server",
        own > 0 ? "this agent" : "the agents of this user", met->rate / 1024,
        met->bytes / (1024 * 1024), own > user ? own : user);
    return false;
}

void hone_environment_close_accounts(struct hone_environment *environment) {
    for (struct account *next, *account = environment->accounts; account; account = next) {
        next = account->next;
        free(account);
    }
    environment->accounts = NULL;
}
