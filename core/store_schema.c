#include "core/store_sql.h"

/* The run's database, for people and programs that read it with SQL. Ids are 64-bit integers;
 * seeds, tokens and hashes are hex text; times end in _ns. What is absent is NULL; so is a reward
 * that is not a number. A cached result has the numbers of the step it repeats, and its message,
 * feedback, evidence, measurements and findings are found under that step: the view `outcomes` does
 * so for the texts. */
const char hone_store_schema[] =
    "CREATE TABLE run(\n"
    "  one INTEGER PRIMARY KEY CHECK(one = 1),\n"
    "  id TEXT NOT NULL,\n"
    "  name TEXT,\n"
    "  created_ns INTEGER,\n"
    "  finished_ns INTEGER,\n"      /* NULL: live or killed */
    "  facts TEXT,\n"               /* JSON */
    "  applied INTEGER NOT NULL,\n" /* journal offset up to which these tables tell the story */
    "  dropped_bytes INTEGER NOT NULL DEFAULT 0,\n" /* behind it, in no whole record */
    "  unread_records INTEGER NOT NULL DEFAULT 0\n" /* whole, but not understood */
    ") STRICT;\n"

    "CREATE TABLE episodes(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  task TEXT, group_name TEXT, seed TEXT,\n"
    "  begun_ns INTEGER, ended_ns INTEGER,\n"
    "  terminated INTEGER, truncated INTEGER, why TEXT\n"
    ") STRICT;\n"

    "CREATE TABLE sources(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  hash TEXT NOT NULL,\n" /* XXH3-128 */
    "  bytes INTEGER NOT NULL,\n"
    "  text ANY NOT NULL\n" /* TEXT; BLOB when it is not UTF-8 or holds a NUL */
    ") STRICT;\n"

    "CREATE TABLE contexts(\n" /* what journal records share; steps repeats it */
    "  id INTEGER PRIMARY KEY,\n"
    "  task TEXT, task_hash TEXT, language TEXT, options TEXT, group_name TEXT\n"
    ") STRICT;\n"

    "CREATE TABLE steps(\n" /* one row an accepted action */
    "  id INTEGER PRIMARY KEY,\n"
    "  episode INTEGER NOT NULL, turn INTEGER NOT NULL,\n"
    "  node INTEGER, token TEXT,\n"
    "  task TEXT, task_hash TEXT, language TEXT, options TEXT, group_name TEXT,\n"
    "  stages INTEGER NOT NULL, flags INTEGER NOT NULL,\n"
    "  source INTEGER NOT NULL, seed TEXT, time_ns INTEGER NOT NULL\n"
    ") STRICT;\n"
    "CREATE INDEX steps_by_episode ON steps(episode, turn);\n"

    "CREATE TABLE nodes(\n"
    "  id INTEGER PRIMARY KEY,\n"
    "  parent INTEGER,\n" /* NULL: a root */
    "  episode INTEGER NOT NULL, step INTEGER NOT NULL, source INTEGER NOT NULL\n"
    ") STRICT;\n"

    "CREATE TABLE results(\n"
    "  step INTEGER PRIMARY KEY,\n"
    "  verdict TEXT NOT NULL, reason TEXT NOT NULL,\n"
    "  cached INTEGER NOT NULL, repeats INTEGER,\n"
    "  reward REAL,\n"
    "  speedup REAL, speedup_low REAL, speedup_high REAL,\n"
    "  kernel_ns REAL, baseline_ns REAL, noise REAL, coverage REAL,\n"
    "  roofline_ns REAL, roofline_fraction REAL, samples INTEGER,\n"
    "  emulated INTEGER, noisy INTEGER, confirmed INTEGER,\n"
    "  stages TEXT,\n" /* JSON: {name: ns} of the stages that ran */
    "  device TEXT, message TEXT, feedback TEXT,\n"
    "  evidence BLOB,\n" /* struct hone_evidence, whole: for rescoring */
    "  time_ns INTEGER NOT NULL\n"
    ") STRICT;\n"

    "CREATE TABLE measurements(\n" /* one row a workload */
    "  step INTEGER NOT NULL, row INTEGER NOT NULL,\n"
    "  workload TEXT, workload_set TEXT NOT NULL,\n"
    "  verdict TEXT NOT NULL, reason TEXT NOT NULL,\n"
    "  facts INTEGER NOT NULL, samples INTEGER NOT NULL, calls INTEGER NOT NULL,\n"
    "  axes TEXT,\n" /* JSON: [values] */
    "  kernel_ns REAL,\n"
    "  baselines TEXT,\n" /* JSON: {name: ns} */
    "  speedup REAL, speedup_low REAL, speedup_high REAL,\n"
    "  max_error REAL, rel_l2 REAL, roofline_ns REAL,\n"
    "  PRIMARY KEY(step, row)\n"
    ") STRICT, WITHOUT ROWID;\n"

    "CREATE TABLE findings(\n"
    "  step INTEGER NOT NULL, row INTEGER NOT NULL,\n"
    "  rule TEXT NOT NULL, severity TEXT NOT NULL, line INTEGER, text TEXT NOT NULL,\n"
    "  PRIMARY KEY(step, row)\n"
    ") STRICT, WITHOUT ROWID;\n"

    "CREATE TABLE rewards(\n" /* by part, before weights */
    "  step INTEGER NOT NULL, part INTEGER NOT NULL, name TEXT, value REAL,\n"
    "  PRIMARY KEY(step, part)\n"
    ") STRICT, WITHOUT ROWID;\n"

    "CREATE VIEW outcomes AS SELECT\n" /* one row a step; its evidence's step is where details are
                                        */
    "  s.id AS step, s.episode, s.turn, s.node, n.parent, s.token, s.task, s.task_hash, "
    "s.language,\n"
    "  s.options, s.group_name, s.seed, s.source, s.time_ns AS accepted_ns,\n"
    "  r.verdict, r.reason, r.cached, r.repeats, r.reward, r.speedup, r.speedup_low,\n"
    "  r.speedup_high, r.kernel_ns, r.baseline_ns, r.noise, r.coverage, r.roofline_ns,\n"
    "  r.roofline_fraction, r.samples, r.emulated, r.noisy, r.confirmed, r.stages, r.device,\n"
    "  r.time_ns AS ended_ns, o.step AS evidence_step, o.message, o.feedback, o.evidence\n"
    "FROM steps s LEFT JOIN results r ON r.step = s.id\n"
    "  LEFT JOIN results o ON o.step = coalesce(r.repeats, r.step)\n"
    "  LEFT JOIN nodes n ON n.id = s.node;\n";
