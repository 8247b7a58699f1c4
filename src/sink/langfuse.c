/*
 * What Langfuse answers: the body of a 200 is no OTLP response, and says
 * nothing worth knowing.
 */
#include "sink/sink.h"

void
langfuse_judge(const struct sink_reply *reply, struct sink_judgement *j)
{
	j->verdict = retry_verdict(reply->status);
	j->rejected = 0;
	j->why[0] = '\0';
	if (j->verdict != RETRY_DONE)
		sink_reason(reply, j->why, sizeof(j->why));
}
