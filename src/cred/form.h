/*
 * The forms in which programs want to be told a Langfuse key pair. What is
 * written holds the secret: the caller wipes the buffer.
 */
#ifndef CRED_FORM_H
#define CRED_FORM_H

#include "base/buf.h"
#include "net/cred.h"

enum form {
	FORM_RAW,		/* Basic ... */
	FORM_OTEL_HEADERS,	/* value of OTEL_EXPORTER_OTLP_HEADERS */
	FORM_CURL,		/* configuration for curl -K */
	FORM_NETRC,		/* a line of .netrc */
	FORM_CODEX,		/* TOML for ~/.codex/config.toml */
	FORM_CLAUDE,		/* JSON for ~/.claude/settings.json */
	FORM_JSON		/* the headers, for otelHeadersHelper */
};

/* Large enough for every form, so that b need never grow. */
#define FORM_MAX	(32 * 1024)

/*
 * Appends the form and a newline; base is the server's URL. With export, RAW
 * and OTEL_HEADERS become a line for a shell. Errors are b's.
 */
void form_put(struct buf *b, enum form form, bool export,
    const struct cred *c, const char *base);

#endif
