#include "import/made.h"

#include <string.h>

#include "import/pick.h"

/* Spans are made here, never edited: nothing to rename, nothing that leaks. */
static const struct agent_rename no_names[] = { { NULL, NULL } };
static const char *const no_content[] = { NULL };

const struct agent made_claude = { .name = "claude-code",
    .title = "Claude Code", .provider = "anthropic", .made = true,
    .rename = no_names, .content = no_content };
const struct agent made_codex = { .name = "codex", .title = "Codex",
    .provider = "openai", .made = true, .rename = no_names,
    .content = no_content };
const struct agent made_gemini = { .name = "gemini-cli",
    .title = "Gemini CLI", .provider = "google", .made = true,
    .rename = no_names, .content = no_content };
const struct agent made_opencode = { .name = "opencode",
    .title = "opencode", .provider = "unknown", .made = true,
    .rename = no_names, .content = no_content };

static char elsewhere;		/* what priv of such nodes points to */

void
made_init(struct made *d, const struct emit_opts *o, struct out *out)
{
	memset(d, 0, sizeof(*d));
	d->emit.o = o;
	d->out = out;
}

void
made_fini(struct made *d)
{
	emit_fini(&d->emit);
}

int
made_begin(struct made *d, struct arena *a, const struct agent *agent,
    struct json_val session, size_t n)
{
	static char empty[] = "\"\"";

	memset(&d->group, 0, sizeof(d->group));
	memset(&d->session, 0, sizeof(d->session));
	TAILQ_INIT(&d->group.held);
	TAILQ_INIT(&d->session.groups);
	STAILQ_INIT(&d->session.links);
	d->group.session = &d->session;
	d->session.agent = agent;
	d->session.id = session.type != JSON_STRING ? empty :
	    arena_copy(a, session.p, session.n);
	d->session.n = session.type == JSON_STRING ? session.n : 2;
	/* The model makes room for a node or two of each record. */
	d->group.nheld = n;
	if (d->session.id == NULL || model_init(&d->m, a, &d->group) == -1)
		return -1;
	return 0;
}

void
made_elsewhere(struct node *n)
{
	n->priv = &elsewhere;
}

void
made_prompt(struct made *d, struct node *root, struct json_val text,
    uint64_t when)
{
	struct held *h = arena_get(d->m.arena, sizeof(*h) +
	    sizeof(struct fact));

	if (root->prompt == NULL)
		root->prompt = arena_get(d->m.arena,
		    (d->group.nheld + 1) * sizeof(struct held *));
	if (h == NULL || root->prompt == NULL) {
		d->m.oom = true;
		return;
	}
	if (root->nprompt > d->group.nheld)
		return;
	h->start = h->end = when;
	h->nfact = 1;
	h->fact[0] = fact_make(FACT_PROMPT, text);
	if (root->nprompt == 0)
		root->val[FACT_PROMPT] = text;
	root->prompt[root->nprompt++] = h;
}

/* As aitrace-enrich closes them when their turn ends. */
static void
close_pending(struct model *m, struct node *n)
{
	if (n->outcome != OUTCOME_PENDING)
		return;
	n->incomplete = true;
	n->root->incomplete = true;
	n->message = model_string(m, "no result: the turn ended", 25);
	if (n->root->end > n->end)
		n->end = n->root->end;
}

int
made_end(struct made *d)
{
	struct model *m = &d->m;
	struct node *n;
	int res;

	if (m->oom || model_order(m) == -1 || m->oom)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link)
		close_pending(m, n);
	if (d->pick != NULL && !pick_turn(d->pick, m))
		return 0;
	if (emit_group(&d->emit, m) == -1)
		return -1;
	TAILQ_FOREACH(n, &m->nodes, link) {
		if (n->priv == &elsewhere)
			continue;
		res = d->pick != NULL ? pick_span(d->pick, n) : 1;
		if (res == -1)
			return -1;
		if (res == 0)
			continue;
		if (emit_node(&d->emit, m, n, d->out) == -1) {
			d->failed = d->out->err != 0;
			return -1;
		}
	}
	return m->oom ? -1 : 0;
}
