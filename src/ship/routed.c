#include "ship/routed.h"

#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"

bool
routed_several(const struct ship_options *o)
{
	return o->route == NULL && o->spool != NULL && o->to.n > 1 &&
	    !o->dry_run && !o->verify && o->since == NULL && o->until == NULL;
}

/* What says where to deliver, or what to do with what stays. */
static int
check(const struct ship_options *o)
{
	const char *wrong = NULL;

	if (o->to.n > 0 || o->endpoint != NULL || o->header.n > 0 ||
	    o->key_command.n > 0 || o->public_file != NULL ||
	    o->secret_file != NULL)
		wrong = "--route says itself where to deliver and with which "
		    "keys";
	else if (o->left_path != NULL || o->refused_path != NULL)
		wrong = "--route keeps what stays in the spool, not with "
		    "--left or --refused";
	else if (o->verify)
		wrong = "--verify asks one Langfuse";
	else if ((o->since != NULL || o->until != NULL) && !o->dry_run)
		wrong = "--since and --until choose from one queue: not with "
		    "--route";
	else if (o->spool == NULL && !o->dry_run)
		wrong = "--route goes with --spool: every destination has a "
		    "queue there";
	else if (o->spool != NULL && o->dry_run)
		wrong = "--route and --dry-run look at records that are read, "
		    "not at a spool";
	if (wrong == NULL)
		return 0;
	log_error("%s", wrong);
	return EXIT_USAGE;
}

int
routed_open(struct ship *x)
{
	const struct ship_options *o = &x->o;
	const struct lane_conf conf = { .spool = o->spool,
	    .limit = o->spool_limit, .box = x->shipper.conf,
	    .dest = { .format = o->format, .gzip = o->compress,
	    .timeout = o->timeout, .tls = o->tls,
	    .endpoint = o->endpoint, .headers = o->header.v,
	    .nheaders = o->header.n },
	    .refused = o->refused_path, .left = o->left_path,
	    .receipts = o->receipts_path,
	    .skip_delivered = o->skip_delivered,
	    .retry_parked = o->retry_parked };
	bool all = strcmp(o->route, ROUTED_ALL) == 0;
	struct err e;
	int rc = all ? 0 : check(o);

	if (rc != 0)
		return rc;
	if (o->dry_run) {
		if (trial_open(&x->trial, o->route, &e) == 0)
			return 0;
		log_error("%s", e.msg);
		return EXIT_BADCONF;
	}
	x->accepts = x->nfiles > 0 || (!o->once && !o->follow &&
	    isatty(STDIN_FILENO) == 0);
	x->desk = (struct desk){ .lanes = { .conf = conf,
	    .path = all ? NULL : o->route, .to = o->to.v, .nto = o->to.n,
	    .agent = "aitrace-ship/" PACKAGE_VERSION },
	    .patience = o->retry_for, .hurry = SHIP_HURRY,
	    .follow = o->follow, .accepts = x->accepts,
	    .look = x->shipper.look, .arg = x };
	x->desk.keys = (struct cred_from){ .public_file = o->public_file,
	    .secret_file = o->secret_file, .command = o->key_command.v,
	    .ncommand = o->key_command.n, .env = true, .directory = true };
	x->desk.lanes.conf.dest.keys = &x->desk.keys;
	return desk_open(&x->desk, x->io);
}

void
routed_fini(struct ship *x)
{
	desk_fini(&x->desk);
	trial_fini(&x->trial);
}

int
routed_record(struct ship *x, const struct record *r)
{
	if (!x->o.dry_run)
		return desk_record(&x->desk, r);
	return trial_record(&x->trial, r) == 0 ? 0 : ship_failed(x);
}

int64_t
routed_idle(struct ship *x)
{
	return x->o.dry_run ? -1 : desk_idle(&x->desk);
}

int
routed_wait(struct ship *x, struct pollfd *pfd, nfds_t n, int timeout_ms)
{
	if (x->o.dry_run)
		return poll(pfd, n, timeout_ms);
	return desk_wait(&x->desk, pfd, n, timeout_ms);
}

int
routed_close(struct ship *x)
{
	if (!x->o.dry_run)
		return desk_close(&x->desk);
	return trial_put(&x->trial, x->io->out) == 0 ? 0 : EXIT_IO;
}

void
routed_reload(struct ship *x)
{
	if (!x->o.dry_run)
		desk_reload(&x->desk);
}

void
routed_summarize(const struct ship *x, struct buf *b)
{
	if (!x->o.dry_run)
		desk_summarize(&x->desk, b);
}
