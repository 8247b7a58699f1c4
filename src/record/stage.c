#include "record/stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/lines.h"
#include "base/log.h"
#include "base/sig.h"

#define STAGE_MAX_LINE	(64 * 1024 * 1024)
#define STAGE_IDLE_MAX	(60 * CLOCK_S)	/* look around at least so often */

struct common {
	bool	strict;
	int64_t	max_line;
};

static const struct opt common_opts[] = {
	{ "strict", 0, OPT_FLAG, offsetof(struct common, strict), NULL,
	    "stop at the first bad line", 0, 0, NULL },
	{ "max-line", 0, OPT_SIZE, offsetof(struct common, max_line), "SIZE",
	    "longest line taken (default 64M)", 1024, INT64_C(1) << 36, NULL },
	{ .name = NULL }
};

struct run {
	const struct stage	*s;
	void			*ctx;
	struct stage_io		 io;
	struct common		 common;
	struct record		 rec;
	struct lines		 lines;
	bool			 done;	/* the stage or an error ended it */
	bool			 piped;	/* the input comes from a program */
};

/* The worst first; what is not listed is no code of ours. */
static const int worst[] = { EXIT_SOFT, EXIT_IO, EXIT_CANTCREATE,
    EXIT_BADCONF, EXIT_NOCREDS, EXIT_UNAVAIL, EXIT_TEMP, EXIT_DATAERR,
    EXIT_USAGE, EXIT_ANSWER_NO, EXIT_OK };

static size_t
badness(int code)
{
	size_t i = 0;

	while (worst[i] != code && worst[i] != EXIT_OK)
		i++;
	return sizeof(worst) / sizeof(worst[0]) - i;
}

void
stage_status(struct stage_io *io, int code)
{
	if (badness(code) > badness(io->status))
		io->status = code;
}

int
stage_pass(struct stage_io *io, const struct record *r)
{
	/* Lines that go on as they came are not even copied. */
	if (io->newline)
		return out_slice(io->out, r->p, r->n + 1) == -1 ? EXIT_IO : 0;
	if (out_write(io->out, r->p, r->n) == -1 ||
	    out_putc(io->out, '\n') == -1)
		return EXIT_IO;
	return 0;
}

static void
end_run(struct run *run, int code)
{
	stage_status(&run->io, code);
	run->done = true;
}

static void
summary(struct run *run)
{
	struct buf b = { 0 };

	buf_addf(&b, "in=%llu bad=%llu", (unsigned long long)run->io.in,
	    (unsigned long long)run->io.bad);
	if (run->s->summarize != NULL)
		run->s->summarize(run->ctx, &b);
	log_always("info: %s", buf_cstr(&b));
	buf_fini(&b);
}

void
stage_bad(struct stage_io *io, const char *why)
{
	io->bad++;
	stage_status(io, EXIT_DATAERR);
	if (io->strict) {
		log_error("%s:%llu: %s", io->file,
		    (unsigned long long)io->lineno, why);
		io->done = true;
	} else if (io->bad == 1)
		log_warn("%s:%llu: %s; %s", io->file,
		    (unsigned long long)io->lineno, why,
		    io->sink || io->keeps_bad ? "left out" :
		    "passed on as it is");
}

/* Counts a bad line and tells of the first. */
static void
bad_line(struct run *run, const char *why)
{
	stage_bad(&run->io, why);
	if (run->io.strict)
		run->done = true;
}

/* Bytes of a bad line, to where they belong. */
static void
bad_bytes(struct run *run, const char *p, size_t n, bool last)
{
	int code = 0;

	if (run->s->bad != NULL)
		code = run->s->bad(run->ctx, &run->io, p, n, last);
	else if (!run->io.sink && (out_write(run->io.out, p, n) == -1 ||
	    (last && out_putc(run->io.out, '\n') == -1)))
		code = EXIT_IO;
	if (code != 0)
		end_run(run, code);
}

static void
one_line(struct run *run, const char *p, size_t n)
{
	const char *why;
	int code;

	run->io.in++;
	if (record_index(&run->rec, p, n, &why) == -1) {
		bad_line(run, why);
		if (!run->done)
			bad_bytes(run, p, n, true);
		return;
	}
	code = run->s->record(run->ctx, &run->io, &run->rec);
	if (code != 0)
		end_run(run, code);
	else if (run->io.done)
		run->done = true;
}

static void
long_line(struct run *run, const char *p, size_t n, bool first, bool last)
{
	if (first) {
		run->io.in++;
		bad_line(run, "line longer than --max-line");
	}
	if (run->done)
		return;
	bad_bytes(run, p, n, last);
}

/* Everything that is buffered. */
static enum lines_res
drain(struct run *run)
{
	enum lines_res res;
	bool was_long;
	const char *p;
	size_t n;

	for (;;) {
		was_long = run->lines.in_long;
		res = lines_next(&run->lines, &p, &n);
		run->io.lineno = run->lines.lineno;
		switch (res) {
		case LINES_OK:
			run->io.newline = p + n < run->lines.p +
			    run->lines.end;
			one_line(run, p, n);
			break;
		case LINES_PART:
		case LINES_PART_END:
			long_line(run, p, n, !was_long,
			    res == LINES_PART_END);
			break;
		default:
			return res;
		}
		if (run->done)
			return LINES_EOF;
	}
}

static void
signals(struct run *run)
{
	sig_drain();
	if (sig_take_usr1()) {
		if (out_flush(run->io.out) == -1)
			end_run(run, EXIT_IO);
		summary(run);
	}
	if (sig_take_hup() && run->s->reload != NULL)
		run->s->reload(run->ctx, &run->io);
}

static int
wait_for(struct run *run, struct pollfd *pfd, nfds_t n, int timeout)
{
	if (run->s->wait != NULL)
		return run->s->wait(run->ctx, pfd, n, timeout);
	return poll(pfd, n, timeout);
}

/* Milliseconds until then, rounded up, within what poll takes. */
static int
until(int64_t deadline, int64_t now)
{
	int64_t ms;

	if (deadline < 0 || deadline - now > STAGE_IDLE_MAX)
		deadline = now + STAGE_IDLE_MAX;
	ms = (deadline - now + CLOCK_MS - 1) / CLOCK_MS;
	return ms < 0 ? 0 : (int)ms;
}

/*
 * Nothing to read: what was written leaves, and the stage may do what it does
 * when nobody is in a hurry.
 */
static int
idle(struct run *run)
{
	int64_t now = clock_mono(run->io.clock), next = -1;

	if (run->s->idle != NULL)
		next = run->s->idle(run->ctx, &run->io, now);
	if (out_flush(run->io.out) == -1) {
		end_run(run, EXIT_IO);
		return 0;
	}
	return until(next, clock_mono(run->io.clock));
}

/*
 * What was read is still handled, but nothing more is read. Control-C on a
 * terminal stops the programs before us, too: what they have taken is still
 * to come through the pipe, and its end is near.
 */
static bool
ending(const struct run *run)
{
	if (run->done || run->io.stop)
		return true;
	return sig_stop() && !(sig_stop_typed() && run->piped);
}

/* Returns when there is something to read, or the run is to end. */
static void
wait_input(struct run *run)
{
	struct pollfd pfd[2] = {
		{ .fd = run->lines.fd, .events = POLLIN },
		{ .fd = sig_fd(), .events = POLLIN },
	};
	int timeout = 0;

	while (!ending(run)) {
		if (wait_for(run, pfd, 2, timeout) == -1 && errno != EINTR) {
			log_error("poll: %s", strerror(errno));
			end_run(run, EXIT_IO);
			return;
		}
		if (pfd[1].revents != 0) {
			pfd[1].revents = 0;
			signals(run);
			continue;
		}
		if (pfd[0].revents != 0)
			return;
		timeout = idle(run);
	}
}

static void
one_input(struct run *run, int fd, const char *name)
{
	enum lines_res res;
	struct stat st;

	run->io.file = name;
	run->io.lineno = 0;
	run->piped = fstat(fd, &st) == 0 &&
	    (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
	lines_init(&run->lines, fd, (size_t)run->common.max_line);
	for (;;) {
		res = drain(run);
		if (res != LINES_MORE || ending(run))
			break;
		wait_input(run);
		if (ending(run))
			continue;
		/* The block is about to move. */
		if (out_settle(run->io.out) == -1) {
			end_run(run, EXIT_IO);
			continue;
		}
		res = lines_fill(&run->lines);
		if (res == LINES_ERROR)
			break;
	}
	if (res == LINES_ERROR) {
		log_error("%s: %s", name, strerror(run->lines.error));
		end_run(run, EXIT_IO);
	}
	if (out_settle(run->io.out) == -1)
		end_run(run, EXIT_IO);
	lines_fini(&run->lines);
}

static void
one_file(struct run *run, const char *path)
{
	int fd;

	if (strcmp(path, "-") == 0) {
		one_input(run, STDIN_FILENO, "stdin");
		return;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1) {
		/* The other files are still good. */
		log_error("%s: %s", path, strerror(errno));
		stage_status(&run->io, EXIT_IO);
		return;
	}
	one_input(run, fd, path);
	(void)close(fd);	/* nothing was written */
}

static void
finish(struct run *run)
{
	int code;

	if (run->s->close != NULL && run->io.out->err == 0) {
		code = run->s->close(run->ctx, &run->io);
		stage_status(&run->io, code);
	}
	if (out_flush(run->io.out) == -1)
		stage_status(&run->io, EXIT_IO);
	if (run->io.out->err != 0)
		log_error("stdout: %s", strerror(run->io.out->err));
	else if (close(STDOUT_FILENO) == -1) {
		log_error("stdout: %s", strerror(errno));
		stage_status(&run->io, EXIT_IO);
	}
	if (run->io.bad > 1 && !run->common.strict)
		log_warn("%llu bad lines in all",
		    (unsigned long long)run->io.bad);
	if (log_level() >= LOG_LEVEL_INFO)
		summary(run);
}

static void
work(struct run *run, int argc, char **argv, int first)
{
	int code = 0, taken = 0;

	if (run->s->operands != NULL)
		taken = run->s->operands(run->ctx, argc - first,
		    argv + first);
	if (taken == -1)
		code = EXIT_USAGE;
	else if (run->s->open != NULL)
		code = run->s->open(run->ctx, &run->io);
	if (code != 0) {
		stage_status(&run->io, code);
		return;
	}
	first += taken;
	if (first == argc && !run->io.done)
		one_input(run, STDIN_FILENO, "stdin");
	for (int i = first; i < argc && !run->io.done && !ending(run); i++)
		one_file(run, argv[i]);
	finish(run);
}

int
stage_main(const struct stage *s, void *ctx, int argc, char **argv)
{
	struct run run = { .s = s, .ctx = ctx,
	    .common = { .max_line = STAGE_MAX_LINE } };
	const struct opt_program prog = { s->name,
	    s->synopsis != NULL ? s->synopsis : "[FILE ...]", s->summary,
	    s->opts, common_opts, ctx, &run.common };
	struct out out;
	int first;

	switch (opt_parse(&prog, argc, argv, &first)) {
	case OPT_DONE:
		return EXIT_OK;
	case OPT_BAD:
		return EXIT_USAGE;
	case OPT_RUN:
		break;
	}
	run.io.clock = clock_system();
	run.io.out = &out;
	run.io.sink = s->sink;
	run.io.keeps_bad = s->bad != NULL;
	run.io.strict = run.common.strict;
	run.io.max_line = run.common.max_line;
	if (sig_init() == -1 || out_init(&out, STDOUT_FILENO, 0) == -1) {
		log_error("cannot start: %s", strerror(errno));
		return EXIT_SOFT;
	}
	work(&run, argc, argv, first);
	if (s->fini != NULL)
		s->fini(ctx);
	record_fini(&run.rec);
	out_fini(&out);
	log_fini();
	return run.io.status;
}
