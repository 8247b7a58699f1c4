/*
 * Spans of emitters we have no table for: what the general conventions say of
 * them (OpenTelemetry GenAI, OpenInference) is said in the other dialects,
 * too. Nothing the client set is changed.
 */
#ifndef AGENT_GENERIC_H
#define AGENT_GENERIC_H

#include "agent/emit.h"
#include "base/out.h"
#include "record/record.h"

/*
 * Writes the span with what can be added. 0; ENRICH_PASS when there is
 * nothing to add (nothing was written); or an exit code.
 */
int generic_span(struct emit *e, const struct record *r, struct out *out);

#endif
