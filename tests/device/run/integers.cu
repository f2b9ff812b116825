// Integer intrinsics against loops over bits and bytes.
#include "check.h"

static int check_word(unsigned a, unsigned b) {
    int ones = 0, leading = 32, first = 0;
    unsigned mirrored = 0;
    for (int i = 0; i < 32; i++) {
        ones += a >> i & 1;
        leading = a >> i & 1 ? 31 - i : leading;
        first = !first && (a >> i & 1) ? i + 1 : first;
        mirrored |= (a >> i & 1) << (31 - i);
    }
    CHECK(__popc(a) == ones && __clz((int)a) == leading && __ffs((int)a) == first &&
          __brev(a) == mirrored);
    CHECK(__brevll(a) == (unsigned long long)mirrored << 32 && __clzll(a) == leading + 32);
    CHECK(__umulhi(a, b) == (unsigned)((unsigned long long)a * b >> 32));
    CHECK(__mulhi((int)a, (int)b) == (int)((long long)(int)a * (int)b >> 32));
    CHECK(__umul24(a, b) == (unsigned)((unsigned long long)(a & 0xffffff) * (b & 0xffffff)));
    CHECK(__usad(a, b, 1) == (unsigned)llabs((long long)a - b) + 1);
    CHECK(__uhadd(a, b) == (unsigned)(((unsigned long long)a + b) / 2));
    CHECK(__funnelshift_l(a, b, b & 31) == (b & 31 ? b << (b & 31) | a >> (32 - (b & 31)) : b));
    CHECK(__funnelshift_r(a, b, b & 31) == (b & 31 ? a >> (b & 31) | b << (32 - (b & 31)) : a));
    CHECK(__funnelshift_rc(a, b, 40) == b && __funnelshift_lc(a, b, 40) == a);
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (unsigned char)(i < 4 ? a >> 8 * i : b >> 8 * (i - 4));
    CHECK(__byte_perm(a, b, 0x7250) ==
          (unsigned)(bytes[0] | bytes[5] << 8 | bytes[2] << 16 | (unsigned)bytes[7] << 24));
    int dot = 7, sad = 0;
    unsigned lanes = 0, larger = 0, within = 0, average = 0;
    for (int i = 0; i < 4; i++) {
        int x = (signed char)bytes[i], y = (signed char)bytes[i + 4];
        dot += x * y;
        sad += abs(bytes[i] - bytes[i + 4]);
        lanes |= (unsigned)(unsigned char)(x + y) << 8 * i;
        larger |= x > y ? 0xffu << 8 * i : 0;
        within |= (unsigned)(unsigned char)min(max(x - y, -128), 127) << 8 * i;
        average |= (unsigned)((bytes[i] + bytes[i + 4] + 1) / 2) << 8 * i;
    }
    CHECK(__dp4a((int)a, (int)b, 7) == dot && __vsadu4(a, b) == (unsigned)sad);
    CHECK(__vadd4(a, b) == lanes && __vcmpgts4(a, b) == larger);
    CHECK(__vsubss4(a, b) == within && __vavgu4(a, b) == average);
    unsigned short low = (unsigned short)(max((int)(a & 0xffff), (int)(b & 0xffff)));
    CHECK((__vmaxu2(a, b) & 0xffff) == low && __vabsdiffu2(a, a) == 0 &&
          __vneg2(a) == __vsub2(0, a));
    return 0;
}

int main() {
    for (int i = 0; i < 100000; i++) {
        unsigned long long bits = draw();
        int result = check_word((unsigned)bits >> (draw() & 31), (unsigned)(bits >> 32));
        if (result)
            return result;
    }
    CHECK(__clz(0) == 32 && __ffs(0) == 0 && __ffsll(0) == 0 && __popcll(~0ull) == 64);
    CHECK(__fns(0xf0, 0, 1) == 4 && __fns(0xf0, 31, -1) == 7 && __fns(0xf0, 5, 0) == 5 &&
          __fns(0, 0, 1) == ~0u);
    CHECK(__mul64hi(-1, 1) == -1 && __umul64hi(~0ull, ~0ull) == ~0ull - 1);
    CHECK(__hiloint2double(__double2hiint(-3.25), __double2loint(-3.25)) == -3.25);
    CHECK(__vimax3_s32(1, -5, 3) == 3 && __viaddmin_u32(~0u, 2, 5) == 1);
    CHECK(max(-1, 1u) == ~0u && min(3ll, -2ll) == -2 && abs(-3l) == 3);
    return 0;
}
