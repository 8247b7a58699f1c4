#include "report/dim.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

enum dim_kind { DIM_ATTR, DIM_TIME, DIM_TRACE, DIM_SERVER, DIM_ERROR };

struct dim_row {
	const char	*name;
	enum dim_kind	 kind;
	enum zone_unit	 unit;
	unsigned	 applies;
	const char	*attr[DIM_ATTRS];
	const char	*resource[DIM_RESOURCES];
};

static const struct dim_row row[] = {
	{ "hour", DIM_TIME, ZONE_HOUR, FACT_ALL, { NULL }, { NULL } },
	{ "day", DIM_TIME, ZONE_DAY, FACT_ALL, { NULL }, { NULL } },
	{ "week", DIM_TIME, ZONE_WEEK, FACT_ALL, { NULL }, { NULL } },
	{ "month", DIM_TIME, ZONE_MONTH, FACT_ALL, { NULL }, { NULL } },
	{ "year", DIM_TIME, ZONE_YEAR, FACT_ALL, { NULL }, { NULL } },
	{ "agent", DIM_ATTR, 0, FACT_ALL, { "aitrace.agent" },
	    { "service.name" } },
	{ "branch", DIM_ATTR, 0, FACT_ALL, { "vcs.ref.head.name",
	    "vcs.repository.ref.name", "git.branch" },
	    { "vcs.ref.head.name", "vcs.repository.ref.name", "git.branch" } },
	{ "environment", DIM_ATTR, 0, FACT_ALL, { "langfuse.environment",
	    "deployment.environment.name", "deployment.environment" },
	    { "deployment.environment.name", "deployment.environment",
	    "env" } },
	{ "error", DIM_ERROR, 0, FACT_CALL, { NULL }, { NULL } },
	{ "host", DIM_ATTR, 0, FACT_ALL, { "host.name" }, { "host.name" } },
	{ "model", DIM_ATTR, 0, FACT_CALL, { "langfuse.observation.model.name",
	    "gen_ai.response.model", "gen_ai.request.model",
	    "llm.model_name" }, { NULL } },
	{ "project", DIM_ATTR, 0, FACT_ALL, { "project.name" },
	    { "project.name" } },
	{ "provider", DIM_ATTR, 0, FACT_ALL, { "gen_ai.provider.name",
	    "gen_ai.system", "llm.provider" }, { NULL } },
	{ "purpose", DIM_ATTR, 0, FACT_ALL, { "aitrace.purpose" }, { NULL } },
	{ "repository", DIM_ATTR, 0, FACT_ALL, { "vcs.repository.name",
	    "vcs.repository.url.full", "git.repository" },
	    { "vcs.repository.name", "vcs.repository.url.full",
	    "git.repository" } },
	{ "run", DIM_TRACE, 0, FACT_ALL, { NULL }, { NULL } },
	{ "server", DIM_SERVER, 0, FACT_TOOL, { "mcp.server.name",
	    "gen_ai.tool.name" }, { NULL } },
	{ "session", DIM_ATTR, 0, FACT_ALL, { "session.id",
	    "langfuse.session.id", "gen_ai.conversation.id" },
	    { "session.id" } },
	{ "team", DIM_ATTR, 0, FACT_ALL, { "team.id", "team.name",
	    "team" }, { "team.id", "team.name", "team" } },
	{ "tool", DIM_ATTR, 0, FACT_TOOL, { "gen_ai.tool.name",
	    "aitrace.tool.name", "tool.name" }, { NULL } },
	{ "user", DIM_ATTR, 0, FACT_ALL, { "user.id", "langfuse.user.id" },
	    { "user.id" } },
	{ "version", DIM_ATTR, 0, FACT_ALL, { "langfuse.version",
	    "app.version" }, { "service.version" } },
};

#define ROWS	(sizeof(row) / sizeof(row[0]))

const char *
dim_known(size_t i)
{
	return i < ROWS ? row[i].name : NULL;
}

static int
unknown(const char *name, struct err *e)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < ROWS; i++)
		buf_addf(&b, "%s%s", i == 0 ? "" : ", ", row[i].name);
	(void)err_set(e, "'%s' is none of %s, nor an attribute's name (with "
	    "a dot)", name, buf_cstr(&b));
	buf_fini(&b);
	return -1;
}

static int
resolve(struct dim *d, struct pick *p, struct err *e)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(row[i].name, d->name) == 0)
			d->row = &row[i];
	if (d->row == NULL) {
		if (strchr(d->name, '.') == NULL)
			return unknown(d->name, e);
		d->attr[0] = pick_name(p, d->name);
		d->resource[0] = d->name;
		d->applies = FACT_ALL;
		if (d->attr[0] == -1)
			return err_set(e, "too many attributes");
		return 0;
	}
	d->applies = d->row->applies;
	d->is_time = d->row->kind == DIM_TIME;
	d->unit = d->row->unit;
	if (d->is_time) {
		d->labels = calloc(1, sizeof(*d->labels));
		if (d->labels == NULL)
			return err_set(e, "out of memory");
	}
	for (size_t i = 0; i < DIM_ATTRS && d->row->attr[i] != NULL; i++) {
		d->attr[i] = pick_name(p, d->row->attr[i]);
		if (d->attr[i] == -1)
			return err_set(e, "too many attributes");
	}
	memcpy(d->resource, d->row->resource, sizeof(d->row->resource));
	return 0;
}

int
dim_init(struct dim *d, const char *name, size_t n, struct pick *p,
    struct err *e)
{
	memset(d, 0, sizeof(*d));
	for (size_t i = 0; i < DIM_ATTRS; i++)
		d->attr[i] = -1;
	d->name = strndup(name, n);
	if (d->name == NULL)
		return err_set(e, "out of memory");
	if (resolve(d, p, e) == 0)
		return 0;
	dim_fini(d);
	return -1;
}

void
dim_fini(struct dim *d)
{
	free(d->name);
	free(d->labels);
	memset(d, 0, sizeof(*d));
}

/* The text of a value: of a string its characters, else as it stands. */
static bool
text_of(struct json_val v, struct buf *scratch, const char **text, size_t *n)
{
	if (v.type == JSON_NONE)
		return false;
	if (v.type == JSON_STRING) {
		buf_reset(scratch);
		*text = json_str(v, scratch, n);
	} else {
		*text = v.p;
		*n = v.n;
	}
	return *text != NULL && *n != 0;
}

/* mcp__SERVER__tool */
static bool
server_of(const char **text, size_t *n)
{
	const char *p = *text, *end = p + *n, *q;

	if (*n < 6 || memcmp(p, "mcp__", 5) != 0)
		return false;
	p += 5;
	q = memmem(p, (size_t)(end - p), "__", 2);
	if (q == NULL || q == p)
		return false;
	*text = p;
	*n = (size_t)(q - p);
	return true;
}

static bool
attr_value(const struct dim *d, const struct pick *p, const struct record *r,
    struct buf *scratch, const char **text, size_t *n)
{
	for (size_t i = 0; i < DIM_ATTRS && d->attr[i] != -1; i++) {
		if (!text_of(p->v[d->attr[i]], scratch, text, n))
			continue;
		/* The server's own name, or what stands in the tool's. */
		if (d->row != NULL && d->row->kind == DIM_SERVER && i == 1)
			return server_of(text, n);
		return true;
	}
	for (size_t i = 0; d->resource[i] != NULL; i++)
		if (text_of(record_resource(r, d->resource[i]), scratch, text,
		    n))
			return true;
	return false;
}

bool
dim_value(const struct dim *d, const struct pick *p, const struct record *r,
    const struct facts *f, struct buf *scratch, const char **text, size_t *n)
{
	enum dim_kind kind = d->row != NULL ? d->row->kind : DIM_ATTR;

	switch (kind) {
	case DIM_TIME:
		if (f->start == 0)
			return false;
		*n = zone_label(d->labels, d->unit, f->start, text);
		return true;
	case DIM_TRACE:
		return text_of(r->field[F_TRACE_ID], scratch, text, n);
	case DIM_ERROR:
		if (f->error == ERR_NONE)
			return false;
		*text = sums_error_name(f->error);
		*n = strlen(*text);
		return true;
	case DIM_ATTR:
	case DIM_SERVER:
		break;
	}
	if (!attr_value(d, p, r, scratch, text, n))
		return false;
	*n = utf8_cut(*text, *n, DIM_VALUE_MAX);
	return *n != 0;
}
