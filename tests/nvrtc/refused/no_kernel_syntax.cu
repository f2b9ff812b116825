// expect: compile_failed
(((((
