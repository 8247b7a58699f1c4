#include "cred/form.h"

#include <errno.h>
#include <string.h>

#include "base/enc.h"
#include "json/write.h"
#include "net/url.h"

#define TRACES	"/api/public/otel/v1/traces"
#define ROOT	"/api/public/"

static void
put_otel(struct buf *b, const char *basic)
{
	buf_adds(b, "Authorization=");
	enc_percent(b, basic, strlen(basic));
	buf_adds(b, ",x-langfuse-ingestion-version=4");
}

static void
put_netrc(struct buf *b, const struct cred *c, const char *base)
{
	buf_adds(b, "machine ");
	url_host(b, base);
	buf_adds(b, " login ");
	buf_adds(b, c->public_key);
	buf_adds(b, " password ");
	buf_adds(b, c->secret_key);
}

/* Base64 and checked URLs need no escapes in TOML's basic strings. */
static void
put_codex(struct buf *b, const char *basic, const char *base)
{
	buf_adds(b, "[otel]\ntrace_exporter = { otlp-http = { endpoint = ");
	buf_adds(b, "\"");
	url_under(b, base, TRACES, ROOT);
	buf_adds(b, "\", protocol = \"binary\", headers = { "
	    "\"Authorization\" = \"");
	buf_adds(b, basic);
	buf_adds(b, "\", \"x-langfuse-ingestion-version\" = \"4\" } } }");
}

static void
put_claude(struct buf *b, const char *basic, const char *base)
{
	buf_adds(b, "{\n  \"env\": {\n"
	    "    \"CLAUDE_CODE_ENABLE_TELEMETRY\": \"1\",\n"
	    "    \"CLAUDE_CODE_ENHANCED_TELEMETRY_BETA\": \"1\",\n"
	    "    \"OTEL_TRACES_EXPORTER\": \"otlp\",\n"
	    "    \"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL\": "
	    "\"http/protobuf\",\n"
	    "    \"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT\": \"");
	url_under(b, base, TRACES, ROOT);
	buf_adds(b, "\",\n    \"OTEL_EXPORTER_OTLP_TRACES_HEADERS\": \"");
	put_otel(b, basic);
	buf_adds(b, "\"\n  }\n}");
}

static void
put_form(struct buf *b, enum form form, const struct cred *c,
    const char *basic, const char *base)
{
	switch (form) {
	case FORM_RAW:
		buf_adds(b, basic);
		break;
	case FORM_OTEL_HEADERS:
		put_otel(b, basic);
		break;
	case FORM_CURL:
		buf_adds(b, "header = \"Authorization: ");
		buf_adds(b, basic);
		buf_adds(b, "\"\nheader = \"x-langfuse-ingestion-version: "
		    "4\"");
		break;
	case FORM_NETRC:
		put_netrc(b, c, base);
		break;
	case FORM_CODEX:
		put_codex(b, basic, base);
		break;
	case FORM_CLAUDE:
		put_claude(b, basic, base);
		break;
	case FORM_JSON:
		buf_adds(b, "{\"Authorization\":");
		json_put_cstr(b, basic);
		buf_adds(b, ",\"x-langfuse-ingestion-version\":\"4\"}");
		break;
	}
}

void
form_put(struct buf *b, enum form form, bool export, const struct cred *c,
    const char *base)
{
	char *basic = cred_basic(c, "");

	if (basic == NULL) {
		b->err = ENOMEM;
		return;
	}
	if (export)
		buf_adds(b, form == FORM_RAW ?
		    "export LANGFUSE_AUTH_HEADER=\"" :
		    "export OTEL_EXPORTER_OTLP_HEADERS=\"");
	put_form(b, form, c, basic, base);
	if (export)
		buf_addc(b, '"');
	buf_addc(b, '\n');
	cred_wipe(basic);
}
