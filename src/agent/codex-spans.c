#include "agent/codex-build.h"

void
codex_spans(struct codex *x)
{
	struct codex_turn *t;

	for (size_t i = 0; i < x->m->nrec; i++) {
		struct held *h = x->m->rec[i];

		if (h->kind != RECORD_SPAN)
			continue;
		(void)h;
	}
	STAILQ_FOREACH(t, &x->turns, next)
		t->side = codex_is_side(x->m->session);
}
