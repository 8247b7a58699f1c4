/* Writes traces as trees to a terminal or a file. */
#ifndef VIEW_DRAW_H
#define VIEW_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/out.h"
#include "view/layout.h"
#include "view/pen.h"
#include "view/plan.h"
#include "view/store.h"
#include "view/tally.h"

struct draw {
	struct out	*out;
	struct buf	 b;		/* what is not handed to out yet */
	struct pen	 pen;
	struct layout	 l;
	int64_t		 depth;		/* deepest level shown; -1: all */
	bool		 content;
	bool		 begun;		/* something was drawn */
	char		*session;	/* of the last heading; NULL: none */
	struct tally	 all;		/* of everything drawn */
};

/* color, ascii: see view/pen. out outlives the draw. */
void draw_init(struct draw *d, struct out *out, bool color, bool ascii);
void draw_fini(struct draw *d);

/*
 * Draws a trace, with the heading of its session where that is another than
 * the last one's. early: why it is drawn before its end, or NULL. Fails with
 * -1 when out of memory (out->err is 0 then) or when out does.
 */
int draw_trace(struct draw *d, struct trace *t, const char *early);

/* The line that sums up all traces, if there were more than one. */
int draw_all(struct draw *d);

#endif
