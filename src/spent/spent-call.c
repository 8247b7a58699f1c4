/* A call that is told by itself: no record is made of it. */
#include <stdio.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "json/write.h"
#include "price/bookplace.h"
#include "spent/spent.h"

static const struct json_val none = { NULL, 0, JSON_NONE };

int
spent_names(struct spent *s)
{
	struct pick *p = &s->report->pick;
	struct spent_names *k = &s->names;

	k->session = pick_name(p, "session.id");
	k->agent = pick_name(p, "aitrace.agent");
	k->provider = pick_name(p, "gen_ai.provider.name");
	k->model = pick_name(p, "langfuse.observation.model.name");
	k->project = pick_name(p, "project.name");
	k->version = pick_name(p, "langfuse.version");
	return k->session == -1 || k->agent == -1 || k->provider == -1 ||
	    k->model == -1 || k->project == -1 || k->version == -1 ? -1 : 0;
}

int
spent_no_memory(void)
{
	log_error("out of memory");
	return EXIT_SOFT;
}

/* ---- what it cost ---------------------------------------------------------------------- */

int
spent_cost(struct spent *s, struct facts *f)
{
	static const enum sums_source source[] = {
	    [CALL_COST_REPORTED] = COST_REPORTED,
	    [CALL_COST_BOOK] = COST_COMPUTED,
	    [CALL_COST_ESTIMATE] = COST_ESTIMATED };
	struct call_cost cc;
	struct book *book;

	if (s->pricer.book == NULL) {
		book = bookplace_load(NULL, NULL, true);
		if (book == NULL)
			return EXIT_BADCONF;
		pricer_set_book(&s->pricer, book);
	}
	switch (pricer_decide(&s->pricer, &cc)) {
	case PRICER_LEFT:
		return 0;
	case PRICER_PRICED:
		f->priced = true;
		f->cost = cc.shown->total;
		f->source = source[cc.from];
		return 0;
	case PRICER_BAD_BOOK:
		log_error("%s", s->pricer.err.msg);
		return EXIT_BADCONF;
	case PRICER_NOMEM:
		break;
	}
	return spent_no_memory();
}

/* What call_read would find in its span; its usage is there. */
static void
fill_call(struct spent *s, const struct import_call *c)
{
	struct call *to = &s->pricer.call;
	size_t n = 0;
	const char *p;

	buf_reset(&s->text);
	p = json_str(c->model, &s->text, &n);
	to->model = p != NULL ? p : "";
	to->model_len = p != NULL ? n : 0;
	to->provider = c->agent->provider;
	to->provider_len = strlen(c->agent->provider);
	memset(&to->terms, 0, sizeof(to->terms));
	call_terms(&to->terms, c->tier, c->speed, none);
	to->from = NULL;
	to->when = c->start;
	to->has_reported = to->ours = to->foreign = false;
}

/* ---- what it says ------------------------------------------------------------------------ */

static enum sums_error
error_of(const struct import_call *c)
{
	char type[64], status[24];
	int n = snprintf(type, sizeof(type), "\"%s\"", c->error_type != NULL ?
	    c->error_type : "");
	int k = snprintf(status, sizeof(status), "%lld", (long long)c->status);

	return facts_error((struct json_val){ type, (size_t)n, JSON_STRING },
	    c->status > 0 ? (struct json_val){ status, (size_t)k,
	    JSON_NUMBER } : none);
}

/* The counts as its span would have them, to the buckets pricing knows. */
static bool
read_usage(struct buckets *to, const struct import_call *c)
{
	struct usage_part part[USAGE_PARTS];
	struct usage_count count[USAGE_PARTS];
	size_t n;

	to->n = 0;
	to->bad = NULL;
	if (!c->usage.known)
		return false;
	n = usage_parts(&c->usage, part);
	for (size_t i = 0; i < n; i++)
		count[i] = (struct usage_count){ part[i].name, part[i].count };
	return usage_from_counts(to, count, n);
}

static void
read_facts(struct facts *f, const struct import_call *c)
{
	memset(f, 0, sizeof(*f));
	f->is = FACT_CALL;
	f->start = c->start;
	f->duration = !c->guessed && c->start != 0 && c->end >= c->start ?
	    c->end - c->start : FACT_NO_TIME;
	f->ttft = FACT_NO_TIME;
	f->error = c->failed ? error_of(c) : ERR_NONE;
	f->retries = c->attempts > 1 ? (uint64_t)c->attempts - 1 : 0;
}

/* A JSON string of a name that needs no escapes. */
static struct json_val
quoted(struct buf *b, const char *name)
{
	size_t at = b->n;

	(void)json_put_cstr(b, name);
	return (struct json_val){ b->p + at, b->n - at, JSON_STRING };
}

/* What rows are made of. */
static void
fill_pick(struct spent *s, const struct import_call *c)
{
	struct pick *p = &s->report->pick;
	const struct spent_names *k = &s->names;

	memset(p->v, 0, p->n * sizeof(p->v[0]));
	/* Room for both first: the one must not move the other. */
	buf_reset(&s->provider);
	if (buf_room(&s->provider, 128) != NULL) {
		p->v[k->agent] = quoted(&s->provider, c->agent->name);
		p->v[k->provider] = quoted(&s->provider, c->agent->provider);
	}
	p->v[k->session] = c->session;
	p->v[k->model] = c->model;
	p->v[k->project] = c->project;
	p->v[k->version] = c->version;
	s->about.field[F_RESOURCE] = c->resource;
}

int
spent_call(struct spent *s, const struct import_call *c)
{
	struct facts f;
	int code;

	read_facts(&f, c);
	fill_call(s, c);
	s->pricer.call.has_usage = read_usage(&s->pricer.call.usage, c);
	if (s->pricer.call.has_usage)
		facts_usage(&f, &s->pricer.call.usage);
	code = spent_cost(s, &f);
	if (code != 0)
		return code;
	fill_pick(s, c);
	if (s->text.err != 0 || s->provider.err != 0 ||
	    report_call(s->report, &s->about, &f, c->ident) == -1)
		return spent_no_memory();
	return 0;
}
