#include "cred/project.h"

#include <string.h>

#include "base/clock.h"
#include "base/utf8.h"
#include "json/doc.h"
#include "net/client.h"
#include "net/url.h"

struct question {
	const char		*url;
	struct buf		*name;
	struct err		*e;
	enum project_answer	 answer;
	bool			 over;
};

/* {"data":[{"id":"...","name":"..."}]} */
static enum project_answer
read_projects(struct question *q, const struct client_reply *r)
{
	struct doc *d = doc_parse(r->body, r->n, NULL);
	const struct doc *first = doc_first(doc_get(d, "data"));
	const char *name = doc_str(doc_get(first, "name"));
	const char *id = doc_str(doc_get(first, "id"));

	if (id == NULL) {
		doc_free(d);
		err_set(q->e, "%s: answers, but not like Langfuse", q->url);
		return PROJECT_SILENT;
	}
	buf_adds(q->name, "project ");
	if (name != NULL)
		utf8_vis(q->name, name, strlen(name), false);
	buf_adds(q->name, " (");
	utf8_vis(q->name, id, strlen(id), false);
	buf_adds(q->name, ") at ");
	url_host(q->name, q->url);
	doc_free(d);
	return PROJECT_KNOWN;
}

static void
answered(void *arg, const struct client_reply *r)
{
	struct question *q = arg;

	q->over = true;
	if (r->trouble != CLIENT_OK) {
		err_set(q->e, "%s: %s", q->url, r->why);
		q->answer = r->trouble == CLIENT_SETUP ? PROJECT_MISTAKE :
		    PROJECT_SILENT;
	} else if (r->status == 200)
		q->answer = read_projects(q, r);
	else if (r->status == 401 || r->status == 403) {
		err_set(q->e, "%s: refuses the keys (status %d)", q->url,
		    r->status);
		q->answer = PROJECT_REFUSED;
	} else {
		err_set(q->e, "%s: status %d%s%s", q->url, r->status,
		    r->location != NULL ? ", go to " : "",
		    r->location != NULL ? r->location : "");
		q->answer = PROJECT_SILENT;
	}
}

enum project_answer
project_ask(const struct cred *c, const char *base, const char *ca_file,
    int64_t timeout_ns, struct buf *name, struct err *e)
{
	struct client *client = client_new("langfuse-auth", e);
	char *secret = cred_basic(c, "Authorization: ");
	struct buf url = { 0 };
	struct question q = { .name = name, .e = e,
	    .answer = PROJECT_MISTAKE };
	struct client_req req = { .secret = secret, .timeout_ns = timeout_ns,
	    .tls = { .ca_file = ca_file } };

	url_under(&url, base, "/api/public/projects", "/api/public/");
	q.url = req.url = buf_cstr(&url);
	if (client == NULL || secret == NULL || url.err != 0)
		err_set(e, "out of memory");
	else if (client_send(client, &req, answered, &q, e) == 0)
		while (!q.over)
			if (client_wait(client, NULL, 0, 1000) == -1) {
				err_set(e, "%s: cannot wait", q.url);
				break;
			}
	client_free(client);
	cred_wipe(secret);
	buf_fini(&url);
	return q.answer;
}
