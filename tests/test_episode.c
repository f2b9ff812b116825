#include "core/episode.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <math.h>

static struct hone_episode open_episode(void) {
    return (struct hone_episode){
        .state = HONE_EPISODE_OPEN,
        .id = 7,
        .limits = {.turns = 3, .evaluations = 2},
        .evaluations_left = 2,
        .best_reward = NAN,
        .best_speedup = NAN,
        .best_kernel_ns = NAN,
    };
}

static struct hone_turn passed(double speedup) {
    return (struct hone_turn){.node = 1,
                              .verdict = HONE_PASSED,
                              .reward = 0.5 + speedup / 2,
                              .speedup = speedup,
                              .kernel_ns = 1000 / speedup,
                              .measured = true};
}

Test(episode, ends_as_truncated_when_its_turns_are_used) {
    struct hone_episode episode = open_episode();
    episode.limits.evaluations = -1;
    struct hone_turn turn = passed(1);
    for (int i = 0; i < 2; i++)
        hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.state, HONE_EPISODE_OPEN));
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.state, HONE_EPISODE_OVER));
    cr_assert(eq(int, episode.truncated, 1));
    cr_assert(eq(int, episode.terminated, 0));
    cr_assert(eq(str, (char *)episode.why, "turns"));
}

Test(episode, ends_as_terminated_when_the_goal_is_met) {
    struct hone_episode episode = open_episode();
    episode.limits.goal_speedup = 2;
    struct hone_turn turn = passed(1.99);
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.terminated, 0));
    turn = passed(2);
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.terminated, 1));
    cr_assert(eq(int, episode.truncated, 0));
}

Test(episode, is_terminated_not_truncated_when_the_agent_stops_on_the_last_turn) {
    struct hone_episode episode = open_episode();
    episode.limits.turns = 1;
    struct hone_turn turn = passed(1);
    turn.stop = true;
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.terminated, 1));
    cr_assert(eq(int, episode.truncated, 0));
}

Test(episode, charges_a_cached_step_with_a_turn_and_nothing_else) {
    struct hone_episode episode = open_episode();
    struct hone_turn turn = passed(1);
    turn.measured = false;
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, (int)episode.turn, 1));
    cr_assert(eq(i64, episode.evaluations_left, 2));
}

Test(episode, ends_when_its_evaluations_are_used) {
    struct hone_episode episode = open_episode();
    struct hone_turn turn = passed(1);
    hone_episode_settle(&episode, &turn, 0);
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(eq(int, episode.truncated, 1));
    cr_assert(eq(str, (char *)episode.why, "evaluations"));
}

Test(episode, counts_wall_time_from_its_beginning) {
    struct hone_episode episode = open_episode();
    episode.limits.wall_seconds = 2;
    episode.began_ns = 1000000000;
    cr_assert(eq(ptr, (void *)hone_episode_exhausted(&episode, 2900000000), NULL));
    cr_assert(eq(str, (char *)hone_episode_exhausted(&episode, 3000000000), "wall_seconds"));
}

Test(episode, keeps_the_best_of_what_passed_and_ignores_absent_rewards) {
    struct hone_episode episode = open_episode();
    episode.limits.evaluations = -1;
    struct hone_turn turn = passed(1.5);
    hone_episode_settle(&episode, &turn, 0);
    turn = (struct hone_turn){
        .node = 2, .verdict = HONE_INFRA_FAILED, .reward = NAN, .speedup = NAN, .kernel_ns = NAN};
    hone_episode_settle(&episode, &turn, 0);
    cr_assert(ieee_ulp_eq(dbl, episode.best_speedup, 1.5, 1));
    cr_assert(eq(u64, episode.best_node, 1));
    cr_assert(eq(u64, episode.cursor, 2));
}

Test(nodes, reach_inside_an_episode_and_back_along_the_history_of_a_fork) {
    struct hone_nodes nodes = {0};
    uint64_t first = hone_nodes_add(&nodes, 0, 1)->id;
    uint64_t second = hone_nodes_add(&nodes, first, 1)->id;
    uint64_t aside = hone_nodes_add(&nodes, first, 1)->id;
    struct hone_episode fork = {.id = 2, .trunk = second};
    uint64_t own = hone_nodes_add(&nodes, second, 2)->id;
    cr_expect(eq(int, hone_nodes_reach(&nodes, &fork, 0), 1));
    cr_expect(eq(int, hone_nodes_reach(&nodes, &fork, own), 1));
    cr_expect(eq(int, hone_nodes_reach(&nodes, &fork, first), 1));
    cr_expect(eq(int, hone_nodes_reach(&nodes, &fork, aside), 0));
    cr_expect(eq(int, hone_nodes_reach(&nodes, &fork, 99), 0));
    hone_nodes_finish(&nodes);
}

Test(episode, has_the_nodes_of_an_earlier_life_where_they_were) {
    struct hone_nodes nodes = {0};
    cr_assert(eq(int, hone_nodes_put(&nodes, 1, 0, 5), 0));
    cr_assert(eq(int, hone_nodes_put(&nodes, 4, 1, 5), 0)); /* two are missing */
    cr_expect(eq(u64, hone_nodes_find(&nodes, 4)->parent, 1));
    struct hone_episode episode = {.id = 5};
    cr_expect(eq(int, hone_nodes_reach(&nodes, &episode, 4), 1));
    cr_expect(eq(int, hone_nodes_reach(&nodes, &episode, 2), 0));
    cr_expect(eq(int, hone_nodes_put(&nodes, 4, 1, 5), -EINVAL), "it is there");
    cr_expect(eq(int, hone_nodes_put(&nodes, 5, 5, 5), -EINVAL), "its own parent");
    cr_expect(eq(int, hone_nodes_put(&nodes, UINT64_MAX, 1, 5), -EINVAL), "far away");
    cr_expect(eq(u64, hone_nodes_add(&nodes, 4, 5)->id, 5));
    hone_nodes_finish(&nodes);
}
