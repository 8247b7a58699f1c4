/* view/text and view/cells: widths, cuts, escapes, short numbers. */
#include "tap.h"

#include "view/cells.h"
#include "view/text.h"

static void
put(const char *s, size_t n, size_t cols, bool ascii, size_t want_cols,
    const char *want, const char *name)
{
	struct buf b = { 0 };
	size_t got = text_put(&b, s, n, cols, ascii);

	is_int((intmax_t)got, (intmax_t)want_cols, name);
	is_str(buf_cstr(&b), want, name);
	buf_fini(&b);
}

#define PUT(s, cols, want_cols, want) \
	put(s, sizeof(s) - 1, cols, false, want_cols, want, want)

static void
texts(void)
{
	PUT("", 5, 0, "");
	PUT("hello", 5, 5, "hello");
	PUT("hello", 4, 4, "hel…");
	PUT("hello", 1, 1, "…");
	PUT("hello", 0, 0, "");
	put("hello!!", 7, 6, true, 6, "hel...", "an ASCII ellipsis");
	put("hello!!", 7, 2, true, 2, "he", "no room for one");
	/* Two columns each: three fit into seven, with a column left. */
	PUT("日本語日本", 7, 7, "日本語…");
	PUT("日本語", 6, 6, "日本語");
	PUT("日本語", 5, 5, "日本…");
	PUT("日本語", 4, 3, "日…");
	/* A combining mark stays with its letter. */
	PUT("e\u0301e\u0301e\u0301", 2, 2, "e\u0301…");
	PUT("😀😀", 4, 4, "😀😀");
	PUT("😀😀", 3, 3, "😀…");
	PUT("שלום", 4, 4, "שלום");
	/* Nothing that acts on a terminal gets through. */
	PUT("a\033[31mb", 20, 10, "a\\x1b[31mb");
	PUT("a\033]0;x\007", 20, 13, "a\\x1b]0;x\\x07");
	PUT("a\nb\tc\rd", 40, 16, "a\\x0ab\\x09c\\x0dd");
	PUT("\xff\xfe", 20, 8, "\\xff\\xfe");
	PUT("\u202etxt", 20, 11, "\\u{202e}txt");
	PUT("\xc2\x9b" "31m", 20, 7, "\\x9b31m");
	/* An escape is not cut in the middle. */
	PUT("ab\033\033", 6, 3, "ab…");
	PUT("ab\033", 6, 6, "ab\\x1b");
	put("a\0b", 3, 20, false, 6, "a\\x00b", "NUL");
	is_int((intmax_t)text_width("日e\u0301\033", 7), 7, "width");
}

static void
squeeze(const char *s, size_t max, const char *want, const char *name)
{
	struct buf b = { 0 };

	text_squeeze(&b, s, strlen(s), max);
	is_str(buf_cstr(&b), want, name);
	buf_fini(&b);
}

static void
duration(uint64_t ns, const char *want)
{
	char out[CELL_MAX];

	cell_duration(out, ns);
	is_str(out, want, want);
	ok(strlen(out) <= 7, "%s is short", want);
}

static void
count(uint64_t n, const char *want)
{
	char out[CELL_MAX];

	cell_count(out, n);
	is_str(out, want, want);
	ok(strlen(out) <= 5, "%s is short", want);
}

static void
cost(const char *usd, char mark, const char *want)
{
	char out[CELL_MAX];
	money m;

	ok(money_parse(usd, strlen(usd), &m) == 0, "%s is money", usd);
	cell_cost(out, m, mark);
	is_str(out, want, want);
}

int
main(void)
{
	texts();
	squeeze("  a \n\t b  ", 100, "a b", "white space is one space");
	squeeze("日本", 4, "日", "cut between characters");
	squeeze("\n \n", 9, "", "nothing but space");
	duration(0, "0ms");
	duration(412000, "0.4ms");
	duration(UINT64_C(999999), "0.9ms");
	duration(UINT64_C(190000000), "190ms");
	duration(UINT64_C(999999999), "999ms");
	duration(UINT64_C(1000000000), "1.00s");
	duration(UINT64_C(9990000000), "9.99s");
	duration(UINT64_C(12340000000), "12.3s");
	duration(UINT64_C(123000000000), "2m03s");
	duration(UINT64_C(3720000000000), "1h02m");
	duration(UINT64_C(362339000000000), "4d04h");
	duration(UINT64_MAX, "213503d");
	count(0, "0");
	count(99999, "99999");
	count(100000, "100k");
	count(999999, "999k");
	count(1230000, "1.23M");
	count(12300000, "12.3M");
	count(UINT64_C(5000000000), "5.00G");
	count(UINT64_MAX, "18.4E");
	cost("0", 0, "$0.000000");
	cost("0.0167384", 0, "$0.016738");
	cost("0.0000005", 0, "$0.000001");
	cost("0.00000049", 0, "<$0.000001");
	cost("1e-12", '~', "<$0.000001");
	cost("0.404", '~', "~$0.404000");
	cost("9.9999999", 0, "$10.000000");
	cost("10", '>', ">$10.0000");
	cost("12345.678", 0, "$12345.68");
	cost("1000000", 0, "$1000000");
	return done_testing();
}
