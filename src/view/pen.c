#include "view/pen.h"

#include <string.h>

static const char *const sgr[] = {
	[PEN_PLAIN] = "", [PEN_BOLD] = "1", [PEN_DIM] = "2",
	[PEN_ERROR] = "1;31", [PEN_WARNING] = "33", [PEN_LLM] = "36",
	[PEN_TOOL] = "32", [PEN_AGENT] = "35", [PEN_CHAIN] = "34",
	[PEN_OTHER] = "34",
};

static const struct {
	const char	*box;
	const char	*ascii;
} glyph[] = {
	[PEN_TEE] = { "├─ ", "|- " }, [PEN_ELBOW] = { "└─ ", "`- " },
	[PEN_PIPE] = { "│  ", "|  " }, [PEN_BLANK] = { "   ", "   " },
	[PEN_BAR] = { "━", "=" }, [PEN_DOT] = { "·", "-" },
	[PEN_CROSS] = { "✗", "x" }, [PEN_BANG] = { "!", "!" },
	 [PEN_INTO] = { "›", ">" },
	[PEN_OUT] = { "‹", "<" },
};

void
pen_on(const struct pen *pen, enum pen_style s)
{
	if (pen->color && s != PEN_PLAIN)
		buf_addf(pen->b, "\033[%sm", sgr[s]);
}

void
pen_off(const struct pen *pen, enum pen_style s)
{
	if (pen->color && s != PEN_PLAIN)
		buf_adds(pen->b, "\033[0m");
}

size_t
pen_text(const struct pen *pen, enum pen_style s, const char *text)
{
	pen_on(pen, s);
	buf_adds(pen->b, text);
	pen_off(pen, s);
	return strlen(text);
}

void
pen_glyph(const struct pen *pen, enum pen_glyph g)
{
	buf_adds(pen->b, pen->ascii ? glyph[g].ascii : glyph[g].box);
}
