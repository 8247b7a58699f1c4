#include "agent/explain.h"

#include "base/utf8.h"
#include "record/rtime.h"

static const char *const kind_name[] = { "turn", "call", "tool", "agent",
    "span" };

/* What joins the records of a node where the agent does not say. */
static const char *const usual_rule[] = {
	"records of one turn id or trace id", "records of one request id",
	"records of one tool call id", "the tool call that started it",
	"as it came",
};

static void
put_text(struct buf *b, struct model *m, struct json_val v)
{
	size_t n;
	const char *p = model_text(m, v, &n);

	utf8_vis(b, p, n, false);
}

/* The event's name, as the record itself has it. */
static void
put_record(struct buf *b, struct model *m, const struct held *h)
{
	char t[RTIME_LEN];

	rtime_format(h->start, t);
	buf_adds(b, "    from ");
	buf_adds(b, h->kind == RECORD_SPAN ? "span " : "log ");
	for (size_t i = 0; i < m->agent->nevent; i++)
		if (m->agent->event[i].event == h->event &&
		    m->agent->event[i].kind == h->kind) {
			buf_adds(b, m->agent->event[i].name);
			break;
		}
	buf_adds(b, " of ");
	buf_add(b, t, sizeof(t));
	if (h->span.type == JSON_STRING) {
		buf_adds(b, " span_id ");
		put_text(b, m, h->span);
	}
	buf_addc(b, '\n');
}

static void
put_parent(struct buf *b, const struct node *n)
{
	if (n->parent == NULL) {
		buf_adds(b, "    root\n");
		return;
	}
	buf_addf(b, "    below %s ", kind_name[n->parent->kind]);
	buf_add(b, n->parent->span, SPAN_ID_LEN);
	buf_addf(b, ": %s%s\n", n->parent_rule != NULL ? n->parent_rule :
	    n->parent->kind == NODE_TURN ? "its turn" : "its ids",
	    n->inferred ? " (inferred)" : "");
}

int
explain_node(struct model *m, const struct node *n, struct out *out)
{
	struct buf b = { 0 };
	int res;

	buf_add(&b, n->span, SPAN_ID_LEN);
	buf_addf(&b, " %s ", kind_name[n->kind]);
	if (n->kind == NODE_TOOL || n->kind == NODE_AGENT)
		put_text(&b, m, n->val[FACT_TOOL_NAME]);
	else if (n->kind == NODE_CALL)
		put_text(&b, m, n->val[FACT_MODEL]);
	buf_addf(&b, "\n    %s, %s%s\n", n->rule != NULL ? n->rule :
	    usual_rule[n->kind], n->native != NULL ? "the client's own span" :
	    "made from logs", n->incomplete ? ", cut off" : "");
	put_parent(&b, n);
	for (size_t i = 0; i < m->nrec; i++)
		if (m->rec[i]->node == n)
			put_record(&b, m, m->rec[i]);
	res = b.err != 0 ? -1 : out_write(out, b.p, b.n);
	buf_fini(&b);
	return res;
}
