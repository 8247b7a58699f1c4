/* SipHash-2-4-128 against the first vectors of its reference. */
#include "base/siphash.h"

#include <string.h>

#include "tests/unit/tap.h"

int
main(void)
{
	static const unsigned char want[2][SIPHASH_LEN] = {
		{ 0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6,
		  0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02, 0x93 },
		{ 0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44,
		  0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc, 0x45 },
	};
	unsigned char key[SIPHASH_LEN], in[64] = { 0 }, out[SIPHASH_LEN];
	unsigned char other[SIPHASH_LEN];

	for (unsigned char i = 0; i < sizeof(key); i++)
		key[i] = i;
	for (size_t n = 0; n < 2; n++) {
		siphash(key, in, n, out);
		ok(memcmp(out, want[n], sizeof(out)) == 0,
		    "%zu bytes of the reference", n);
	}
	/* Each bit of it counts, wherever it stands in its eight bytes. */
	siphash(key, in, sizeof(in), out);
	for (size_t i = 0; i < sizeof(in); i++) {
		in[i] ^= 1;
		siphash(key, in, sizeof(in), other);
		ok(memcmp(out, other, sizeof(out)) != 0, "byte %zu counts", i);
		in[i] ^= 1;
	}
	return done_testing();
}
