/* Operators against values that NumPy and SciPy computed (tests/operators/make.py), and against
 * what a family promises beyond values. */
#include "core/operators/operator.h"
#include "tests/operators/golden.h"

TestSuite(operators, .timeout = 60);

static void compare_family(const char *family) {
    FILE *file = golden_open(family);
    uint32_t cases = 0;
    for (struct golden golden; golden_next(file, &golden); cases++) {
        struct hone_graph *graph = golden_graph(&golden);
        struct hone_error error = {""};
        const double *got = golden.arguments[golden.count - 1].out;
        cr_expect(eq(int, hone_graph_run(graph, golden.arguments, &error), 0), "%s", error.text);
        const int64_t at = golden_differs(&golden, got, 1e-13);
        cr_expect(eq(i64, at, -1), "%s: element %lld is %.17g, expected %.17g", golden.line,
                  (long long)at, at < 0 ? 0 : got[at], at < 0 ? 0 : golden.wanted[at]);
        hone_graph_destroy(graph);
        golden_free(&golden);
    }
    fclose(file);
    cr_expect(lt(u32, 2, cases), "%s has few cases", family);
}

Test(operators, of_one_element_are_right) {
    compare_family("elementwise");
}

Test(operators, that_reduce_are_right) {
    compare_family("reduce");
}

Test(operators, that_move_elements_are_right) {
    compare_family("layout");
}

Test(operators, that_multiply_matrices_are_right) {
    compare_family("matmul");
}

Test(operators, that_convolve_are_right) {
    compare_family("convolution");
}

Test(operators, that_pool_are_right) {
    compare_family("pool");
}

Test(operators, that_normalise_are_right) {
    compare_family("norm");
}

Test(operators, that_attend_are_right) {
    compare_family("attention");
}

Test(operators, that_are_sparse_are_right) {
    compare_family("sparse");
}

Test(operators, that_simulate_are_right) {
    compare_family("science");
}

Test(operators, that_are_losses_are_right) {
    compare_family("loss");
}

Test(operators, have_golden_values_each) {
    bool seen[256] = {false};
    for (size_t i = 0; i < GOLDEN_FAMILIES; i++) {
        FILE *file = golden_open(golden_families[i]);
        for (struct golden golden; golden_next(file, &golden); golden_free(&golden)) {
            char name[64];
            snprintf(name, sizeof name, "%.*s", (int)strcspn(golden.line + 4, "("),
                     golden.line + 4);
            for (uint32_t k = 0; hone_operator_row(k); k++)
                seen[k] |= strcmp(hone_operator_row(k)->name, name) == 0;
        }
        fclose(file);
    }
    for (uint32_t k = 0; hone_operator_row(k); k++)
        cr_expect(seen[k], "no case of %s", hone_operator_row(k)->name);
}

Test(operators, have_names_of_their_own) {
    for (uint32_t i = 0; hone_operator_row(i); i++)
        cr_expect(eq(ptr, (void *)hone_operator_find(hone_operator_row(i)->name),
                     (void *)hone_operator_row(i)));
    cr_expect(eq(ptr, (void *)hone_operator_find("conv4d"), NULL));
}

/* Products of larger sizes than the files hold, whose sums are known: a[i][p] = i + p,
 * b[p][j] = p - j gives the sum of (i + p)(p - j) over p < k, exactly. */
Test(operators, multiply_matrices_of_all_remainders) {
    const int64_t k = 131;
    for (int64_t m = 1; m < 10; m++)
        for (int64_t n = 1; n < 10; n += 4) {
            struct hone_graph_argument arguments[] = {
                {.name = "a", .role = HONE_GRAPH_INPUT, .array = {2, {m, k}, m * k, NULL}},
                {.name = "b", .role = HONE_GRAPH_INPUT, .array = {2, {k, n}, k * n, NULL}},
                {.name = "y", .role = HONE_GRAPH_OUTPUT, .array = {2, {m, n}, m * n, NULL}}};
            double *a = arguments[0].array.data = malloc((size_t)(m * k) * sizeof *a);
            double *b = arguments[1].array.data = malloc((size_t)(k * n) * sizeof *b);
            double *y = arguments[2].out = malloc((size_t)(m * n) * sizeof *y);
            for (int64_t i = 0; i < m * k; i++)
                a[i] = (double)(i / k + i % k);
            for (int64_t i = 0; i < k * n; i++)
                b[i] = (double)(i / n - i % n);
            struct hone_graph *graph;
            struct hone_error error = {""};
            const char text[] = "y = matmul(a, b)";
            cr_assert(eq(
                int, hone_graph_parse(text, strlen(text), "g", arguments, 3, &graph, &error), 0));
            cr_assert(eq(int, hone_graph_run(graph, arguments, &error), 0), "%s", error.text);
            const int64_t linear = k * (k - 1) / 2, squares = (k - 1) * k * (2 * k - 1) / 6;
            for (int64_t i = 0; i < m; i++)
                for (int64_t j = 0; j < n; j++)
                    cr_assert(
                        eq(dbl, y[i * n + j], (double)(squares + (i - j) * linear - i * j * k)));
            hone_graph_destroy(graph);
            free(a);
            free(b);
            free(y);
        }
}

/* One operand of three elements, and the error that must come of a value in it. */
static void refuse_value(const char *line, double bad, const char *expected) {
    double index[] = {0, bad, 1}, v[] = {1, 2, 3, 4, 5, 6}, y[12];
    struct hone_graph_argument arguments[] = {
        {.name = "index", .role = HONE_GRAPH_INPUT, .array = {1, {3}, 3, index}},
        {.name = "v", .role = HONE_GRAPH_INPUT, .array = {2, {3, 2}, 6, v}},
        {.name = "y", .role = HONE_GRAPH_OUTPUT, .array = {2, {3, 2}, 6, NULL}, .out = y}};
    struct hone_graph *graph;
    struct hone_error error = {""};
    cr_assert(eq(int, hone_graph_parse(line, strlen(line), "g", arguments, 3, &graph, &error), 0),
              "%s", error.text);
    cr_expect(lt(int, hone_graph_run(graph, arguments, &error), 0), "%s took %g", line, bad);
    cr_expect(ne(ptr, strstr(error.text, expected), NULL), "\"%s\" lacks \"%s\"", error.text,
              expected);
    hone_graph_destroy(graph);
}

Test(operators, refuse_an_index_outside_its_table) {
    refuse_value("y = embedding(v, index)", 3, "element 1 of index is 3, expected a whole number");
    refuse_value("y = embedding(v, index)", -1, "of 0..2");
    refuse_value("y = segment_sum(index, v, segments=3)", 0.5, "element 1 of index is 0.5");
    refuse_value("y = segment_sum(index, v, segments=3)", (double)NAN, "element 1 of index");
}
