/*
 * For the tests: turns an export request, or records, on standard input into
 * records or a request on standard output.
 *
 *	otlp-convert traces|logs|metrics|any pb|json|record pb|json|record
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/file.h"
#include "otlp/otlp.h"

#define MAX_INPUT	(256 * 1024 * 1024)

static enum otlp_signal
signal_of(const char *s)
{
	static const char *const name[] = { "traces", "logs", "metrics" };

	for (int i = 0; i < 3; i++)
		if (strcmp(s, name[i]) == 0)
			return (enum otlp_signal)i;
	return OTLP_SIGNAL_UNKNOWN;
}

static int
decode(enum otlp_signal sig, const char *from, const struct buf *in,
    struct buf *records, struct err *e)
{
	struct otlp_tally t = { 0 };
	int rc;

	if (strcmp(from, "record") == 0) {
		buf_add(records, in->p, in->n);
		return 0;
	}
	if (strcmp(from, "pb") == 0)
		rc = otlp_decode_pb(sig, in->p, in->n, records, &t, e);
	else
		rc = otlp_decode_json(sig, in->p, in->n, records, &t, e);
	if (rc == 0)
		(void)fprintf(stderr, "records=%llu refused=%llu "
		    "bad_utf8=%llu bad_ids=%llu why=%s\n",
		    (unsigned long long)t.records,
		    (unsigned long long)t.refused,
		    (unsigned long long)t.bad_utf8,
		    (unsigned long long)t.bad_ids, t.why);
	return rc;
}

static int
encode(enum otlp_signal sig, const char *to, const struct buf *records,
    struct buf *out, struct err *e)
{
	struct otlp_batch *b = otlp_batch_new(sig,
	    strcmp(to, "pb") == 0 ? OTLP_PROTOBUF : OTLP_JSON);
	struct record r = { 0 };
	const char *p = records->p, *end = p + records->n, *nl, *why;
	int rc = b != NULL ? 0 : err_set(e, "out of memory");

	for (; rc == 0 && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (nl == NULL)
			nl = end;
		if (record_index(&r, p, (size_t)(nl - p), &why) == -1)
			rc = err_set(e, "%s", why);
		else
			rc = otlp_batch_add(b, &r, e);
	}
	if (rc == 0)
		rc = otlp_batch_finish(b, out);
	record_fini(&r);
	otlp_batch_free(b);
	return rc;
}

int
main(int argc, char **argv)
{
	struct buf in = { 0 }, records = { 0 }, out = { 0 };
	struct err e = { "" };
	enum otlp_signal sig;
	int rc;

	if (argc != 4) {
		(void)fputs("usage: otlp-convert signal from to\n", stderr);
		return EXIT_USAGE;
	}
	sig = signal_of(argv[1]);
	rc = file_read_fd(STDIN_FILENO, "stdin", MAX_INPUT, &in, &e);
	if (rc == 0)
		rc = decode(sig, argv[2], &in, &records, &e);
	if (rc == 0 && strcmp(argv[3], "record") == 0)
		buf_add(&out, records.p, records.n);
	else if (rc == 0)
		rc = encode(sig, argv[3], &records, &out, &e);
	if (rc == 0 && file_write_all(STDOUT_FILENO, out.p, out.n) == -1)
		rc = err_set(&e, "write failed");
	if (rc == -1)
		(void)fprintf(stderr, "otlp-convert: %s\n", e.msg);
	buf_fini(&in);
	buf_fini(&records);
	buf_fini(&out);
	return rc == 0 ? EXIT_OK : EXIT_DATAERR;
}
