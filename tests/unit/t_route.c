#include "config.h"

#include "recv/route.h"
#include "tests/unit/tap.h"

static void
paths(void)
{
	static const struct {
		const char		*path;
		enum route_kind		 kind;
		enum otlp_signal	 signal;
	} row[] = {
		{ "/v1/traces", ROUTE_EXPORT, OTLP_TRACES },
		{ "/v1/logs", ROUTE_EXPORT, OTLP_LOGS },
		{ "/v1/metrics", ROUTE_EXPORT, OTLP_METRICS },
		{ "/", ROUTE_EXPORT, OTLP_SIGNAL_UNKNOWN },
		{ "//", ROUTE_EXPORT, OTLP_SIGNAL_UNKNOWN },
		{ "//v1/traces", ROUTE_EXPORT, OTLP_TRACES },
		{ "/v1//traces//", ROUTE_EXPORT, OTLP_TRACES },
		{ "/v1/traces/", ROUTE_EXPORT, OTLP_TRACES },
		{ "/health", ROUTE_HEALTH, OTLP_SIGNAL_UNKNOWN },
		{ "/metrics", ROUTE_METRICS, OTLP_SIGNAL_UNKNOWN },
		{ "/api/public/otel/v1/traces", ROUTE_EXPORT, OTLP_TRACES },
		{ "/api/public/ingestion", ROUTE_INGEST,
		    OTLP_SIGNAL_UNKNOWN },
		{ "/v1/trace", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "/v1/tracess", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "/v1/traces/x", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "/V1/traces", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "v1/traces", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
		{ "*", ROUTE_NONE, OTLP_SIGNAL_UNKNOWN },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct route r = route_find(row[i].path);

		ok(r.kind == row[i].kind && r.signal == row[i].signal,
		    "path '%s'", row[i].path);
	}
}

static void
methods(void)
{
	struct route export = route_find("/v1/traces");
	struct route health = route_find("/health");
	struct route none = route_find("/x");

	ok(route_allows(&export, "POST"), "POST of an export");
	ok(!route_allows(&export, "GET"), "no GET");
	ok(!route_allows(&export, "POS"), "no POS");
	ok(!route_allows(&export, ""), "not the empty method");
	ok(route_allows(&health, "GET"), "GET of the health");
	ok(route_allows(&health, "HEAD"), "HEAD of the health");
	ok(!route_allows(&health, "POST"), "no POST of it");
	ok(!route_allows(&health, ","), "no comma");
	ok(!route_allows(&none, "POST"), "nothing of nowhere");
}

static void
types(void)
{
	is_int(route_wire("application/json"), WIRE_JSON, "JSON");
	is_int(route_wire(" APPLICATION/json ; charset=utf-8"), WIRE_JSON,
	    "in any case, with parameters");
	is_int(route_wire("application/x-protobuf"), WIRE_PROTOBUF, "protobuf");
	is_int(route_wire("application/x-protobuf;messageType=x"),
	    WIRE_PROTOBUF, "with a parameter");
	is_int(route_wire(NULL), WIRE_NONE, "none");
	is_int(route_wire(""), WIRE_NONE, "an empty one");
	is_int(route_wire("application/jsonp"), WIRE_NONE, "a longer one");
	is_int(route_wire("text/json"), WIRE_NONE, "another one");
	is_str(route_type(WIRE_PROTOBUF), "application/x-protobuf",
	    "protobuf's name");
	is_str(route_type(WIRE_JSON), "application/json", "JSON's name");
}

static void
hosts(void)
{
	static const char *const good[] = { "localhost", "localhost:4318",
	    "127.0.0.1", "127.0.0.1:1", "127.9.9.9:4318", "[::1]",
	    "[::1]:4318", "[0:0:0:0:0:0:0:1]", "devbox", "DevBox:4318",
	    "localhost:" };	/* RFC 3986: the port may be empty */
	static const char *const bad[] = { "", ":4318", "evil.example",
	    "evil.example:4318", "localhost.evil.example",
	    "localhost:1x", "localhost:80:80", "[::1", "[::2]", "::1",
	    "127.0.0.1.nip.io", "0177.0.0.1", "128.0.0.1", "0.0.0.0",
	    "localhost@evil.example", "devboxx" };

	ok(route_host_ok(NULL, "devbox"), "no host is fine");
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ok(route_host_ok(good[i], "devbox"), "good: '%s'", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ok(!route_host_ok(bad[i], "devbox"), "bad: '%s'", bad[i]);
}

int
main(void)
{
	paths();
	methods();
	types();
	hosts();
	return done_testing();
}
