/*
 * Which traces belong to a sample: OpenTelemetry's consistent probability
 * sampling (https://opentelemetry.io/docs/specs/otel/trace/
 * tracestate-probability-sampling/). The randomness of a trace are the last 56
 * bits of its id, or what "rv" in the "ot" entry of its trace state says; it
 * is kept if that is not below the threshold (1 - p) * 2^56. The same traces
 * are kept everywhere, and a smaller sample is part of every larger one.
 */
#ifndef FILTER_SAMPLE_H
#define FILTER_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/record.h"

#define SAMPLE_ONE	(UINT64_C(1) << 56)

/* "0.1", "10%", 0 to 1. 0, or -1 when it is none. */
int sample_parse(const char *s, uint64_t *threshold);

/* Is the record's trace in the sample? true when it has no trace id. */
bool sample_keeps(uint64_t threshold, const struct record *r);

#endif
