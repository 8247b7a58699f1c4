/* Colours and line-drawing characters, or plain replacements. */
#ifndef VIEW_PEN_H
#define VIEW_PEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

enum pen_style {
	PEN_PLAIN, PEN_BOLD, PEN_DIM, PEN_ERROR, PEN_WARNING, PEN_LLM,
	PEN_TOOL, PEN_AGENT, PEN_CHAIN, PEN_OTHER
};

/* How lines are drawn; names are terminal columns wide as said. */
enum pen_glyph {
	PEN_TEE,	/* 3: a child with more to come */
	PEN_ELBOW,	/* 3: the last child */
	PEN_PIPE,	/* 3: past a child with more to come */
	PEN_BLANK,	/* 3: past the last child */
	PEN_BAR,	/* 1: time taken */
	PEN_DOT,	/* 1: between facts */
	PEN_CROSS,	/* 1: failed */
	PEN_BANG,	/* 1: not as it should be */
	PEN_INTO,	/* 1: what went in */
	PEN_OUT		/* 1: what came out */
};

struct pen {
	struct buf	*b;
	bool		 color;
	bool		 ascii;
};

/* Text between pen_on and pen_off has the style. Styles do not nest. */
void pen_on(const struct pen *pen, enum pen_style s);
void pen_off(const struct pen *pen, enum pen_style s);

/* Our own constant text in a style. Returns its columns (ASCII only). */
size_t pen_text(const struct pen *pen, enum pen_style s, const char *text);

void pen_glyph(const struct pen *pen, enum pen_glyph g);

#endif
