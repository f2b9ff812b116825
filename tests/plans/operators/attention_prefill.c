// llm/attention_prefill passed
//@hone op attention args=(q, k, v, o)
