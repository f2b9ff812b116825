// A reward in C++: a class behind the same constant.
#include <hone/hone.h>
#include <hone/operators.h>
#include <hone/reward.h>

// What a header declares is C; declared so again, it would not be the same otherwise.
extern "C" decltype(hone_attach) hone_attach;
extern "C" decltype(hone_operator_run) hone_operator_run;

namespace {

class Reward {
  public:
    double score(const hone_evidence &evidence) const { return evidence.turn + 0.5; }
};

int create(const hone_host *, const hone_setting *, void **self, hone_error *) {
    *self = new Reward;
    return 0;
}

void destroy(void *self) {
    delete static_cast<Reward *>(self);
}

int score(void *self, const hone_evidence *evidence, double *reward) {
    *reward = static_cast<Reward *>(self)->score(*evidence);
    return 0;
}

const hone_reward_ops ops = {sizeof ops, 0, score, nullptr};

const hone_option options[] = {{}};

} // namespace

const struct hone_plugin hone_plugin = {.abi = HONE_PLUGIN_ABI,
                                        .size = sizeof hone_plugin,
                                        .kind = HONE_REWARD,
                                        .flags = 0,
                                        .name = "cpp_reward",
                                        .version = "1",
                                        .summary = "in C++",
                                        .options = options,
                                        .create = create,
                                        .destroy = destroy,
                                        .reward = &ops};
