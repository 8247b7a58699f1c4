/*
 * The members of a line, as far as they are looked at: every line of a history
 * has a dozen or two of them.
 */
#include "import/transcript.h"

#include <stddef.h>
#include <string.h>

#include "import/import.h"
#include "record/rtime.h"

enum kind { VALUE, FLAG, TIME };

struct place {
	const char	*name;		/* NULL: the last */
	enum kind	 kind;
	size_t		 off;
};

#define AT(kind, m)	kind, offsetof(struct tr_line, m)
#define LAST		{ NULL, VALUE, 0 }
#define LENGTHS		21

/* By the length of the name. */
static const struct place *const places[LENGTHS] = {
	[3] = (const struct place[]){
		{ "cwd", AT(VALUE, cwd) },
		LAST },
	[4] = (const struct place[]){
		{ "type", AT(VALUE, type) },
		{ "uuid", AT(VALUE, uuid) },
		LAST },
	[5] = (const struct place[]){
		{ "error", AT(VALUE, error) },
		{ "event", AT(VALUE, event) },
		{ "model", AT(VALUE, model) },
		LAST },
	[6] = (const struct place[]){
		{ "effort", AT(VALUE, effort) },
		{ "isMeta", AT(FLAG, meta) },
		{ "params", AT(VALUE, params) },
		{ "result", AT(VALUE, text) },
		LAST },
	[7] = (const struct place[]){
		{ "agentId", AT(VALUE, agent) },
		{ "message", AT(VALUE, message) },
		{ "subtype", AT(VALUE, subtype) },
		{ "version", AT(VALUE, version) },
		LAST },
	[8] = (const struct place[]){
		{ "agent_id", AT(VALUE, agent) },
		{ "is_error", AT(VALUE, ended) },
		{ "promptId", AT(VALUE, prompt_id) },
		LAST },
	[9] = (const struct place[]){
		{ "gitBranch", AT(VALUE, branch) },
		{ "requestId", AT(VALUE, request) },
		{ "sessionId", AT(VALUE, session) },
		{ "timestamp", AT(TIME, time) },
		LAST },
	[10] = (const struct place[]){
		{ "attachment", AT(VALUE, attachment) },
		{ "modelUsage", AT(VALUE, models) },
		{ "parentUuid", AT(VALUE, parent) },
		{ "request_id", AT(VALUE, request) },
		{ "session_id", AT(VALUE, session) },
		LAST },
	[11] = (const struct place[]){
		{ "duration_ms", AT(VALUE, duration) },
		{ "isSidechain", AT(FLAG, side) },
		LAST },
	[13] = (const struct place[]){
		{ "subagent_type", AT(VALUE, agent_type) },
		{ "toolUseResult", AT(VALUE, result) },
		LAST },
	[14] = (const struct place[]){
		{ "apiErrorStatus", AT(VALUE, status) },
		LAST },
	[15] = (const struct place[]){
		{ "tool_use_result", AT(VALUE, result) },
		LAST },
	[16] = (const struct place[]){
		{ "api_error_status", AT(VALUE, status) },
		{ "attributionAgent", AT(VALUE, agent_type) },
		{ "isCompactSummary", AT(FLAG, summary) },
		LAST },
	[17] = (const struct place[]){
		{ "isApiErrorMessage", AT(FLAG, api_error) },
		LAST },
	[18] = (const struct place[]){
		{ "parent_tool_use_id", AT(VALUE, tool_parent) },
		{ "permissionDecision", AT(VALUE, decision) },
		LAST },
	[19] = (const struct place[]){
		{ "claude_code_version", AT(VALUE, version) },
		LAST },
	[20] = (const struct place[]){
		{ "is_api_error_message", AT(FLAG, api_error) },
		LAST },
};

/* Of that length. A call of memcmp costs more than what is compared. */
static inline bool
is_name(const char *name, const struct json_member *m)
{
	const char *key = m->key;
	size_t n = m->klen;
	uint64_t a, b;

	if (name[0] != key[0])
		return false;
	for (; n >= sizeof(a); n -= sizeof(a), name += sizeof(a),
	    key += sizeof(a)) {
		memcpy(&a, name, sizeof(a));
		memcpy(&b, key, sizeof(b));
		if (a != b)
			return false;
	}
	for (; n > 0; n--)
		if (*name++ != *key++)
			return false;
	return true;
}

int
transcript_member(struct tr_line *l, const struct json_member *m)
{
	const struct place *p = m->klen < LENGTHS ? places[m->klen] : NULL;
	void *to;

	if (p == NULL || m->val.type == JSON_NULL)
		return TRANSCRIPT_NOWHERE;
	while (p->name != NULL && !is_name(p->name, m))
		p++;
	if (p->name == NULL)
		return TRANSCRIPT_NOWHERE;
	to = (char *)l + p->off;
	switch (p->kind) {
	case VALUE:
		*(struct json_val *)to = m->val;
		return (int)p->off;
	case FLAG:
		*(bool *)to = m->val.type == JSON_TRUE;
		break;
	case TIME:
		if (rtime_get(m->val, to) == -1)
			*(uint64_t *)to = 0;
		break;
	}
	return TRANSCRIPT_FLAG;
}

void
transcript_members(struct tr_line *l, const struct import *im,
    struct json_val v)
{
	struct json_iter it;
	struct json_member m;

	memset(l, 0, sizeof(*l));
	if (im->indexed == v.p) {
		for (size_t i = 0; i < im->nmember; i++)
			(void)transcript_member(l, &im->member[i]);
	} else {
		json_iter(&it, v);
		while (json_next_member(&it, &m))
			(void)transcript_member(l, &m);
	}
	transcript_message(&l->m, l->message);
}
