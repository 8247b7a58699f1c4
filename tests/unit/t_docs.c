/*
 * Every text is fed whole, byte by byte, and in pieces of seven: what is found
 * must not depend on it.
 */
#include "config.h"

#include "json/scan.h"
#include "recv/docs.h"
#include "tests/unit/tap.h"

/* "L:text" of each document, "L!why" of each bad one, joined by "|". */
static void
walk(struct docs *d, bool eof, struct buf *out)
{
	enum docs_res res;
	struct json_val v;
	const char *p, *why;
	uint64_t line;
	size_t n;

	while ((res = docs_next(d, eof, &p, &n, &line)) != DOCS_MORE) {
		if (res == DOCS_OK && !json_parse(p, n, &v, &why) &&
		    docs_retry(d))
			continue;
		if (out->n > 0)
			buf_addc(out, '|');
		buf_addu(out, line);
		buf_addc(out, res == DOCS_OK ? ':' : '!');
		if (res == DOCS_OK)
			buf_add(out, p, n);
		else
			buf_adds(out, d->why);
	}
}

static void
check(const char *text, size_t max, const char *want, const char *name)
{
	static const size_t step[] = { 1, 7, 1000000, 1000000 };
	size_t len = strlen(text);

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		struct buf out = { 0 };
		struct docs d;

		docs_init(&d, max);
		for (size_t at = 0; at < len; at += step[i]) {
			size_t n = len - at < step[i] ? len - at : step[i];

			bool last = i == 3;

			if (docs_feed(&d, text + at, n, last) == -1)
				ok(false, "out of memory");
			walk(&d, last, &out);
			if (d.n > max + 1000000)
				ok(false, "holds no more than a document");
		}
		walk(&d, true, &out);
		is_str(buf_cstr(&out), want, name);
		docs_fini(&d);
		buf_fini(&out);
	}
}

int
main(void)
{
	check("", 100, "", "nothing");
	check(" \n\t\r\n", 100, "", "white space");
	check("{\"a\":1}", 100, "1:{\"a\":1}", "one, without a line end");
	check("{\"a\":1}\n", 100, "1:{\"a\":1}", "one, with a line end");
	check("\xef\xbb\xbf{\"a\":1}\n", 100, "1:{\"a\":1}",
	    "behind a byte-order mark");
	check("{}\n{}\r\n\n{\"b\":[]}  \n", 100, "1:{}|2:{}|4:{\"b\":[]}",
	    "one a line");
	check("{\n \"a\": {\n }\n}\n{\n}\n", 100, "1:{\n \"a\": {\n }\n}|5:{\n}",
	    "pretty-printed");
	check("{\"a\": {}\n}\n{}\n", 100, "1:{\"a\": {}\n}|3:{}",
	    "pretty-printed, its first line ends in a brace");
	check("{}{\"a\":\"}{\"}{}", 100, "1:{}|1:{\"a\":\"}{\"}|1:{}",
	    "joined without space");
	check("{\"a\":\"\\\"}\"}\n", 100, "1:{\"a\":\"\\\"}\"}",
	    "an escaped quote");
	check("{}\nhello\n{}\n", 100, "1:{}|2!not a JSON object|3:{}",
	    "a line of text between");
	check("[1]\n{}\n", 100, "1!not a JSON object|2:{}", "an array");
	check("{\"a\":1,}\n{}\n", 100, "1:{\"a\":1,}|2:{}",
	    "bad JSON with its braces is offered, for the cause");
	check("{\"resourceSpans\":[{\n{\"resourceSpans\":[]}\n", 100,
	    "1!the document ends early|2:{\"resourceSpans\":[]}",
	    "a line cut short; the next is found");
	check("{\"a\":\"x\n{}\n", 100, "1!line break inside a string|2:{}",
	    "a line cut inside a string; the next is found");
	check("{}\n{\"a\":", 100, "1:{}|2!the document ends early",
	    "the end is missing");
	check("{\"a\":\"0123456789\"}\n{\"b\":1}\n", 10,
	    "1!the document is over the limit (--max-body)|2:{\"b\":1}",
	    "one over the limit; the next is found");
	check("{\"a\":1}\n{\"b\":1}\n", 7, "1:{\"a\":1}|2:{\"b\":1}",
	    "exactly the limit");
	check("{\n\"a\":\"0123456789\"\n}{\"b\":1}\n{}", 10,
	    "1!the document is over the limit (--max-body)|3:{\"b\":1}|4:{}",
	    "one over the limit and several lines");
	check("{\"a\":\"0123456789", 10,
	    "1!the document is over the limit (--max-body)",
	    "one over the limit that never ends");
	return done_testing();
}
