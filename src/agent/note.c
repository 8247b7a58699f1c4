#include "agent/note.h"

#include <stdlib.h>
#include <string.h>

static const char open_tag[] = "<task-notification>";

/* Raw text between <tag> and </tag>; the last </tag> for what may nest. */
static struct json_val
between(struct json_val s, const char *tag)
{
	struct json_val v = { NULL, 0, JSON_NONE };
	char open[32] = "<", shut[32] = "</";
	const char *end = s.p + s.n - 1, *p, *q;
	size_t n = strlen(tag);

	memcpy(open + 1, tag, n);
	memcpy(open + 1 + n, ">", 2);
	memcpy(shut + 2, tag, n);
	memcpy(shut + 2 + n, ">", 2);
	p = memmem(s.p, s.n, open, n + 2);
	if (p == NULL)
		return v;
	p += n + 2;
	q = memmem(p, (size_t)(end - p), shut, n + 3);
	if (q == NULL)
		return v;
	return (struct json_val){ p, (size_t)(q - p), JSON_STRING };
}

bool
note_parse(struct json_val prompt, struct note *note)
{
	memset(note, 0, sizeof(*note));
	if (prompt.type != JSON_STRING || prompt.n < sizeof(open_tag) + 1 ||
	    memcmp(prompt.p + 1, open_tag, sizeof(open_tag) - 1) != 0)
		return false;
	note->prompt = prompt;
	note->task = between(prompt, "task-id");
	note->tool = between(prompt, "tool-use-id");
	note->status = between(prompt, "status");
	note->summary = between(prompt, "summary");
	note->result = between(prompt, "result");
	return true;
}

/* A JSON string around raw text, in malloc'd memory. */
static struct json_val
quoted(struct json_val raw, char **mem)
{
	*mem = NULL;
	if (raw.type == JSON_NONE)
		return raw;
	*mem = malloc(raw.n + 2);
	if (*mem == NULL)
		return (struct json_val){ NULL, 0, JSON_NONE };
	(*mem)[0] = '"';
	memcpy(*mem + 1, raw.p, raw.n);
	(*mem)[raw.n + 1] = '"';
	return (struct json_val){ *mem, raw.n + 2, JSON_STRING };
}

void
note_link(struct session *s, const struct note *note)
{
	static const char completed[] = "completed";
	char *m1, *m2, *m3;
	struct json_val task = quoted(note->task, &m1);
	struct json_val tool = quoted(note->tool, &m2);
	struct json_val result = quoted(note->result, &m3);
	bool failed = note->status.type != JSON_NONE &&
	    (note->status.n != sizeof(completed) - 1 ||
	    memcmp(note->status.p, completed, note->status.n) != 0);

	if (task.type != JSON_NONE && tool.type != JSON_NONE)
		(void)store_link(s, task, tool, result, failed);
	free(m1);
	free(m2);
	free(m3);
}
