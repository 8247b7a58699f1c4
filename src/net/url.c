#include "net/url.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

/* Where the host begins; NULL when it is neither http nor https. */
static const char *
authority(const char *url)
{
	if (strncasecmp(url, "http://", 7) == 0)
		return url + 7;
	if (strncasecmp(url, "https://", 8) == 0)
		return url + 8;
	return NULL;
}

int
url_check(const char *url, struct err *e)
{
	const char *host = authority(url);
	size_t n;

	if (host == NULL)
		return err_set(e, strstr(url, "@") != NULL ?
		    "a URL must begin with http:// or https://" :
		    "%s: a URL must begin with http:// or https://", url);
	n = strcspn(host, "/?#");
	if (memchr(host, '@', n) != NULL)
		return err_set(e, "a URL must not hold a user name or "
		    "password");
	if (n == 0 || *host == ':')
		return err_set(e, "%s: a URL without a host", url);
	for (const char *p = url; *p != '\0'; p++)
		if (*p <= ' ' || *p > '~')
			return err_set(e, "%s: no such character in a URL",
			    url);
	return 0;
}

void
url_under(struct buf *out, const char *base, const char *path,
    const char *root)
{
	const char *host = authority(base), *p;
	size_t n = strlen(base), k = strlen(root);

	while (k > 1 && root[k - 1] == '/')
		k--;
	for (p = strchr(host != NULL ? host : base, '/'); p != NULL;
	    p = strchr(p + 1, '/'))
		if (strncmp(p, root, k) == 0 &&
		    (p[k] == '\0' || p[k] == '/')) {
			n = (size_t)(p - base);
			break;
		}
	while (n > 0 && base[n - 1] == '/')
		n--;
	buf_add(out, base, n);
	buf_adds(out, path);
}

void
url_host(struct buf *out, const char *url)
{
	const char *host = authority(url), *end;

	if (host == NULL)
		return;
	if (*host == '[') {
		host++;
		end = host + strcspn(host, "]/?#");
	} else
		end = host + strcspn(host, ":/?#");
	buf_add(out, host, (size_t)(end - host));
}
