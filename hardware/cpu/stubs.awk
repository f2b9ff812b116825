# Write the guest's stubs: a jump through a resolved pointer, which keeps every argument register,
# vectors included, and costs one instruction. The first file names what a candidate may call; nm's
# output follows and says which of it this libc has, and which vector variants.
#
#   nm libc.a libm.a libmvec.a | awk -f stubs.awk stubs.list -
function stub(name) {
    printf "\t.text\n\t.p2align 4\n\t.globl hone_stub_%s\n", name
    printf "\t.type hone_stub_%s, @function\nhone_stub_%s:\n\tjmp *1f(%%rip)\n", name, name
    printf "\t.section .data.rel.ro,\"aw\"\n\t.p2align 3\n1:\t.quad %s\n", name
}
FNR == NR {
    if ($0 !~ /^#/ && NF)
        wanted[$1] = 1
    next
}
NF == 3 && $2 ~ /^[TWi]$/ && !($3 in found) &&
    ($3 in wanted || ($3 ~ /^_ZGV[bcde][NM]/ && $3 !~ /_(sse2|sse4|avx2|knl|skx|[a-z0-9]*_wrapper)$/)) {
    found[$3] = 1
    stub($3)
}
END { print "\t.section .note.GNU-stack,\"\",@progbits" }
