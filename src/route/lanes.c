#include "route/lanes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"
#include "route/sort.h"
#include "route/strays.h"

#define ENOUGH		(256 * 1024)
#define PORTIONS	(32 * 1024 * 1024)	/* of all lanes together */
#define LOOK		(CLOCK_S / 4)

/* ---- opening ------------------------------------------------------------ */

static int
open_lanes(struct lanes *x, struct err *e)
{
	size_t n = x->rules.ndest;
	int rc = 0;

	x->conf.portion = PORTIONS / n;
	if (x->conf.portion > 8 * 1024 * 1024)
		x->conf.portion = 8 * 1024 * 1024;
	if ((x->client = client_new(x->agent, e)) == NULL)
		return EXIT_SOFT;
	if ((x->lane = calloc(n, sizeof(*x->lane))) == NULL) {
		(void)err_set(e, "out of memory");
		return EXIT_SOFT;
	}
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = lane_open(&x->lane[i], &x->rules.dest[i], &x->conf,
		    x->client, e);
	return rc;
}

static void
close_lanes(struct lanes *x)
{
	/* The client first: its requests point into the lanes. */
	client_free(x->client);
	x->client = NULL;
	for (size_t i = 0; x->lane != NULL && i < x->rules.ndest; i++)
		lane_fini(&x->lane[i]);
	free(x->lane);
	x->lane = NULL;
}

static void
tell_strays(struct lanes *x)
{
	x->strays = strays_tell(x->conf.spool, &x->rules, x->path != NULL ?
	    x->path : "--to");
}

static int
read_rules(struct lanes *x, struct rules *rules, struct err *e)
{
	return x->path != NULL ? rules_read(rules, x->path, e) :
	    rules_all(rules, x->to, x->nto, e);
}

int
lanes_open(struct lanes *x, struct err *e)
{
	int rc;

	if (read_rules(x, &x->rules, e) == -1)
		return x->path != NULL ? EXIT_BADCONF : EXIT_USAGE;
	if ((x->main = spooled_open(x->conf.spool, e)) == NULL)
		return EXIT_IO;
	if ((rc = open_lanes(x, e)) != 0)
		return rc;
	if (sort_open(x, e) == -1 ||
	    (x->conf.retry_parked && sort_again(x, e) == -1))
		return EXIT_IO;
	x->conf.retry_parked = false;	/* once is enough */
	tell_strays(x);
	return 0;
}

void
lanes_fini(struct lanes *x)
{
	close_lanes(x);
	spooled_close(x->main);
	x->main = NULL;
	intake_fini(&x->unrouted);
	free(x->unrouted_dir);
	rules_fini(&x->rules);
	trail_fini(&x->trail);
	record_fini(&x->rec);
	buf_fini(&x->pending);
	buf_fini(&x->portion);
	buf_fini(&x->verdict);
}

int
lanes_reload(struct lanes *x, struct err *e)
{
	struct rules fresh = { 0 };
	int rc;

	if (read_rules(x, &fresh, e) == -1) {
		rules_fini(&fresh);
		return EXIT_BADCONF;
	}
	/* Masks of destinations mean others now. */
	if (sort_pending(x, e) == -1) {
		rules_fini(&fresh);
		return EXIT_IO;
	}
	trail_fini(&x->trail);
	close_lanes(x);
	rules_fini(&x->rules);
	x->rules = fresh;
	if ((rc = open_lanes(x, e)) != 0)
		close_lanes(x);
	tell_strays(x);
	return rc;
}

/* ---- work --------------------------------------------------------------- */

int
lanes_line(struct lanes *x, const char *p, size_t n)
{
	buf_add(&x->pending, p, n);
	buf_addc(&x->pending, '\n');
	if (x->pending.err != 0)
		return -1;
	return x->pending.n >= ENOUGH;
}

static bool
pressed(struct lanes *x)
{
	for (size_t i = 0; i < x->rules.ndest; i++)
		if (lane_pressed(&x->lane[i]))
			return true;
	return false;
}

/* Everything but sorting. *busy: something is on its way. */
static int
deliver(struct lanes *x, bool fresh, int64_t *next, bool *busy, struct err *e)
{
	*next = -1;
	*busy = false;
	for (size_t i = 0; i < x->rules.ndest; i++) {
		if (lane_step(&x->lane[i], fresh, next, e) == -1)
			return -1;
		*busy = *busy || !lane_idle(&x->lane[i]);
	}
	return 0;
}

int
lanes_wait(struct lanes *x, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	return client_wait(x->client, pfd, n, timeout_ms);
}

/* Signals end it; the program's own loop reads them. */
static int
pause_until(struct lanes *x, int64_t next, int64_t until, struct err *e)
{
	int64_t now = clock_mono(x->conf.box.clock);

	if (next == -1 || next > until)
		next = until;
	if (next > now + LOOK)
		next = now + LOOK;
	next = (next - now + CLOCK_MS - 1) / CLOCK_MS;
	if (lanes_wait(x, NULL, 0, next > 0 ? (int)next : 0) == -1 &&
	    errno != EINTR)
		return err_set(e, "poll: %s", strerror(errno));
	return 0;
}

int
lanes_keep(struct lanes *x, struct err *e)
{
	int64_t next;
	bool busy;

	if (sort_pending(x, e) == -1)
		return -1;
	while (pressed(x) && !sig_stop())
		if (deliver(x, true, &next, &busy, e) == -1 ||
		    pause_until(x, next, INT64_MAX, e) == -1)
			return -1;
	return 0;
}

int
lanes_step(struct lanes *x, int64_t *next, struct err *e)
{
	int sorted = pressed(x) ? 0 : sort_more(x, e);
	bool busy;

	if (sorted == -1 || deliver(x, true, next, &busy, e) == -1)
		return -1;
	if (sorted == 1)
		*next = clock_mono(x->conf.box.clock);
	return 0;
}

/* Does any lane still do anything? */
static bool
hopeful(const struct lanes *x)
{
	for (size_t i = 0; i < x->rules.ndest; i++)
		if (x->lane[i].held == 0 &&
		    !shipper_stopped(&x->lane[i].shipper))
			return true;
	return false;
}

static uint64_t
delivered(const struct lanes *x)
{
	uint64_t n = 0;

	for (size_t i = 0; i < x->rules.ndest; i++)
		n += x->lane[i].seen;
	return n;
}

int
lanes_run(struct lanes *x, int64_t patience, int64_t hurry,
    int (*signals)(void *arg), void *arg, struct err *e)
{
	const struct clock *clock = x->conf.box.clock;
	int64_t now = clock_mono(clock), until = INT64_MAX, next;
	uint64_t last = delivered(x), got;
	bool hurried = false, busy;
	int sorted;

	if (patience >= 0)
		until = now + patience;
	for (;;) {
		if (signals(arg) != 0)
			return 0;
		now = clock_mono(clock);
		if (sig_stop() && !hurried) {
			hurried = true;
			until = now + hurry;
		}
		/* Nothing new is begun after a signal. */
		sorted = hurried || pressed(x) ? 0 : sort_more(x, e);
		if (sorted == -1 || deliver(x, !hurried, &next, &busy,
		    e) == -1)
			return -1;
		if (sorted == 1) {
			if (lanes_wait(x, NULL, 0, 0) == -1 && errno != EINTR)
				return err_set(e, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (!busy && (hurried || (patience >= 0 && !pressed(x))))
			return 0;
		if (!hurried && patience >= 0 && !hopeful(x))
			return 0;
		if ((got = delivered(x)) != last && patience >= 0 && !hurried)
			until = now + patience;
		last = got;
		if (now >= until)
			return 0;
		if (pause_until(x, next, until, e) == -1)
			return -1;
	}
}

/* ---- the end ------------------------------------------------------------ */

int
lanes_close(struct lanes *x, struct err *e)
{
	int rc = sort_pending(x, e);

	if (rc == 0)
		rc = intake_close(&x->unrouted, e);
	for (size_t i = 0; i < x->rules.ndest && rc == 0; i++)
		rc = lane_close(&x->lane[i], e);
	return rc == 0 ? spooled_forget(x->main, e) : -1;
}

void
lanes_tell(const struct lanes *x, struct stage_io *io)
{
	for (size_t i = 0; x->lane != NULL && i < x->rules.ndest; i++)
		lane_tell(&x->lane[i], io);
	if (x->homeless > 0) {
		log_error("%s has no rule for %llu records; they are in "
		    "%s/unrouted", x->path, (unsigned long long)x->homeless,
		    x->conf.spool);
		stage_status(io, EXIT_DATAERR);
	}
	if (x->bad > 0)
		stage_status(io, EXIT_DATAERR);
	if (x->unrouted.lost > 0 || spooled_aside(x->main) > 0)
		stage_status(io, EXIT_IO);
	if (x->strays > 0)
		stage_status(io, EXIT_TEMP);
}

void
lanes_summarize(const struct lanes *x, struct buf *b)
{
	buf_addf(b, " sorted=%llu unrouted=%llu", (unsigned long long)x->lines,
	    (unsigned long long)x->homeless);
	for (size_t i = 0; x->lane != NULL && i < x->rules.ndest; i++)
		lane_summarize(&x->lane[i], b);
}
