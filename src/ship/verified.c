#include "ship/verified.h"

#include "base/exitcode.h"
#include "base/log.h"
#include "base/sig.h"

int
verified_open(struct ship *x)
{
	const struct ship_options *o = &x->o;
	const struct shipper *s = &x->shipper;
	struct verify *v = &x->verify;
	const char *wrong = NULL;
	struct err e;

	if (o->spool != NULL || o->dry_run || o->left_path != NULL ||
	    o->refused_path != NULL || o->receipts_path != NULL)
		wrong = "--verify sends nothing: no --spool, --dry-run, "
		    "--left, --refused or --receipts";
	else if (s->n != 1 || !s->dest[0].sink->langfuse)
		wrong = "--verify asks one Langfuse";
	if (wrong != NULL) {
		log_error("%s", wrong);
		return EXIT_USAGE;
	}
	*v = (struct verify){ .dest = &s->dest[0], .clock = x->io->clock,
	    .random = s->conf.random, .retry = retry_default,
	    .patience = o->retry_for, .in_flight = (size_t)o->in_flight,
	    .out = x->io->out };
	v->client = client_new("aitrace-ship/" PACKAGE_VERSION, &e);
	if (v->client == NULL) {
		log_error("%s", e.msg);
		return EXIT_SOFT;
	}
	sig_ignore_pipe();
	return 0;
}

void
verified_fini(struct ship *x)
{
	/* The client first: its requests point into the rest. */
	client_free(x->verify.client);
	x->verify.client = NULL;
	verify_fini(&x->verify);
}

static void
ask(struct ship *x)
{
	struct err e;

	if (verify_run(&x->verify, &e) == 0)
		return;
	log_error("%s", e.msg);
	stage_status(x->io, x->verify.stop != 0 ? x->verify.stop : EXIT_IO);
	x->io->stop = true;
}

int
verified_record(struct ship *x, const struct record *r)
{
	int rc;

	if (x->io->stop)
		return 0;
	rc = verify_add(&x->verify, r);
	if (rc == -1)
		return ship_failed(x);
	if (rc == 1)
		ask(x);
	return 0;
}

int
verified_close(struct ship *x)
{
	const struct verify *v = &x->verify;

	if (!x->io->stop)
		ask(x);
	if (v->missing == 0)
		return 0;
	log_error("%s: %llu of %llu spans are not there, in %llu of %llu "
	    "traces", v->dest->name, (unsigned long long)v->missing,
	    (unsigned long long)v->asked, (unsigned long long)v->incomplete,
	    (unsigned long long)v->traces);
	return EXIT_ANSWER_NO;
}

void
verified_summarize(const struct ship *x, struct buf *b)
{
	verify_summarize(&x->verify, b);
}
