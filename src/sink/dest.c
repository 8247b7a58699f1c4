#include "sink/dest.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/enc.h"
#include "base/exitcode.h"
#include "net/url.h"

#define TIMEOUT	(60 * CLOCK_S)

static const char *const signal_names[SINK_WAYS] = { "TRACES", "LOGS",
    "METRICS", "SCORES" };

static const char *
env(const char *name)
{
	const char *v = getenv(name);

	return v != NULL && *v != '\0' ? v : NULL;
}

/* OTEL_EXPORTER_OTLP_<SIGNAL>_<what>, else without the signal. */
static const char *
otel(const struct sink *s, int sig, const struct dest_conf *conf,
    const char *what)
{
	struct buf name = { 0 };
	const char *v;

	if (!s->otel_env || conf->no_env)
		return NULL;
	buf_addf(&name, "OTEL_EXPORTER_OTLP_%s_%s", signal_names[sig], what);
	v = env(buf_cstr(&name));
	if (v == NULL) {
		buf_reset(&name);
		buf_addf(&name, "OTEL_EXPORTER_OTLP_%s", what);
		v = env(buf_cstr(&name));
	}
	buf_fini(&name);
	return v;
}

/* Takes the line, which is wiped when it cannot be kept. */
static int
add_header(struct dest_way *w, char *line, struct err *e)
{
	if (line == NULL)
		return err_set(e, "out of memory");
	if (w->nheaders == DEST_MAX_HEADERS) {
		cred_wipe(line);
		return err_set(e, "more than %d headers", DEST_MAX_HEADERS);
	}
	for (const char *p = line; *p != '\0'; p++)
		if ((unsigned char)*p < ' ' || *p == 127) {
			cred_wipe(line);
			return err_set(e, "a header holds a control "
			    "character");
		}
	w->header[w->nheaders++] = line;
	return 0;
}

/* One "name=value" of the list, percent-encoded; values are secrets. */
static int
otel_header(struct dest_way *w, const char *p, size_t n, struct err *e)
{
	const char *eq = memchr(p, '=', n);
	struct buf line = { 0 };
	char *text;
	size_t k;

	if (eq == NULL || eq == p)
		return err_set(e, "OTEL_EXPORTER_OTLP_HEADERS: not a list of "
		    "name=value");
	if (buf_room(&line, n + 8) == NULL)	/* no copies left behind */
		return err_set(e, "out of memory");
	for (k = (size_t)(eq - p); k > 0 && p[k - 1] == ' '; k--)
		continue;
	buf_add(&line, p, k);
	buf_adds(&line, ": ");
	n -= (size_t)(eq + 1 - p);
	for (p = eq + 1; n > 0 && *p == ' '; p++)
		n--;
	for (; n > 0 && p[n - 1] == ' '; n--)
		continue;
	if (enc_unpercent(&line, p, n) == -1) {
		text = buf_take(&line, NULL);
		cred_wipe(text);
		return err_set(e, "OTEL_EXPORTER_OTLP_HEADERS: broken %% "
		    "escape");
	}
	return add_header(w, buf_take(&line, NULL), e);
}

static int
otel_headers(struct dest_way *w, const char *list, struct err *e)
{
	size_t n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (strspn(list, " ,") < n && otel_header(w, list +
		    strspn(list, " "), n - strspn(list, " "), e) == -1)
			return -1;
	}
	return 0;
}

static int
set_headers(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	const char *list = otel(s, sig, conf, "HEADERS");

	for (size_t i = 0; s->headers != NULL && s->headers[i] != NULL; i++)
		if (add_header(w, strdup(s->headers[i]), e) == -1)
			return -1;
	if (list != NULL && otel_headers(w, list, e) == -1)
		return -1;
	for (size_t i = 0; i < conf->nheaders; i++) {
		if (strchr(conf->headers[i], ':') == NULL)
			return err_set(e, "a header is \"Name: value\"");
		if (add_header(w, strdup(conf->headers[i]), e) == -1)
			return -1;
	}
	if (add_header(w, strdup(w->format == OTLP_JSON ?
	    "Content-Type: application/json" :
	    "Content-Type: application/x-protobuf"), e) == -1)
		return -1;
	if (w->gzip)
		return add_header(w, strdup("Content-Encoding: gzip"), e);
	return 0;
}

static int
set_format(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	const char *v = otel(s, sig, conf, "PROTOCOL");

	w->format = OTLP_PROTOBUF;
	if (sig == SINK_SCORES)		/* an API of its own */
		w->format = OTLP_JSON;
	else if (conf->format >= 0)
		w->format = (enum otlp_format)conf->format;
	else if (v != NULL && strcmp(v, "http/json") == 0)
		w->format = OTLP_JSON;
	else if (v != NULL && strcmp(v, "http/protobuf") != 0)
		return err_set(e, "OTEL_EXPORTER_OTLP_PROTOCOL=%s: only "
		    "http/protobuf and http/json can be sent (--format "
		    "overrules it)", v);
	return 0;
}

static int
set_gzip(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	const char *v = otel(s, sig, conf, "COMPRESSION");

	w->gzip = conf->gzip != 0 && sig != SINK_SCORES;
	if (conf->gzip >= 0 || v == NULL || strcmp(v, "gzip") == 0)
		return 0;
	w->gzip = false;
	if (strcmp(v, "none") == 0)
		return 0;
	return err_set(e, "OTEL_EXPORTER_OTLP_COMPRESSION=%s: only gzip and "
	    "none", v);
}

/* The variable counts milliseconds. */
static int
set_timeout(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	const char *v = otel(s, sig, conf, "TIMEOUT"), *why;

	w->timeout = TIMEOUT;
	if (conf->timeout >= 0)
		w->timeout = conf->timeout;
	else if (v != NULL) {
		w->timeout = strtonum(v, 1, 86400000, &why) * CLOCK_MS;
		if (why != NULL)
			return err_set(e, "OTEL_EXPORTER_OTLP_TIMEOUT=%s: "
			    "%s", v, why);
	}
	return 0;
}

static const char *
first(const char *a, const char *b)
{
	return a != NULL ? a : b;
}

static int
set_url(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	struct buf url = { 0 }, name = { 0 };
	const char *base = conf->endpoint, *whole = NULL;

	if (base == NULL && s->otel_env && !conf->no_env) {
		buf_addf(&name, "OTEL_EXPORTER_OTLP_%s_ENDPOINT",
		    signal_names[sig]);
		whole = env(buf_cstr(&name));
		buf_fini(&name);
		base = env("OTEL_EXPORTER_OTLP_ENDPOINT");
	}
	for (size_t i = 0; base == NULL && !conf->no_env && i < 2; i++)
		if (s->base_env[i] != NULL)
			base = env(s->base_env[i]);
	if (base == NULL)
		base = s->base;
	if (url_check(whole != NULL ? whole : base, e) == -1)
		return -1;
	if (whole != NULL)	/* as it is, says the specification */
		buf_adds(&url, whole);
	else
		url_under(&url, base, s->path[sig], s->root);
	w->url = buf_take(&url, NULL);
	if (conf->name != NULL && w->url != NULL) {
		buf_addf(&name, "%s (%s)", conf->name, w->url);
		w->label = buf_take(&name, NULL);
	} else if (w->url != NULL)
		w->label = strdup(w->url);
	return w->label != NULL ? 0 : err_set(e, "out of memory");
}

static int
set_way(struct dest_way *w, const struct sink *s, int sig,
    const struct dest_conf *conf, struct err *e)
{
	w->tls.ca_file = first(conf->tls.ca_file,
	    otel(s, sig, conf, "CERTIFICATE"));
	w->tls.cert_file = first(conf->tls.cert_file,
	    otel(s, sig, conf, "CLIENT_CERTIFICATE"));
	w->tls.key_file = first(conf->tls.key_file,
	    otel(s, sig, conf, "CLIENT_KEY"));
	if (set_url(w, s, sig, conf, e) == -1 ||
	    set_format(w, s, sig, conf, e) == -1 ||
	    set_gzip(w, s, sig, conf, e) == -1 ||
	    set_timeout(w, s, sig, conf, e) == -1 ||
	    set_headers(w, s, sig, conf, e) == -1)
		return EXIT_BADCONF;
	return 0;
}

/* 0 or an exit code. */
static int
set_langfuse(struct dest_way *w, const struct dest_conf *conf, struct err *e)
{
	struct cred c = { 0 };
	int rc = cred_load(&c, conf->keys, e);

	if (rc == 0)
		rc = add_header(w, cred_basic(&c, "Authorization: "), e);
	cred_fini(&c);
	return rc == 0 ? 0 : EXIT_NOCREDS;
}

/* "prefix token" as a header that leaves no copies behind. 0 or -1. */
static int
add_secret(struct dest_way *w, const char *prefix, const char *token,
    struct err *e)
{
	struct buf line = { 0 };

	if (buf_room(&line, strlen(prefix) + strlen(token) + 2) != NULL)
		buf_addf(&line, "%s %s", prefix, token);
	return add_header(w, buf_take(&line, NULL), e);
}

static int
set_langsmith(struct dest_way *w, const struct dest_conf *conf, struct err *e)
{
	const char *key = conf->no_env ? conf->token :
	    env("LANGSMITH_API_KEY");
	const char *project = conf->no_env ? NULL : env("LANGSMITH_PROJECT");
	struct buf line = { 0 };

	if (key == NULL && conf->no_env) {
		err_set(e, "no LangSmith key");
		return EXIT_NOCREDS;
	}
	if (key == NULL) {
		err_set(e, "no LangSmith key: LANGSMITH_API_KEY must be set");
		return EXIT_NOCREDS;
	}
	if (add_secret(w, "x-api-key:", key, e) == -1)
		return EXIT_NOCREDS;
	if (project == NULL)
		return 0;
	buf_addf(&line, "Langsmith-Project: %s", project);
	return add_header(w, buf_take(&line, NULL), e) == 0 ? 0 :
	    EXIT_BADCONF;
}

/* What is sent with every request, or to all projects alike, is no mark. */
static void
set_self(struct dest_way *w, const struct sink *s)
{
	struct id_part part[DEST_MAX_HEADERS + 1] = {
		{ w->url, strlen(w->url) }
	};
	size_t n = 1, i = 0;

	while (s->headers != NULL && s->headers[i] != NULL)
		i++;
	for (; i < w->nheaders; i++)
		if (strncmp(w->header[i], "Content-", 8) != 0) {
			part[n].p = w->header[i];
			part[n++].n = strlen(w->header[i]);
		}
	ids_trace(part, n, w->self);
	w->self[TRACE_ID_LEN] = '\0';
}

int
dest_init(struct dest *d, const struct sink *sink,
    const struct dest_conf *conf, struct err *e)
{
	int rc = 0;

	memset(d, 0, sizeof(*d));
	d->sink = sink;
	d->name = conf->name != NULL ? conf->name : sink->name;
	for (int i = 0; i < SINK_WAYS && rc == 0; i++) {
		if (sink->path[i] == NULL)
			continue;
		rc = set_way(&d->way[i], sink, i, conf, e);
		if (rc == 0 && sink->auth == SINK_LANGFUSE)
			rc = set_langfuse(&d->way[i], conf, e);
		if (rc == 0 && sink->auth == SINK_LANGSMITH)
			rc = set_langsmith(&d->way[i], conf, e);
		if (rc == 0 && sink->auth == SINK_OPEN &&
		    conf->token != NULL && add_secret(&d->way[i],
		    "Authorization: Bearer", conf->token, e) == -1)
			rc = EXIT_NOCREDS;
		if (rc == 0)
			set_self(&d->way[i], sink);
	}
	return rc;
}

void
dest_fini(struct dest *d)
{
	for (int i = 0; i < SINK_WAYS; i++) {
		for (size_t j = 0; j < d->way[i].nheaders; j++)
			cred_wipe(d->way[i].header[j]);
		free(d->way[i].url);
		free(d->way[i].label);
	}
	memset(d, 0, sizeof(*d));
}
