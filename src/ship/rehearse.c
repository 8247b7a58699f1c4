#include "ship/rehearse.h"

#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"

#define PORTION		(8 * 1024 * 1024)
#define MAX_LINE	(64 * 1024 * 1024)

void
rehearse_open(struct ship *x)
{
	const struct ship_options *o = &x->o;

	x->io->done = x->nfiles == 0 && (o->once || o->follow ||
	    isatty(STDIN_FILENO) == 1);
}

static int
one_line(struct ship *x, struct record *r, const char *p, size_t n)
{
	const char *why;

	if (record_index(r, p, n, &why) == -1) {
		if (x->backlog.bad++ == 0)
			log_warn("%s: %s; left out", x->o.spool, why);
		stage_status(x->io, EXIT_DATAERR);
		return 0;
	}
	if (!period_has(&x->period, r)) {
		x->outside++;
		return 0;
	}
	return shipper_add(&x->shipper, r);
}

static int
portion(struct ship *x, struct record *r, const struct buf *b)
{
	const char *p = b->p, *end = p + b->n, *nl;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (one_line(x, r, p, (size_t)(nl - p)) == -1)
			return -1;
	}
	return 0;
}

void
rehearse_close(struct ship *x)
{
	struct record r = { 0 };
	struct buf b = { 0 };
	struct spooled *in;
	struct err e;
	int rc = 0;

	if ((in = spooled_open(x->o.spool, &e)) == NULL)
		rc = -1;
	while (rc == 0 && !sig_stop()) {
		buf_reset(&b);
		rc = spooled_next(in, PORTION, MAX_LINE, &b, &e);
		if (rc != 1)
			break;
		if ((rc = portion(x, &r, &b)) == -1)
			(void)err_set(&e, "out of memory");
	}
	if (rc == -1) {
		log_error("%s", e.msg);
		stage_status(x->io, EXIT_IO);
	}
	shipper_flush(&x->shipper);
	spooled_close(in);
	record_fini(&r);
	buf_fini(&b);
}
