// llm/attention_decode_paged passed
//@hone op o args=(q, k_cache, v_cache, table, length, o)
