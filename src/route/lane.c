#include "route/lane.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "net/command.h"
#include "net/cred.h"
#include "sink/left.h"

#define LANES		"to"
#define ALIVE		(5 * CLOCK_S)	/* without a delivery */

static void
refused(void *arg, const struct record *r, int status, const char *why)
{
	struct lane *l = arg;

	refusals_record(&l->refusals, r, l->rd->name, status, why);
}

/* It was a record when it was put there. */
static void
bad_line(void *arg, const char *p, size_t n, const char *why)
{
	struct lane *l = arg;

	if (l->backlog.bad == 1)
		log_warn("%s: %s; left out", l->dir, why);
	refusals_line(&l->refusals, p, n, why);
}

/* The token, to be wiped; NULL and 0 where none is asked for. 0 or -1. */
static int
get_token(const struct rules_dest *rd, char **token, struct err *e)
{
	struct command c = { 0 };
	int rc;

	*token = NULL;
	if (rd->token_file != NULL)
		return cred_file(token, rd->token_file, e);
	if (rd->token_env != NULL)
		return cred_env(token, rd->token_env, e);
	if (rd->token_command == NULL)
		return 0;
	if (command_split(&c, rd->token_command, e) == -1)
		return -1;
	rc = cred_program(token, c.word, e);
	command_fini(&c);
	return rc;
}

/* 0 or an exit code. */
static int
set_dest(struct lane *l, struct err *e)
{
	const struct rules_dest *rd = l->rd;
	const struct cred_from keys = { .public_file = rd->public_file,
	    .secret_file = rd->secret_file, .command = &rd->key_command,
	    .ncommand = rd->key_command != NULL, .public_env = rd->public_env,
	    .secret_env = rd->secret_env };
	struct dest_conf conf = l->conf->dest;
	struct shipper *s = &l->shipper;
	struct err why;
	char *token;
	int rc;

	conf.name = rd->name;
	if (rd->url != NULL)
		conf.endpoint = rd->url;
	if (!rd->bare) {
		conf.no_env = true;
		conf.keys = &keys;
		conf.headers = rd->header;
		conf.nheaders = rd->nheaders;
	}
	if (rd->format != -1)
		conf.format = rd->format;
	if (rd->gzip != -1)
		conf.gzip = rd->gzip;
	if (rd->timeout != -1)
		conf.timeout = rd->timeout;
	if (rd->tls.ca_file != NULL)
		conf.tls.ca_file = rd->tls.ca_file;
	if (rd->tls.cert_file != NULL)
		conf.tls.cert_file = rd->tls.cert_file;
	if (rd->tls.key_file != NULL)
		conf.tls.key_file = rd->tls.key_file;
	if (get_token(rd, &token, &why) == -1) {
		(void)err_set(e, "%s", why.msg);
		return EXIT_NOCREDS;
	}
	conf.token = token;
	rc = dest_init(&s->dest[0], rd->sink, &conf, e);
	cred_wipe(token);
	s->n = 1;
	return rc;
}

/* The folder of the lane, made if it is not there. 0 or -1. */
static int
make_dir(struct lane *l, struct err *e)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s/%s", l->conf->spool, LANES);
	if (mkdir(buf_cstr(&b), 0700) == 0 || errno == EEXIST) {
		buf_addf(&b, "/%s", l->rd->name);
		if (mkdir(buf_cstr(&b), 0700) == 0 || errno == EEXIST)
			l->dir = buf_take(&b, NULL);
	}
	if (l->dir == NULL)
		(void)err_set(e, "%s: %s", buf_cstr(&b), strerror(errno));
	buf_fini(&b);
	return l->dir != NULL ? 0 : -1;
}

/* Nothing is forgotten that was refused and could not be parked. */
static int
kept(void *arg, struct err *e)
{
	const struct lane *l = arg;

	return !l->refusals.failed ? 0 : err_set(e, "%s: what was refused "
	    "could not be kept: all of it stays", l->dir);
}

int
lane_open(struct lane *l, const struct rules_dest *rd,
    const struct lane_conf *conf, struct client *client, struct err *e)
{
	struct shipper *s = &l->shipper;
	struct err why;
	int rc;

	memset(l, 0, sizeof(*l));
	l->refusals.fd = -1;
	l->rd = rd;
	l->conf = conf;
	l->moved = clock_mono(conf->box.clock);
	if (make_dir(l, e) == -1)
		return EXIT_IO;
	intake_init(&l->intake, l->dir, conf->limit, conf->box.clock);
	l->backlog.bad_line = bad_line;
	l->backlog.done = kept;
	l->backlog.arg = l;
	l->backlog.most = conf->portion;
	if (backlog_open(&l->backlog, l->dir, e) == -1 || (conf->retry_parked
	    && refusals_retry(l->dir, &l->intake, e) == -1))
		return EXIT_IO;
	if (refusals_open(&l->refusals, conf->refused, l->dir, conf->box.clock,
	    e) == -1 || proof_open(&l->proof, conf->receipts, l->dir,
	    conf->skip_delivered, conf->box.clock, e) == -1)
		return EXIT_CANTCREATE;
	s->conf = conf->box;
	s->conf.refused = refused;
	s->conf.proof = &l->proof;
	s->conf.arg = l;
	s->client = client;
	s->shared = s->waitless = true;
	rc = set_dest(l, &why);
	if (rc == EXIT_NOCREDS) {
		log_error("%s: %s; its records wait in %s", rd->name, why.msg,
		    l->dir);
		l->held = rc;
		return 0;
	}
	if (rc != 0)
		(void)err_set(e, "%s: %s", rd->name, why.msg);
	else if (shipper_open(s, NULL, e) == -1)
		rc = EXIT_SOFT;
	return rc;
}

void
lane_fini(struct lane *l)
{
	shipper_fini(&l->shipper);
	backlog_fini(&l->backlog);
	intake_fini(&l->intake);
	refusals_fini(&l->refusals);
	proof_fini(&l->proof);
	free(l->dir);
	l->dir = NULL;
}

int
lane_keep(struct lane *l, struct err *e)
{
	if (intake_keep(&l->intake, e) == 0)
		return 0;
	l->broken = true;
	return -1;
}

int
lane_line(struct lane *l, const char *p, size_t n, struct err *e)
{
	int rc = intake_line(&l->intake, p, n);

	if (rc == -1)
		return err_set(e, "out of memory");
	l->taken++;
	return rc == 1 ? lane_keep(l, e) : 0;
}

static bool
moves(const struct lane *l)
{
	return l->held == 0 && !shipper_stopped(&l->shipper);
}

int
lane_step(struct lane *l, bool fresh, int64_t *next, struct err *e)
{
	struct shipper *s = &l->shipper;
	int64_t due;
	int rc;

	if (l->held != 0)
		return 0;
	rc = fresh ? backlog_step(&l->backlog, s, e) :
	    backlog_settle(&l->backlog, s, e);
	if (rc == -1 || s->failed) {
		l->broken = true;
		return rc == -1 ? -1 : err_set(e, "out of memory");
	}
	due = shipper_tick(s);
	if (due != -1 && (*next == -1 || due < *next))
		*next = due;
	if (s->box[0].tally.delivered != l->seen) {
		l->seen = s->box[0].tally.delivered;
		l->moved = clock_mono(l->conf->box.clock);
	}
	return 0;
}

bool
lane_idle(const struct lane *l)
{
	return !moves(l) || !l->backlog.out;
}

bool
lane_pressed(struct lane *l)
{
	return moves(l) && l->intake.spool != NULL &&
	    clock_mono(l->conf->box.clock) - l->moved < ALIVE &&
	    spool_size(l->intake.spool) > l->conf->limit / 2;
}

int
lane_close(struct lane *l, struct err *e)
{
	if (intake_close(&l->intake, e) == -1)
		return -1;
	if (l->held != 0 || l->backlog.out)
		return 0;
	return spooled_forget(l->backlog.in, e);
}

void
lane_tell(const struct lane *l, struct stage_io *io)
{
	if (l->held != 0)
		stage_status(io, l->held);
	else
		left_tell(&l->shipper.box[0], false, l->conf->left, true, true,
		    io);
	if (l->broken || l->refusals.failed || l->proof.failed ||
	    l->intake.lost > 0 || spooled_aside(l->backlog.in) > 0)
		stage_status(io, EXIT_IO);
}

void
lane_summarize(const struct lane *l, struct buf *b)
{
	if (l->held != 0)
		buf_addf(b, " to=%s held", l->rd->name);
	else
		shipper_summarize(&l->shipper, b);
	buf_addf(b, " routed=%llu parked=%llu dropped=%llu",
	    (unsigned long long)l->taken,
	    (unsigned long long)l->refusals.nkept,
	    (unsigned long long)l->intake.lost);
}
