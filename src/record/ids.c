#include "record/ids.h"

#include <sha2.h>
#include <stdint.h>
#include <string.h>

#include "base/enc.h"

static void
digest(const struct id_part *part, size_t n, const char *kind, char *out,
    size_t hex)
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, (const uint8_t *)kind, strlen(kind));
	for (size_t i = 0; i < n; i++) {
		uint8_t len[8];
		uint64_t v = part[i].n;

		for (int k = 7; k >= 0; k--, v >>= 8)
			len[k] = (uint8_t)v;
		SHA256Update(&ctx, len, sizeof(len));
		if (part[i].n != 0)
			SHA256Update(&ctx, (const uint8_t *)part[i].p,
			    part[i].n);
	}
	SHA256Final(sum, &ctx);
	/* All zeros means "no id" to OpenTelemetry. */
	for (size_t i = 0; i < hex / 2; i++)
		if (sum[i] != 0)
			goto fine;
	sum[0] = 1;
fine:
	enc_hex(sum, hex / 2, out);
}

void
ids_sha256(const void *p, size_t n, char out[IDS_SHA256_LEN])
{
	uint8_t sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, p, n);
	SHA256Final(sum, &ctx);
	enc_hex(sum, sizeof(sum), out);
}

void
ids_trace(const struct id_part *part, size_t n, char out[TRACE_ID_LEN])
{
	digest(part, n, "trace", out, TRACE_ID_LEN);
}

void
ids_span(const struct id_part *part, size_t n, char out[SPAN_ID_LEN])
{
	digest(part, n, "span", out, SPAN_ID_LEN);
}

static void
keyed_pass(const uint8_t block[SHA256_BLOCK_LENGTH], uint8_t pad,
    const void *p, size_t n, uint8_t sum[SHA256_DIGEST_LENGTH])
{
	uint8_t k[SHA256_BLOCK_LENGTH];
	SHA2_CTX ctx;

	for (size_t i = 0; i < sizeof(k); i++)
		k[i] = block[i] ^ pad;
	SHA256Init(&ctx);
	SHA256Update(&ctx, k, sizeof(k));
	SHA256Update(&ctx, p, n);
	SHA256Final(sum, &ctx);
	explicit_bzero(k, sizeof(k));
}

void
ids_keyed(const void *key, size_t nkey, const void *p, size_t n,
    char out[IDS_KEYED_LEN])
{
	uint8_t block[SHA256_BLOCK_LENGTH] = { 0 };
	uint8_t sum[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	if (nkey > sizeof(block)) {
		SHA256Init(&ctx);
		SHA256Update(&ctx, key, nkey);
		SHA256Final(block, &ctx);
	} else
		memcpy(block, key, nkey);
	keyed_pass(block, 0x36, p, n, sum);
	keyed_pass(block, 0x5c, sum, sizeof(sum), sum);
	enc_hex(sum, IDS_KEYED_LEN / 2, out);
	explicit_bzero(block, sizeof(block));
	explicit_bzero(sum, sizeof(sum));
}

static bool
is_id(struct json_val v, size_t hex)
{
	bool zero = true;

	if (v.type != JSON_STRING || v.n != hex + 2)
		return false;
	for (size_t i = 1; i <= hex; i++) {
		char c = v.p[i];

		if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		zero = zero && c == '0';
	}
	return !zero;
}

bool
ids_is_trace(struct json_val v)
{
	return is_id(v, TRACE_ID_LEN);
}

bool
ids_is_span(struct json_val v)
{
	return is_id(v, SPAN_ID_LEN);
}
