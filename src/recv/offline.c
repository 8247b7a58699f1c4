#include "config.h"

#include "recv/offline.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/out.h"
#include "base/sig.h"
#include "json/scan.h"
#include "net/inflate.h"
#include "recv/clean.h"
#include "recv/decode.h"
#include "recv/docs.h"
#include "recv/form.h"
#include "recv/ingest.h"
#include "recv/tally.h"

/* Most requests fit, and are then decoded where they were read. */
#define BLOCK		((size_t)256 * 1024)
/*
 * Where the kernel copies a page to a little behind the start of one, as
 * malloc places large blocks, some processors take three times as long.
 */
#define BLOCK_ALIGN	((size_t)4096)

struct offline {
	const struct recv_conf	*conf;
	struct recv_tally	 tally;
	struct out		 out;
	struct clean		*clean;		/* or NULL */
	struct buf		 lines;
	struct ingest		*ingest;
	char			*block;
	int			 status;
};

/* A file being read. */
struct input {
	struct offline		*o;
	const char		*name;
	int			 fd;
	bool			 regular;	/* never waits */
	bool			 eof;		/* all has been read */
	bool			 ended;		/* and has been handed on */
	enum form		 form;
	enum otlp_signal	 signal;	/* by option or name */
	struct inflate		*z;
	struct buf		 plain;		/* unpacked, not looked at */
	struct docs		 docs;		/* JSON */
	struct buf		 whole;		/* protobuf */
	bool			 failed;	/* no use in going on */
};

/* A failed write is worse than bad input. */
static void
worse(struct offline *o, int code)
{
	if (o->status == 0 || code == EXIT_SOFT ||
	    (code == EXIT_IO && o->status == EXIT_DATAERR))
		o->status = code;
}

static void
bad_file(struct input *in, const char *why)
{
	log_error("%s: %s", in->name, why);
	in->o->tally.bad++;
	worse(in->o, EXIT_DATAERR);
	in->failed = true;
}

/* Writes the lines of one document. */
static void
put_lines(struct input *in, struct otlp_tally *t)
{
	struct offline *o = in->o;

	if (clean_lines(o->clean, &o->lines, t) == -1) {
		log_error("%s: out of memory", in->name);
		worse(o, EXIT_SOFT);
		in->failed = true;
		return;
	}
	o->tally.accepted++;
	o->tally.records += t->records;
	o->tally.rejected += t->refused;
	o->tally.bad_utf8 += t->bad_utf8;
	if (t->refused > 0) {
		log_warn("%s: %" PRIu64 " records rejected: %s", in->name,
		    t->refused, t->why);
		worse(o, EXIT_DATAERR);
	}
	if (o->lines.n > 0 &&
	    (out_slice(&o->out, o->lines.p, o->lines.n) == -1 ||
	    out_settle(&o->out) == -1))
		in->failed = true;
}

/* Is it a batch of events from a Langfuse SDK? */
static bool
is_batch(const char *p, size_t n)
{
	static const char otlp[] = "\"resource";
	const char *end = p + n, *first = json_ws(p, end), *why;
	struct json_val v;

	/* Cheap where it matters: requests of OTLP begin with "resource...". */
	if (first < end)
		first = json_ws(first + 1, end);
	if ((size_t)(end - first) >= sizeof(otlp) - 1 &&
	    memcmp(first, otlp, sizeof(otlp) - 1) == 0)
		return false;
	return json_parse(p, n, &v, &why) && v.type == JSON_OBJECT &&
	    json_get(v, "batch").type == JSON_ARRAY;
}

static int
one_batch(struct input *in, const char *p, size_t n, struct err *e)
{
	struct offline *o = in->o;
	struct otlp_tally t = { .why = "see the batch" };
	struct buf answer = { 0 };
	unsigned status;

	status = ingest_request(o->ingest, p, n, 0, &o->lines, &answer,
	    &t.records, &t.refused, e);
	buf_fini(&answer);
	if (status != 207)
		return -1;
	put_lines(in, &t);
	return 0;
}

/* Decodes one document: 0, or -1 with the cause in e. */
static int
one_doc(struct input *in, const char *p, size_t n, struct err *e)
{
	struct offline *o = in->o;
	enum otlp_signal sig = in->form == FORM_JSON ? OTLP_SIGNAL_UNKNOWN :
	    in->signal;
	struct otlp_tally t = { 0 };

	buf_reset(&o->lines);
	if (in->form == FORM_JSON && is_batch(p, n))
		return one_batch(in, p, n, e);
	if (decode_request(in->form == FORM_JSON ? WIRE_JSON : WIRE_PROTOBUF,
	    &sig, p, n, &o->lines, &t, e) != 200)
		return -1;
	put_lines(in, &t);
	return 0;
}

static void
json_docs(struct input *in, bool eof)
{
	uint64_t line;
	const char *p;
	struct err e;
	size_t n;

	while (!in->failed && !sig_stop()) {
		switch (docs_next(&in->docs, eof, &p, &n, &line)) {
		case DOCS_MORE:
			return;
		case DOCS_OK:
			if (one_doc(in, p, n, &e) == 0)
				break;
			if (docs_retry(&in->docs))
				continue;
			log_error("%s:%" PRIu64 ": %s", in->name, line, e.msg);
			in->o->tally.bad++;
			worse(in->o, EXIT_DATAERR);
			break;
		case DOCS_BAD:
			log_error("%s:%" PRIu64 ": %s", in->name, line,
			    in->docs.why);
			in->o->tally.bad++;
			worse(in->o, EXIT_DATAERR);
			break;
		}
		in->o->tally.requests++;
	}
}

static void
protobuf(struct input *in, const char *p, size_t n)
{
	struct err e;

	in->o->tally.requests++;
	if (one_doc(in, p, n, &e) == -1)
		bad_file(in, e.msg);
}

/*
 * Hands unpacked bytes to whoever reads this form. What comes whole is read
 * in place.
 */
static void
hand_on(struct input *in, const char *p, size_t n, bool eof)
{
	in->ended = eof;
	if (in->form == FORM_JSON) {
		if (docs_feed(&in->docs, p, n, eof) == -1)
			bad_file(in, strerror(ENOMEM));
		else
			json_docs(in, eof);
		return;
	}
	if (eof && in->whole.n == 0 && n <= in->whole.max) {
		protobuf(in, p, n);
		return;
	}
	buf_add(&in->whole, p, n);
	if (in->whole.err != 0)
		bad_file(in, in->whole.err == EMSGSIZE ?
		    "the request is over the limit (--max-body)" :
		    strerror(in->whole.err));
	else if (eof)
		protobuf(in, in->whole.p, in->whole.n);
}

/* What was unpacked, once it tells its form. */
static void
look(struct input *in, bool eof)
{
	const char *p = in->plain.p != NULL ? in->plain.p : "";

	if (in->form == FORM_UNKNOWN)
		in->form = form_tell(p, in->plain.n, eof);
	if (in->form == FORM_UNKNOWN)
		return;
	hand_on(in, p, in->plain.n, eof);
	buf_reset(&in->plain);
}

/* Unpacks a block, a bounded piece at a time. */
static void
take_block(struct input *in, const char *p, size_t n, bool eof)
{
	struct err e;
	size_t left;
	bool full;

	if (in->z == NULL) {
		if (in->form == FORM_UNKNOWN && in->plain.n == 0)
			in->form = form_tell(p, n, eof);
		if (in->form != FORM_UNKNOWN && in->plain.n == 0) {
			hand_on(in, p, n, eof);
			return;
		}
		buf_add(&in->plain, p, n);
		look(in, false);
		return;
	}
	do {
		if (inflate_some(in->z, p, n, &in->plain, 2 * BLOCK, &left,
		    &e) != INFLATE_OK) {
			bad_file(in, e.msg);
			return;
		}
		p += n - left;
		n = left;
		full = in->plain.n >= 2 * BLOCK;
		look(in, false);
	} while ((full || n > 0) && !in->failed);
}

/* What was read leaves before we wait for more. */
static int
wait_input(struct input *in)
{
	struct pollfd pfd[2] = { { .fd = in->fd, .events = POLLIN },
	    { .fd = sig_fd(), .events = POLLIN } };
	int ms = 0;

	while (!sig_stop()) {
		if (poll(pfd, 2, ms) == -1 && errno != EINTR)
			return -1;
		if (pfd[1].revents != 0)
			sig_drain();
		if (sig_take_usr1())
			recv_tally_log(&in->o->tally);
		if (pfd[0].revents != 0)
			return 0;
		if (ms == 0 && out_flush(&in->o->out) == -1)
			return 0;
		ms = -1;
	}
	return 0;
}

/*
 * Reads a block: of a pipe what there is, of a file all that fits, to see its
 * end at once. How much, 0 at the end or when told to stop, -1 on error.
 */
static ssize_t
read_block(struct input *in)
{
	size_t n = 0;
	ssize_t got = 0;

	do {
		if (!in->regular && wait_input(in) == -1)
			return -1;
		if (sig_stop() || in->o->out.err != 0)
			return 0;
		got = read(in->fd, in->o->block + n, BLOCK - n);
		if (got > 0)
			n += (size_t)got;
		else if (got == 0)
			in->eof = true;
		else if (errno != EINTR && n == 0)
			return -1;
		else if (errno != EINTR)
			break;		/* and again, with nothing read */
	} while (got != 0 && n < BLOCK && (in->regular || n == 0));
	return (ssize_t)n;
}

static void
read_all(struct input *in)
{
	struct offline *o = in->o;
	bool first = true;
	ssize_t got;

	while (!in->eof && !in->failed && !sig_stop() && o->out.err == 0) {
		if (sig_take_usr1())
			recv_tally_log(&o->tally);
		got = read_block(in);
		if (got == -1) {
			log_error("%s: %s", in->name, strerror(errno));
			worse(o, EXIT_IO);
			return;
		}
		if (got == 0)
			continue;
		o->tally.bytes_in += (uint64_t)got;
		if (first)
			in->z = inflate_new(inflate_by_magic(o->block,
			    (size_t)got));
		first = false;
		take_block(in, o->block, (size_t)got, in->eof);
	}
}

/* The end of the file is the end of its last document. */
static void
end_input(struct input *in)
{
	struct err e;

	if (in->failed || !in->eof)
		return;
	/* What came out whole before a damaged end has been taken. */
	if (in->z != NULL && inflate_end(in->z, &e) != INFLATE_OK) {
		bad_file(in, e.msg);
		return;
	}
	if (!in->ended)
		look(in, true);
}

static enum otlp_signal
signal_of(const struct recv_conf *conf, const char *path)
{
	const char *base = strrchr(path, '/');

	base = base != NULL ? base + 1 : path;
	switch (conf->signal) {
	case RECV_SIGNAL_TRACES:
		return OTLP_TRACES;
	case RECV_SIGNAL_LOGS:
		return OTLP_LOGS;
	case RECV_SIGNAL_METRICS:
		return OTLP_METRICS;
	default:
		break;
	}
	if (strcasestr(base, "traces") != NULL)
		return OTLP_TRACES;
	if (strcasestr(base, "metrics") != NULL)
		return OTLP_METRICS;
	return strcasestr(base, "logs") != NULL ? OTLP_LOGS :
	    OTLP_SIGNAL_UNKNOWN;
}

static void
one_input(struct offline *o, int fd, const char *name)
{
	struct input in = { .o = o, .name = name, .fd = fd,
	    .signal = signal_of(o->conf, name) };
	struct stat st = { 0 };

	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		bad_file(&in, "is a directory; name the files in it");
		return;
	}
	in.regular = S_ISREG(st.st_mode);
	docs_init(&in.docs, (size_t)o->conf->max_body);
	buf_init(&in.whole, (size_t)o->conf->max_body);
	read_all(&in);
	end_input(&in);
	inflate_free(in.z);
	buf_fini(&in.plain);
	buf_fini(&in.whole);
	docs_fini(&in.docs);
}

static void
one_file(struct offline *o, const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		one_input(o, STDIN_FILENO, "stdin");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		log_error("%s: %s", path, strerror(errno));
		worse(o, EXIT_IO);
		return;
	}
	one_input(o, fd, path);
	(void)close(fd);	/* nothing was written */
}

int
offline_run(const struct recv_conf *conf, char *const *file, size_t n)
{
	struct offline o = { .conf = conf, .block =
	    aligned_alloc(BLOCK_ALIGN, BLOCK),
	    .ingest = ingest_new(RECV_HOLD_BYTES, false) };

	struct otlp_tally left = { 0 };
	struct err e;

	buf_init(&o.lines, (size_t)conf->max_memory);
	if (clean_new(&o.clean, conf, &e) == -1) {
		log_error("--redact: %s", e.msg);
		ingest_free(o.ingest);
		free(o.block);
		return EXIT_BADCONF;
	}
	if (o.block == NULL || o.ingest == NULL || sig_init() == -1 ||
	    out_init(&o.out, STDOUT_FILENO, 0) == -1) {
		log_error("cannot start: %s", strerror(errno));
		clean_free(o.clean);
		ingest_free(o.ingest);
		free(o.block);
		return EXIT_SOFT;
	}
	for (size_t i = 0; i < n && !sig_stop() && o.out.err == 0; i++)
		one_file(&o, file[i]);
	/* What was begun and never ended is as whole as it will be. */
	buf_reset(&o.lines);
	o.tally.records += ingest_expire(o.ingest, INT64_MAX, &o.lines);
	if (clean_lines(o.clean, &o.lines, &left) == -1) {
		log_error("out of memory: records are left out");
		worse(&o, EXIT_SOFT);
	} else if (o.lines.n > 0)
		(void)out_write(&o.out, o.lines.p, o.lines.n);
	if (out_flush(&o.out) == -1 || close(STDOUT_FILENO) == -1) {
		log_error("standard output: %s",
		    strerror(o.out.err != 0 ? o.out.err : errno));
		worse(&o, EXIT_IO);
	}
	o.tally.bytes_out = o.out.bytes;
	if (log_level() >= LOG_LEVEL_INFO)
		recv_tally_log(&o.tally);
	out_fini(&o.out);
	buf_fini(&o.lines);
	clean_free(o.clean);
	ingest_free(o.ingest);
	free(o.block);
	return o.status;
}
