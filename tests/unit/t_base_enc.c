/* Hex, base64 (vectors of RFC 4648), percent encoding; UTF-8. */
#include "base/enc.h"

#include <stdlib.h>

#include "base/opt.h"
#include "base/utf8.h"
#include "tests/unit/tap.h"

static void
test_base64(void)
{
	static const char *const vector[][2] = {
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(vector) / sizeof(vector[0]); i++) {
		buf_reset(&b);
		enc_base64(&b, vector[i][0], strlen(vector[i][0]));
		is_str(buf_cstr(&b), vector[i][1], "base64 of a vector");
		buf_reset(&b);
		ok(enc_unbase64(&b, vector[i][1], strlen(vector[i][1])) == 0 &&
		    strcmp(buf_cstr(&b), vector[i][0]) == 0, "and back");
	}
	buf_reset(&b);
	is_int(enc_unbase64(&b, "Zg", 2), 0, "padding may be missing");
	is_int(enc_unbase64(&b, "Z", 1), -1, "one digit is nothing");
	is_int(enc_unbase64(&b, "Z!==", 4), -1, "no digit of base64");
	buf_reset(&b);
	is_int(enc_unbase64(&b, "-_-_", 4), 0, "the URL alphabet");
	is_mem(b.p, b.n, "\xfb\xff\xbf", 3, "with its two digits");
	buf_fini(&b);
}

static void
test_hex(void)
{
	unsigned char out[2];
	char text[4];

	enc_hex("\x00\xff", 2, text);
	is_mem(text, 4, "00ff", 4, "hex is lower case");
	ok(enc_unhex("aBcD", 4, out) && out[0] == 0xab && out[1] == 0xcd,
	    "either case is read");
	ok(!enc_unhex("abc", 3, out), "half a byte is not");
	ok(!enc_unhex("ag", 2, out), "g is no digit");
}

static void
test_percent(void)
{
	struct buf b = { 0 };

	enc_percent(&b, "a b=c/\xc3\xa9~", 9);
	is_str(buf_cstr(&b), "a%20b%3Dc%2F%C3%A9~", "percent encoding");
	buf_reset(&b);
	ok(enc_unpercent(&b, "a%20b%3d", 8) == 0 &&
	    strcmp(buf_cstr(&b), "a b=") == 0, "decoded, either case");
	is_int(enc_unpercent(&b, "%2", 2), -1, "a cut escape");
	is_int(enc_unpercent(&b, "%zz", 3), -1, "a wrong escape");
	is_int((intmax_t)b.n, 4, "leave the buffer as it was");
	buf_fini(&b);
}

/* RFC 3629: the first and last of each length, and what is not allowed. */
static void
test_utf8(void)
{
	static const struct {
		const char	*s;
		size_t		 len;
	} c[] = {
		{ "\x7f", 1 }, { "\xc2\x80", 2 }, { "\xdf\xbf", 2 },
		{ "\xe0\xa0\x80", 3 }, { "\xed\x9f\xbf", 3 },
		{ "\xee\x80\x80", 3 }, { "\xef\xbf\xbf", 3 },
		{ "\xf0\x90\x80\x80", 4 }, { "\xf4\x8f\xbf\xbf", 4 },
		{ "\x80", 0 }, { "\xc0\x80", 0 }, { "\xc1\xbf", 0 },
		{ "\xe0\x9f\xbf", 0 }, { "\xed\xa0\x80", 0 },
		{ "\xf0\x8f\xbf\xbf", 0 }, { "\xf4\x90\x80\x80", 0 },
		{ "\xf5\x80\x80\x80", 0 }, { "\xe2\x82", 0 }, { "\xff", 0 },
	};
	struct buf b = { 0 };

	for (size_t i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		ok(utf8_len(c[i].s, c[i].s + strlen(c[i].s)) == c[i].len,
		    "UTF-8 case %zu has length %zu", i, c[i].len);
	for (uint32_t u = 1; u < 0x110000; u += 0x3f7) {
		buf_reset(&b);
		utf8_put(&b, u);
		if (utf8_decode(b.p, b.n) != (u >= 0xd800 && u <= 0xdfff ?
		    0xfffd : u))
			ok(false, "U+%04X comes back", (unsigned)u);
	}
	ok(true, "code points come back");
	is_int((intmax_t)utf8_cut("a\xe2\x82\xac", 4, 3), 1,
	    "a character is not cut");
	is_int((intmax_t)utf8_cut("abc", 3, 5), 3, "short text is not cut");
	buf_reset(&b);
	utf8_vis(&b, "a\x1b[31m\n\xff\xe2\x80\xae\xc2\x9b", 13, false);
	is_str(buf_cstr(&b), "a\\x1b[31m\\x0a\\xff\\u{202e}\\x9b",
	    "nothing that steers a terminal");
	is_int(utf8_width(0x4e2d), 2, "a wide character");
	is_int(utf8_width(0x301), 0, "a combining one");
	is_int(utf8_width('a'), 1, "a letter");
	buf_fini(&b);
}

/* One byte at each place of texts of each length, in its own memory. */
static void
test_plain(void)
{
	unsigned wrong = 0;

	for (size_t n = 1; n <= 100; n++) {
		char *p = malloc(n);

		if (p == NULL) {
			wrong++;
			break;
		}
		memset(p, '~', n);
		wrong += !utf8_is_plain(p, p + n);
		for (size_t i = 0; i < n; i++)
			for (int c = 0; c < 256; c++) {
				p[i] = (char)c;
				wrong += utf8_is_plain(p, p + n) !=
				    (c >= 0x20 && c < 0x80);
				p[i] = '~';
			}
		for (size_t i = 0; i + 1 < n; i++) {
			memcpy(p + i, "\xc3\xa9", 2);
			wrong += !utf8_is_plain(p, p + n);
			p[n / 3] = '\n';
			wrong += utf8_is_plain(p, p + n);
			memset(p, '~', n);
		}
		free(p);
	}
	is_int(wrong, 0, "plain is UTF-8 without control characters");
	ok(utf8_is_plain(NULL, NULL), "and nothing at all");
}

/* The same, a character at a time. */
static const char *
plainly_valid_until(const char *p, const char *end)
{
	size_t n;

	while (p < end && (n = utf8_len(p, end)) > 0)
		p += n;
	return p;
}

/* Four bytes at every place of a long text, among others of every length. */
static void
test_utf8_blocks(void)
{
	static const char around[] = "na\xc3\xafve \xe6\x95\xb0\xe6\x8d\xae"
	    "\xf0\x9f\x91\x8dplain text of one byte each \xc3\xa9\xc3\xa9"
	    "\xc3\xa9\xe2\x82\xac\xe2\x82\xac\xf0\x9f\x91\x8d";
	static const unsigned char edge[] = { 0x41, 0x7f, 0x80, 0x8f, 0x90,
	    0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xed, 0xef,
	    0xf0, 0xf1, 0xf4, 0xf5, 0xff };
	const size_t n = sizeof(edge), len = sizeof(around) - 1;
	char text[sizeof(around)];
	size_t wrong = 0, valid = 0;

	for (size_t k = 0; k < n * n * n * n; k++) {
		size_t at = k % (len - 3);

		memcpy(text, around, len);
		text[at] = (char)edge[k % n];
		text[at + 1] = (char)edge[k / n % n];
		text[at + 2] = (char)edge[k / n / n % n];
		text[at + 3] = (char)edge[k / n / n / n];
		wrong += utf8_valid_until(text, text + len) !=
		    plainly_valid_until(text, text + len);
		valid += plainly_valid_until(text, text + len) == text + len;
	}
	ok(wrong == 0, "blocks and characters agree (%zu differ)", wrong);
	ok(valid > 0, "%zu of the texts are valid", valid);
	for (size_t i = 0; i <= len; i++)
		wrong += utf8_valid_until(around, around + i) !=
		    plainly_valid_until(around, around + i);
	ok(wrong == 0, "and so they do on what is cut");
}

static void
test_units(void)
{
	int64_t v;

	ok(opt_duration("2s", &v) == 0 && v == 2000000000, "2s");
	ok(opt_duration("1.5m", &v) == 0 && v == 90000000000, "1.5m");
	ok(opt_duration("500ms", &v) == 0 && v == 500000000, "500ms");
	ok(opt_duration("3", &v) == 0 && v == 3000000000, "bare seconds");
	is_int(opt_duration("2x", &v), -1, "no unit");
	is_int(opt_duration("", &v), -1, "nothing");
	is_int(opt_duration("9999999999d", &v), -1, "too long");
	ok(opt_size("64M", &v) == 0 && v == 64 << 20, "64M");
	ok(opt_size("1k", &v) == 0 && v == 1024, "1k");
	is_int(opt_size("-1", &v), -1, "less than nothing");
}

int
main(void)
{
	test_base64();
	test_hex();
	test_percent();
	test_utf8();
	test_utf8_blocks();
	test_plain();
	test_units();
	return done_testing();
}
