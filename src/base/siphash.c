#include "base/siphash.h"

#include <stdint.h>

struct sip {
	uint64_t	a, b, c, d;
};

static uint64_t
turn(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
rounds(struct sip *s, int n)
{
	while (n-- > 0) {
		s->a += s->b;
		s->b = turn(s->b, 13) ^ s->a;
		s->a = turn(s->a, 32);
		s->c += s->d;
		s->d = turn(s->d, 16) ^ s->c;
		s->a += s->d;
		s->d = turn(s->d, 21) ^ s->a;
		s->c += s->b;
		s->b = turn(s->b, 17) ^ s->c;
		s->c = turn(s->c, 32);
	}
}

static uint64_t
load(const unsigned char *p)
{
	/* Little end first; compilers make one load of it. */
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	    (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	    (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	    (uint64_t)p[7] << 56;
}

static void
store(unsigned char *p, uint64_t v)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)(v >> 8 * i);
}

void
siphash(const unsigned char key[SIPHASH_LEN], const void *p, size_t n,
    unsigned char out[SIPHASH_LEN])
{
	const uint64_t k0 = load(key), k1 = load(key + 8);
	/* "somepseudorandomlygeneratedbytes" */
	struct sip s = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d ^ 0xee,
	    k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };
	const unsigned char *c = p;
	uint64_t v, last = (uint64_t)n << 56;

	for (; n >= 8; n -= 8, c += 8) {
		v = load(c);
		s.d ^= v;
		rounds(&s, 2);
		s.a ^= v;
	}
	for (size_t i = 0; i < n; i++)
		last |= (uint64_t)c[i] << 8 * i;
	s.d ^= last;
	rounds(&s, 2);
	s.a ^= last;
	s.c ^= 0xee;
	rounds(&s, 4);
	store(out, s.a ^ s.b ^ s.c ^ s.d);
	s.b ^= 0xdd;
	rounds(&s, 4);
	store(out + 8, s.a ^ s.b ^ s.c ^ s.d);
}
