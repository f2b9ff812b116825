/* task_text.h - a small task in memory, for tests that need one. */
#ifndef HONE_TESTS_TASK_TEXT_H
#define HONE_TESTS_TASK_TEXT_H

#include "core/task.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

/* Every role, two outputs, a computed axis, every kind of draw. */
static const char task_text[] =
    "{\n"
    " \"schema\": 1, \"id\": \"test/small\", \"version\": \"1.2.0\", \"title\": \"A small task\",\n"
    " \"tags\": [\"one\", \"two\"],\n"
    " \"axes\": {\"m\": {\"var\": [1, 4096]}, \"n\": {\"var\": [1, 4096]}, \"mn\": {\"expr\": "
    "\"m*n\"}},\n"
    " \"constraints\": [\"mn <= 65536\"],\n"
    " \"args\": [\n"
    "  {\"name\": \"x\", \"role\": \"in\", \"dtype\": \"f32\", \"shape\": [\"m\", \"n\"],\n"
    "   \"gen\": {\"dist\": \"normal\", \"mean\": 0, \"std\": 2, \"outliers\": {\"p\": 0.25, "
    "\"scale\": 100}}},\n"
    "  {\"name\": \"w\", \"role\": \"param\", \"dtype\": \"bf16\", \"shape\": [\"mn\"]},\n"
    "  {\"name\": \"index\", \"role\": \"in\", \"dtype\": \"i32\", \"shape\": [\"n\"], \"gen\": "
    "{\"dist\": \"permutation\"}},\n"
    "  {\"name\": \"state\", \"role\": \"inout\", \"dtype\": \"f64\", \"shape\": [3, \"n + 1\"],\n"
    "   \"gen\": {\"dist\": \"uniform\", \"low\": -1, \"high\": 2}},\n"
    "  {\"name\": \"bits\", \"role\": \"in\", \"dtype\": \"u8\", \"shape\": [\"n\"], \"gen\": "
    "{\"dist\": \"bernoulli\", \"p\": 0.25}},\n"
    "  {\"name\": \"eps\", \"role\": \"scalar\", \"dtype\": \"f32\", \"value\": 0.5},\n"
    "  {\"name\": \"base\", \"role\": \"scalar\", \"dtype\": \"f64\", \"value\": 0.25},\n"
    "  {\"name\": \"step\", \"role\": \"scalar\", \"dtype\": \"i32\", \"value\": -7},\n"
    "  {\"name\": \"y\", \"role\": \"out\", \"dtype\": \"f32\", \"shape\": [\"m\"]},\n"
    "  {\"name\": \"m\", \"role\": \"axis\"}, {\"name\": \"n\", \"role\": \"axis\"}\n"
    " ],\n"
    " \"workloads\": [\n"
    "  {\"id\": \"shown\", \"set\": \"debug\", \"axes\": {\"m\": 2, \"n\": 5}},\n"
    "  {\"id\": \"whole\", \"set\": \"verify\", \"axes\": {\"m\": 3, \"n\": 1021}, \"exact\": "
    "true, \"scalars\": {\"eps\": 2},\n"
    "   \"gen\": {\"x\": {\"dist\": \"ints\", \"low\": -3, \"high\": 4}, \"w\": {\"dist\": "
    "\"constant\", \"value\": 1.5}}},\n"
    "  {\"id\": \"fast\", \"set\": \"bench\", \"axes\": {\"m\": 16, \"n\": 1024}, \"weight\": 2},\n"
    "  {\"id\": \"huge\", \"set\": \"bench\", \"profile\": \"gpu\", \"axes\": {\"m\": 16, \"n\": "
    "4096}}\n"
    " ],\n"
    " \"hidden\": [{\"set\": \"hidden\", \"draw\": 2, \"exact\": true,\n"
    "   \"axes\": {\"m\": {\"loguniform\": [1, 512]}, \"n\": {\"choice\": [7, 64, 1000]}}},\n"
    "   {\"axes\": {\"m\": 5, \"n\": {\"uniform\": [10, 12]}}}],\n"
    " \"reduction\": \"n\",\n"
    " \"cost\": {\"flops\": \"2*m*n\", \"bytes\": \"m*n*sizeof(f32)\"},\n"
    " \"baselines\": [{\"name\": \"naive\", \"lang\": \"c\", \"file\": \"naive.c\", \"role\": "
    "\"floor\"},\n"
    "   {\"name\": \"tuned\", \"lang\": \"c\", \"file\": \"tuned.c\", \"role\": \"score\"}],\n"
    " \"oracle\": {\"c\": \"oracle.c\"},\n"
    " \"limits\": {\"compile_s\": 7, \"call_s\": 1.5, \"source_bytes\": 1000}\n"
    "}\n";

/* Parse `json` with the files the small task has beside it. */
static inline int task_text_parse(const char *json, struct hone_task **task,
                                  struct hone_error *error) {
    struct hone_task_file files[] = {
        {"naive.c", "naive", 5},           {"oracle.c", "oracle", 6}, {"prompt.md", "Do it.", 6},
        {"task.json", json, strlen(json)}, {"tuned.c", "tuned", 5},   {"wrong/tail.c", "tail", 4},
    };
    struct hone_task_description description = {.size = sizeof description,
                                                .file_count = sizeof files / sizeof *files,
                                                .files = files,
                                                .origin = "tasks/test/small"};
    return hone_task_parse(&description, task, error);
}

/* The small task itself. */
static inline struct hone_task *task_text_small(void) {
    struct hone_task *task = NULL;
    struct hone_error error = {""};
    int result = task_text_parse(task_text, &task, &error);
    cr_assert(eq(int, result, 0), "%s", error.text);
    return task;
}

#endif
