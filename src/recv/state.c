#include "config.h"

#include "recv/state.h"

#define LINES_KEEP	((size_t)4 << 20)

bool
recv_state_full(const struct recv_state *s, size_t more)
{
	return s->held + deliver_queued(s->out) + more >
	    (size_t)s->conf->max_memory;
}

void
recv_state_trim(struct recv_state *s)
{
	if (s->lines.cap > LINES_KEEP)
		buf_fini(&s->lines);
}
