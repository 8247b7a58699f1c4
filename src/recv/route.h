/*
 * What a request asks for: pure functions of its head.
 */
#ifndef RECV_ROUTE_H
#define RECV_ROUTE_H

#include <stdbool.h>

#include "otlp/otlp.h"

enum route_kind { ROUTE_NONE, ROUTE_EXPORT, ROUTE_INGEST, ROUTE_HEALTH,
    ROUTE_METRICS };

struct route {
	enum route_kind		 kind;
	enum otlp_signal	 signal;	/* of an export; may be unknown */
	const char		*allow;		/* methods, for a 405 */
	bool			 langfuse;	/* a path of Langfuse's API */
};

/* How the answer is written, and the request if it is an export. */
enum wire { WIRE_NONE, WIRE_JSON, WIRE_PROTOBUF };

/*
 * By path alone, repeated and trailing slashes left out of account (people
 * join "http://host:4318/" and "/v1/traces").
 */
struct route route_find(const char *path);

/* Is the method one of the route's? */
bool route_allows(const struct route *r, const char *method);

/* From a Content-Type; parameters are ignored; NULL is WIRE_NONE. */
enum wire route_wire(const char *content_type);

/* The Content-Type of an answer. */
const char *route_type(enum wire w);

/*
 * Does the Host header name this machine (localhost, 127.0.0.0/8, [::1]) or
 * the host that --listen was given? A page that a browser was led to by a
 * rebound DNS name says another. NULL (HTTP/1.0) is fine; listen is NULL where
 * any name will do.
 */
bool route_host_ok(const char *host, const char *listen);

#endif
