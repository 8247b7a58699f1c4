#include "recv/form.h"

#include <string.h>

#define HEAD_ENOUGH	64	/* bytes that tell JSON from protobuf */

enum form
form_tell(const char *p, size_t n, bool eof)
{
	size_t i = 0;

	if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		return FORM_JSON;
	while (i < n && strchr(" \t\r\n", p[i]) != NULL && p[i] != '\0')
		i++;
	if (i == n && n < HEAD_ENOUGH && !eof)
		return FORM_UNKNOWN;
	if (i == n)
		return FORM_JSON;	/* white space only */
	if (p[i] != '{')
		return p[0] == '\n' || (unsigned char)p[i] < ' ' ?
		    FORM_PROTOBUF : FORM_JSON;
	for (i++; i < n && strchr(" \t\r\n", p[i]) != NULL && p[i] != '\0';)
		i++;
	if (i == n)
		return eof || n >= HEAD_ENOUGH ? FORM_JSON : FORM_UNKNOWN;
	return p[i] == '"' || p[i] == '}' ? FORM_JSON : FORM_PROTOBUF;
}
