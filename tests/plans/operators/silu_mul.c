// llm/silu_mul passed
//@hone workspace gate f32[t * d]
//@hone workspace up f32[t * d]
//@hone workspace activated f32[t * d]
//@hone op gate args=(gate_up, gate)
//@hone op up args=(gate_up, up)
//@hone op silu args=(gate, activated)
//@hone op mul args=(activated, up, y)
