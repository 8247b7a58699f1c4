#include "config.h"

#include "recv/route.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
	const char	*path;
	struct route	 route;
} known[] = {
	{ "/v1/traces", { ROUTE_EXPORT, OTLP_TRACES, "POST", false } },
	{ "/v1/logs", { ROUTE_EXPORT, OTLP_LOGS, "POST", false } },
	{ "/v1/metrics", { ROUTE_EXPORT, OTLP_METRICS, "POST", false } },
	{ "/api/public/otel/v1/traces", { ROUTE_EXPORT, OTLP_TRACES, "POST",
	    true } },
	{ "/", { ROUTE_EXPORT, OTLP_SIGNAL_UNKNOWN, "POST", false } },
	{ "/api/public/ingestion", { ROUTE_INGEST, OTLP_SIGNAL_UNKNOWN,
	    "POST", true } },
	{ "/api/public/health", { ROUTE_HEALTH, OTLP_SIGNAL_UNKNOWN,
	    "GET, HEAD", false } },
	{ "/metrics", { ROUTE_METRICS, OTLP_SIGNAL_UNKNOWN, "GET, HEAD", false } },
	{ "/health", { ROUTE_HEALTH, OTLP_SIGNAL_UNKNOWN, "GET, HEAD", false } },
};

/* Equal, but for how many slashes stand in one place. */
static bool
same_path(const char *a, const char *b)
{
	for (;;) {
		while (a[0] == '/' && (a[1] == '/' ||
		    (a[1] == '\0' && b[0] == '\0')))
			a++;
		if (*a == '/' && *b == '\0' && a[1] == '\0')
			return true;
		if (*a != *b)
			return false;
		if (*a == '\0')
			return true;
		a++;
		b++;
	}
}

struct route
route_find(const char *path)
{
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (same_path(path, known[i].path))
			return known[i].route;
	return (struct route){ ROUTE_NONE, OTLP_SIGNAL_UNKNOWN, NULL,
	    false };
}

bool
route_allows(const struct route *r, const char *method)
{
	size_t n = strlen(method);
	const char *p = r->allow;

	while (p != NULL && *p != '\0') {
		size_t k = strcspn(p, ", ");

		if (k == n && memcmp(p, method, n) == 0)
			return true;
		p += k;
		p += strspn(p, ", ");
	}
	return false;
}

enum wire
route_wire(const char *type)
{
	size_t n;

	if (type == NULL)
		return WIRE_NONE;
	type += strspn(type, " \t");
	n = strcspn(type, ";");
	while (n > 0 && (type[n - 1] == ' ' || type[n - 1] == '\t'))
		n--;
	if (n == 16 && strncasecmp(type, "application/json", n) == 0)
		return WIRE_JSON;
	if (n == 22 && strncasecmp(type, "application/x-protobuf", n) == 0)
		return WIRE_PROTOBUF;
	return WIRE_NONE;
}

const char *
route_type(enum wire w)
{
	return w == WIRE_PROTOBUF ? "application/x-protobuf" :
	    "application/json";
}

static bool
is_loopback(const char *host)
{
	struct in_addr in;
	struct in6_addr in6;

	if (strcasecmp(host, "localhost") == 0)
		return true;
	if (inet_pton(AF_INET, host, &in) == 1)
		return ntohl(in.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, host, &in6) == 1 &&
	    IN6_IS_ADDR_LOOPBACK(&in6);
}

bool
route_host_ok(const char *host, const char *listen)
{
	char name[256];
	const char *end;
	size_t n;

	if (host == NULL || listen == NULL)
		return true;
	if (host[0] == '[') {
		host++;
		end = strchr(host, ']');
		if (end == NULL)
			return false;
		n = (size_t)(end - host);
		end++;
	} else {
		n = strcspn(host, ":");
		end = host + n;
	}
	if (n == 0 || n >= sizeof(name) || (*end != '\0' && (*end != ':' ||
	    strspn(end + 1, "0123456789") != strlen(end + 1))))
		return false;
	memcpy(name, host, n);
	name[n] = '\0';
	return is_loopback(name) || strcasecmp(name, listen) == 0;
}
